// usher export openapi [--config DIR…] [--service NAME]
//
// Thread: main. Blocking file reads.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace usher::cli {

struct ExportOptions {
  std::vector<std::filesystem::path>
      directories;      // --config, at least one; later ones over earlier
  std::string service;  // --service; empty: all
};

// The document goes to `out`, mistakes of the configuration to `err`, a line each. Returns the exit
// status: 0, or 1 after a mistake.
int export_openapi(const ExportOptions& options, std::FILE* out, std::FILE* err);

}  // namespace usher::cli
