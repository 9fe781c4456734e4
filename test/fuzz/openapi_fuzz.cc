// OpenAPI documents: whatever they hold, an import ends, each mistake has its place, and what is
// written is a service file that the loader's reader takes. What is exported of it is the same
// service again.
//
// Input: a document, JSON or YAML.
#include <algorithm>
#include <string>
#include <string_view>

#include "base/check.h"
#include "config/compile.h"
#include "config/validate.h"
#include "openapi/export.h"
#include "openapi/import.h"

namespace {

using namespace usher;

// As config::load() does it, but for the files.
config::Snapshot load(const std::string& text) {
  config::Snapshot snapshot;
  config::Problems problems;
  config::FilesRead files;
  config::References references(files, problems);
  const auto usher_document =
      config::Document::parse("usher.json", 0, R"({"consumer": "fuzzer"})", problems);
  const auto document = config::Document::parse("a.json", 1, text, problems);
  USHER_CHECK(usher_document != nullptr && document != nullptr);
  config::UsherSettings usher =
      config::read_usher_file(usher_document->root(), references, snapshot, problems);
  usher.presets.set_incomplete();
  std::vector<config::ServiceSettings> services;
  services.push_back(
      config::read_service_file(document->root(), references, usher.presets, problems));
  config::validate(usher, services, problems);
  // Schemes and secrets are beyond an import.
  for (auto& endpoint : services.front().endpoints) endpoint.auth = nullptr;
  config::compile(usher, std::move(services), 0, references, problems, snapshot);
  USHER_CHECK(problems.empty());
  return snapshot;
}

openapi::ImportResult import(const std::string& text) {
  return openapi::import_service({.file = "api", .text = text},
                                 {.service = "a", .prefixes = {}, .existing = {}});
}

void check_problem(const config::Problem& problem, std::string_view text) {
  USHER_CHECK(!problem.message.empty());
  if (problem.line == 0 || problem.file != "api") return;
  std::size_t begin = 0;
  for (std::uint32_t line = 1; line < problem.line; ++line) {
    begin = text.find('\n', begin);
    USHER_CHECK(begin != std::string_view::npos);
    ++begin;
  }
  const std::size_t end = std::min(text.find('\n', begin), text.size());
  USHER_CHECK(problem.column >= 1 && problem.column <= end - begin + 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const openapi::ImportResult result = import(text);
  USHER_CHECK(result.text.empty() == !result.problems.empty());
  for (const config::Problem& problem : result.problems) check_problem(problem, text);
  for (const config::Problem& note : result.notes) check_problem(note, text);
  if (result.text.empty()) return 0;

  const config::Snapshot snapshot = load(result.text);
  const openapi::ExportResult document = openapi::export_document(snapshot, {}, "a");
  const openapi::ImportResult again = import(document.text);
  for (const config::Problem& problem : again.problems) USHER_CHECK(problem.message.empty());
  const config::Snapshot second = load(again.text);
  USHER_CHECK(second.endpoints.size() == snapshot.endpoints.size());
  USHER_CHECK(openapi::export_document(second, {}, "a").text == document.text);
  return 0;
}
