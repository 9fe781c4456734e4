// The head of a call as an owner gets it, written anew for each attempt: rewritten target, the
// consumer's end-to-end fields, context, time left, framing, signature.
//
// Thread: worker.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "filter/signer.h"
#include "http/hop_by_hop.h"
#include "http/message.h"
#include "policy/request_context.h"
#include "proxy/request_body.h"
#include "route/router.h"

namespace usher::proxy {

struct OwnerRequest {
  const http::RequestHead& head;  // as the consumer sent it
  const http::ConnectionOptions& connection_options;
  const route::RouteMatch& match;
  const policy::RequestContext& context;
  const RequestBody& body;
  std::string_view authority;  // of the host that was chosen
  std::string_view consumer;
  std::string_view made_key;  // an Idempotency-Key that Usher made; else empty
  int retry_attempt;          // 0: X-Retry-Attempt as the consumer sent it
  Duration time_left;         // for this attempt
  std::int64_t wall_ms;
  bool may_keep = false;  // its answer may be kept
  // The owner is asked whether a kept answer is still good, and not by the consumer's own
  // conditions.
  bool unconditional = false;
  std::string_view if_none_match{};
  std::string_view if_modified_since{};
};

// Writes the head into `buffer` and returns it. `reason` says why signing failed.
// Errors: SigningFailed; HeadersTooLarge when it does not fit.
Result<std::string_view> write_owner_head(const OwnerRequest& request, filter::WorkerSigner& signer,
                                          Random& random, std::span<char> buffer,
                                          std::string& reason);

}  // namespace usher::proxy
