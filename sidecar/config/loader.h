// load(): configuration directories → Snapshot, or every mistake in them.
//
// Reads DIR/usher.json and DIR/services/*.json, strict JSON: an unknown key, a wrong type, a value
// out of range, a reference that cannot be resolved are errors, each with file, line and column,
// all of them in one go. Later directories are laid over the first (overlay.h), services by their
// name.
//
// Thread: main. Blocking file reads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "config/problem.h"
#include "config/snapshot.h"

namespace usher::config {

struct LoadResult {
  std::shared_ptr<const Snapshot> snapshot;  // null when there are problems
  // Both in the order of files, lines and columns.
  std::vector<Problem> problems;
  std::vector<Problem> warnings;
  // All that was read or looked for, of failed loads too: a change of one may change the result.
  std::vector<std::filesystem::path> files;
  // Of the bytes of all of them: equal when nothing has changed.
  std::uint64_t fingerprint = 0;
};

// What explaining a configuration needs less of than running it.
struct LoadOptions {
  std::string consumer;  // instead of the configuration's; empty: that one
  // false: secrets that are missing or weak are warnings. A signer that can do nothing without its
  // own is then none, and Redis is left out.
  bool needs_secrets = true;
};

// `now_ms`: the wall clock, milliseconds since 1970, for tokens that are made on the way.
// REQUIRES: at least one directory.
LoadResult load(const std::vector<std::filesystem::path>& directories, std::int64_t now_ms,
                const LoadOptions& options = {});

}  // namespace usher::config
