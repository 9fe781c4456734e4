// Contracts: what owners say of their own operations, DIR/openapi/SERVICE.json each.
//
// An OpenAPI 3.1 document in JSON whose paths are those that consumers call (base_path included).
// Files of a later directory replace those of the same name in an earlier one.
//
// Owner: the command that asks.  Thread: any; immutable once read. Blocking file reads.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "config/json_reader.h"
#include "config/problem.h"
#include "config/snapshot.h"

namespace usher::openapi {

struct Contract {
  std::string service;
  std::unique_ptr<config::Document> document;
};

// By service.
using Contracts = std::vector<Contract>;

// All of them; a broken one, and one that is not OpenAPI 3.1, is an error in `problems`.
Contracts read_contracts(const std::vector<std::filesystem::path>& directories,
                         config::Problems& problems);

// Holds contracts against endpoints. Warns of operations that no endpoint serves, of endpoints that
// their service's contract lacks, and of contracts of services that are not configured.
void check_contracts(const config::Snapshot& snapshot, const Contracts& contracts,
                     config::Problems& problems);

}  // namespace usher::openapi
