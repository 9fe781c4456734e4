// usher explain METHOD URL [--consumer NAME] [--header 'N: v']… [--config DIR]… [--format
// text|json]
//               [--admin ADDR]
//
// Thread: main. Blocking file reads, and sockets with --admin.
#pragma once

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace usher::cli {

struct ExplainOptions {
  std::string method;
  std::string url;                   // absolute, or a path
  std::string consumer;              // --consumer; empty: the configuration's
  std::vector<std::string> headers;  // --header: "name: value"
  std::vector<std::filesystem::path>
      directories;    // --config, at least one without --admin; later ones over earlier
  bool json = false;  // --format json
  std::string admin;  // --admin: a running sidecar's, "host:port" or "unix:/path"; empty: none
};

// What would happen to the call goes to `out`, mistakes of the configuration to `err`, a line each;
// secrets that are missing here are notes. Returns the exit status: 0 when an endpoint matches and
// would be called, 1 when not, or when it cannot be said.
int explain(const ExplainOptions& options, std::FILE* out, std::FILE* err);

}  // namespace usher::cli
