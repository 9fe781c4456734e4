// Endpoint: one API operation of one owner ("GET /internal/tickets/{ticketId}/status") and its
// policy.
//
// Never a network address: that is a Host (upstream/host.h).
// Owner: the configuration's Snapshot.  Thread: any; immutable once loaded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "http/message.h"
#include "policy/endpoint_policy.h"
#include "route/path_template.h"

namespace usher::route {

struct Endpoint {
  std::uint32_t index = 0;    // of this endpoint in its Snapshot: also that of its metrics
  std::uint32_t cluster = 0;  // the owning service, by its index in the Snapshot
  std::uint32_t signer = 0;   // the signer, by its index in the Snapshot
  std::string name;           // "ticket-status"; unique in its service
  std::string service;        // "ticket-service"
  http::Method method = http::Method::Get;
  PathTemplate match;                  // what consumers call, base_path included
  PathTemplate rewrite;                // what the owner serves; parameters by name from `match`
  std::vector<std::string> consumers;  // the allowlist; empty: everybody
  bool consumer_allowed = true;        // its word on this process's consumer
  policy::EndpointPolicy policy;

  // Whether a call of it may be sent twice; `has_key`: it carries an Idempotency-Key.
  policy::Repeatability repeatability(bool has_key) const {
    return policy::repeatability(method, policy.idempotent, policy.safe, has_key);
  }
};

}  // namespace usher::route
