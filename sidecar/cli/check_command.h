// usher check [--config DIR…] [--format text|json] [--strict]
//
// All that `usher run` would load, and the contracts in DIR/openapi.
//
// Thread: main. Blocking file reads.
#pragma once

#include <cstdio>
#include <filesystem>
#include <vector>

namespace usher::cli {

struct CheckOptions {
  std::vector<std::filesystem::path>
      directories;      // --config, at least one; later ones over earlier
  bool json = false;    // --format json
  bool strict = false;  // --strict
};

// Every error and warning goes to `out`: a line each and a summary, or one JSON object. Returns the
// exit status: 0, or 1 where there are errors, and for `strict` where there are warnings.
int check(const CheckOptions& options, std::FILE* out);

}  // namespace usher::cli
