// import_service(): an OpenAPI 3.0 or 3.1 document → the text of a services/NAME.json.
//
// One endpoint for each operation: its name from operationId (else from method and path), its match
// from the path, its tenant and idempotency from the header parameters, anything else from the
// operation's "x-usher" object, whose members are an endpoint's keys. Where the owner listens comes
// from `servers`. What is written is what config::load() takes.
//
// Thread: any; no I/O. Bounds: what config::Document has (16 MiB, 64 levels), 20,000 operations.
// Source: OpenAPI 3.0.4 and 3.1.1; YAML 1.1 as libyaml reads it, with YAML 1.2's JSON schema.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/problem.h"

namespace usher::openapi {

// A file and what is in it.
struct Source {
  std::string file;  // its name in messages; .yaml and .yml are read as YAML, .json as JSON
  std::string text;
};

struct ImportOptions {
  std::string service;                // the owner's name, as config wants names
  std::vector<std::string> prefixes;  // operations at and below these paths alone; empty: all
  // The service file that is there already: what stands in it stays as its owner wrote it, and
  // operations that it lacks are added.
  std::optional<Source> existing;
};

struct ImportResult {
  std::string text;                       // services/NAME.json; empty when there are problems
  std::vector<config::Problem> problems;  // mistakes, in the order of lines
  std::vector<config::Problem> notes;     // what was not taken over, or has to be looked at
};

ImportResult import_service(Source document, const ImportOptions& options);

}  // namespace usher::openapi
