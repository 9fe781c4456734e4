// Contracts: what owners say of their own operations, DIR/openapi/SERVICE.json each.
//
// An OpenAPI 3.1 document in JSON whose paths are those that consumers call (base_path included).
// It is whole in itself: a "$ref" leads to its own components.
//
// Owner: the command that asks.  Thread: any; immutable once read. Blocking file reads.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "config/json_reader.h"
#include "config/problem.h"
#include "config/snapshot.h"
#include "openapi/description.h"

namespace usher::openapi {

class Contract {
 public:
  // Null after a mistake, which is reported.
  static std::unique_ptr<Contract> make(std::string service,
                                        std::unique_ptr<config::Document> document,
                                        config::Problems& problems);

  const std::string& service() const { return service_; }
  const config::Document& document() const { return *document_; }
  const std::vector<Operation>& operations() const { return description_.operations; }
  // The operation with the endpoint's method and path, whatever its parameters are called; null
  // without one.
  const Operation* find(const route::Endpoint& endpoint) const;

 private:
  Contract() = default;
  bool index(config::Problems& problems);

  std::string service_;
  std::unique_ptr<config::Document> document_;
  Description description_;
  std::unordered_map<std::string, const Operation*> by_shape_;
};

// In the order of services.
using Contracts = std::vector<std::unique_ptr<Contract>>;

// All of DIR/openapi/*.json; a file of a later directory replaces one of the same name. A broken
// one, and one that is not OpenAPI 3.1, is an error in `problems`.
Contracts read_contracts(const std::vector<std::filesystem::path>& directories,
                         config::Problems& problems);

// The service's, or null.
const Contract* find_contract(const Contracts& contracts, std::string_view service);

// Holds contracts against endpoints. `warnings`: operations that no endpoint serves, endpoints that
// their service's contract lacks, and contracts of services that are not configured.
void check_contracts(const config::Snapshot& snapshot, const Contracts& contracts,
                     config::Problems& warnings);

}  // namespace usher::openapi
