// usher import openapi FILE --service NAME [--prefix PATH…] [--config DIR]
//
// Thread: main. Blocking file reads and writes.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace usher::cli {

struct ImportOptions {
  std::string file;                   // the OpenAPI document, JSON or YAML; "-": standard input
  std::string service;                // --service: the owner's name
  std::vector<std::string> prefixes;  // --prefix: operations at and below these paths alone
  // --config: DIR/services/NAME.json is written there; what stands in it already stays. Empty: the
  // text goes to `out`.
  std::string directory;
};

// Mistakes and notes go to `err`, a line each. Returns the exit status: 0, or 1 after a mistake;
// then nothing was written.
int import_openapi(const ImportOptions& options, std::FILE* out, std::FILE* err);

}  // namespace usher::cli
