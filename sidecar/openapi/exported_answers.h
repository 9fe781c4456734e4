// ExportedAnswers: the answers of an exported operation: the owner's as its contract has them, and
// Usher's own errors, by status.
//
// Names and statuses of errors, and the bodies of the examples, are those of proxy/local_reply.h.
//
// Owner: one export.  Thread: any.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/snapshot.h"
#include "openapi/contract.h"
#include "openapi/exported_components.h"

namespace usher::openapi {

// The errors of Usher's own that a call of the endpoint can be answered with.
std::vector<ErrorCode> errors_of(const route::Endpoint& endpoint, const config::Snapshot& snapshot);

class ExportedAnswers {
 public:
  // Adds Usher's own schema, headers and examples, which speak of the endpoint `example`, to
  // `components`, which must outlive it.
  ExportedAnswers(const config::Snapshot& snapshot, const route::Endpoint& example,
                  ExportedComponents& components);

  // The Responses Object. `contract` and `operation` are null where there is none.
  config::Value answers_of(const route::Endpoint& endpoint, const Contract* contract,
                           const Operation* operation);

 private:
  void add_headers();
  void add_error_schema();
  void add_examples(const route::Endpoint& endpoint);
  config::Value headers_of(const route::Endpoint& endpoint) const;
  void put_owners(const route::Endpoint& endpoint, const Contract& contract,
                  const Operation& operation, config::Value& responses);
  void put_errors(const route::Endpoint& endpoint, config::Value& responses);
  void put_errors_of(const route::Endpoint& endpoint, int status,
                     const std::vector<ErrorCode>& codes, config::Value& response) const;
  void put_fallback(const route::Endpoint& endpoint, config::Value& responses) const;

  const config::Snapshot& snapshot_;
  ExportedComponents& components_;
};

}  // namespace usher::openapi
