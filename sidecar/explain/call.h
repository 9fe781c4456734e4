// explain_call(): what would happen to a call.
//
// Everything is asked of the parts that decide it when a call is made: the parser, the router, the
// context, the cache's key, the signer.
//
// Thread: any; nothing is sent.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/snapshot.h"
#include "explain/cache_plan.h"
#include "explain/effective.h"
#include "explain/parsed_call.h"
#include "explain/retry_plan.h"
#include "explain/signing.h"

namespace usher::explain {

// Why Usher would answer the call itself.
struct Refusal {
  std::string code;  // "NO_ENDPOINT"
  int status = 0;
  std::string why;
};

// A call that matched an endpoint.
struct MatchedCall {
  const route::Endpoint* endpoint = nullptr;
  std::string listener;  // where it is called
  std::string owner_target;
  std::string tenant;
  std::string user;
  std::string idempotency_key;  // in words; empty: none is sent
  std::vector<Setting> owner;
  std::vector<Setting> policy;
  CachePlan cache;
  Signing signing;
  RetryPlan retries;
};

struct CallExplanation {
  std::string method;
  std::string url;
  std::string consumer;
  std::optional<Refusal> refusal;      // nothing: it would be called
  std::optional<MatchedCall> matched;  // maybe refused all the same
  std::vector<std::string> nearest;    // without one: endpoints like it, "GET /path (service/name)"
};

CallExplanation explain_call(const config::Snapshot& snapshot, const Asked& asked);

}  // namespace usher::explain
