// What tests of sidecar/openapi/ have in common.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "openapi/contract.h"
#include "openapi/export.h"
#include "openapi/import.h"
#include "openapi/json_tree.h"
#include "unit/config/support.h"

namespace usher::openapi::test {

using Lines = std::vector<std::string>;

inline Lines lines_of(const std::vector<config::Problem>& problems) {
  Lines lines;
  for (const config::Problem& problem : problems) lines.push_back(to_string(problem));
  return lines;
}

inline ImportResult import_with(const std::string& text, const ImportOptions& options) {
  return import_service({.file = "api.yaml", .text = text}, options);
}

inline ImportResult import_yaml(const std::string& text, const std::string& service = "tickets") {
  return import_with(text, {.service = service, .prefixes = {}, .existing = {}});
}

// The paths of a small document; they stand from its third line on.
inline ImportResult import_paths(const std::string& paths, ImportOptions options = {}) {
  if (options.service.empty()) options.service = "tickets";
  return import_with("openapi: 3.1.0\npaths:\n" + paths, options);
}

// A configuration of these services. Its mistakes fail the test.
inline std::shared_ptr<const config::Snapshot> load_services(const Lines& services) {
  const config::test::TempDirectory directory;
  directory.write("usher.json", config::test::kUsher);
  for (const std::string& text : services) {
    const auto number = std::to_string(&text - services.data());
    directory.write("services/" + number + ".json", text);
  }
  const config::LoadResult result = config::load({directory.path()}, 0);
  for (const config::Problem& problem : result.problems) ADD_FAILURE() << to_string(problem);
  return result.snapshot;
}

inline std::shared_ptr<const config::Snapshot> load_service(const std::string& text) {
  return load_services({text});
}

// The import of these paths, loaded. Mistakes and notes fail the test.
inline std::shared_ptr<const config::Snapshot> load_paths(const std::string& paths,
                                                          ImportOptions options = {}) {
  const ImportResult result = import_paths(paths, std::move(options));
  EXPECT_EQ(lines_of(result.problems), Lines());
  return load_service(result.text);
}

// A service "tickets" with these endpoints, loaded.
inline std::shared_ptr<const config::Snapshot> load_endpoints(const std::string& endpoints,
                                                              const std::string& more = "") {
  return load_service(R"({"service": "tickets", "addresses": ["http://t:1"], )" + more +
                      R"("endpoints": [)" + endpoints + "]}");
}

// The contract of "tickets" with these paths and components. Its mistakes fail the test.
inline Contracts contract_of(const std::string& paths, const std::string& components = "{}",
                             const std::string& service = "tickets") {
  config::Problems problems;
  auto document = config::Document::parse(
      service + ".json", 0,
      R"({"openapi": "3.1.1", "info": {"title": "T", "version": "7"}, "paths": )" + paths +
          R"(, "components": )" + components + "}",
      problems);
  Contracts contracts;
  if (document != nullptr) {
    auto contract = Contract::make(service, std::move(document), problems);
    if (contract != nullptr) contracts.push_back(std::move(contract));
  }
  for (const config::Problem& problem : problems.take()) ADD_FAILURE() << to_string(problem);
  return contracts;
}

// The exported document, read.
inline std::unique_ptr<config::Document> exported(const config::Snapshot& snapshot,
                                                  const Contracts& contracts = {},
                                                  const std::string& service = "") {
  config::Problems problems;
  const ExportResult result = export_document(snapshot, contracts, service);
  EXPECT_EQ(result.notes, Lines());
  auto document = config::Document::parse("export.json", 0, result.text, problems);
  for (const config::Problem& problem : problems.take()) ADD_FAILURE() << to_string(problem);
  return document;
}

// The value at a pointer of it, as JSON; empty without one.
inline std::string json_at(const config::Document& document, const std::string& pointer) {
  const Value* value = at_pointer(document.root(), pointer);
  return value == nullptr ? std::string() : to_json(*value);
}

inline std::string text_at(const config::Document& document, const std::string& pointer) {
  const Value* value = at_pointer(document.root(), pointer);
  return value == nullptr ? std::string() : value->text;
}

// The names of an object's members.
inline Lines names_at(const config::Document& document, const std::string& pointer) {
  Lines names;
  const Value* value = at_pointer(document.root(), pointer);
  if (value == nullptr) return names;
  for (const Value& member : value->children) names.push_back(member.name);
  return names;
}

}  // namespace usher::openapi::test
