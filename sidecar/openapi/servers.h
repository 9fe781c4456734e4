// Servers: where an OpenAPI document says that its paths are.
//
// Thread: any.
#pragma once

#include <string>

#include "config/json_reader.h"
#include "config/problem.h"

namespace usher::openapi {

struct Servers {
  std::string address;                   // "http://ticket-service:3004"; empty: none is usable
  std::string path;                      // in front of every path; empty, or from its '/' on
  const config::Value* value = nullptr;  // the "url" that was taken; null: `servers` has none
};

// The first server that Usher can call, else the first; what of it cannot be used, and that there
// are others, is noted.
Servers read_servers(const config::Document& document, config::Problems& notes);

}  // namespace usher::openapi
