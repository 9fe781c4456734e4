// load(): a configuration directory → Snapshot, or every mistake in it.
//
// Reads DIR/usher.json and DIR/services/*.json, strict JSON: an unknown key, a wrong type, a value
// out of range, a reference that cannot be resolved are errors, each with file, line and column,
// all of them in one go.
//
// Thread: main. Blocking file reads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "config/problem.h"
#include "config/snapshot.h"

namespace usher::config {

struct LoadResult {
  std::shared_ptr<const Snapshot> snapshot;  // null when there are problems
  std::vector<Problem> problems;             // in the order of files, lines and columns
};

// `now_ms`: the wall clock, milliseconds since 1970, for tokens that are made on the way.
LoadResult load(const std::filesystem::path& directory, std::int64_t now_ms);

}  // namespace usher::config
