// What tests of sidecar/openapi/ have in common.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "openapi/import.h"
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

// `text` as the only service of a configuration. Its mistakes fail the test.
inline std::shared_ptr<const config::Snapshot> load_service(const std::string& text) {
  const config::test::TempDirectory directory;
  directory.write("usher.json", config::test::kUsher);
  directory.write("services/imported.json", text);
  const config::LoadResult result = config::load(directory.path(), 0);
  for (const config::Problem& problem : result.problems) ADD_FAILURE() << to_string(problem);
  return result.snapshot;
}

// The import of these paths, loaded. Mistakes and notes fail the test.
inline std::shared_ptr<const config::Snapshot> load_paths(const std::string& paths,
                                                          ImportOptions options = {}) {
  const ImportResult result = import_paths(paths, std::move(options));
  EXPECT_EQ(lines_of(result.problems), Lines());
  return load_service(result.text);
}

}  // namespace usher::openapi::test
