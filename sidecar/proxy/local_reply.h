// LocalReply: what Usher itself answers. The only place that knows which status and name an error
// has.
//
// Thread: worker. Error bodies say nothing that a peer sent, but the endpoint's and the service's
// configured names. Source: design of the error body; RFC 9209 for Proxy-Status.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "policy/fallback.h"

namespace usher::proxy {

// For whatever would take more memory than there is.
inline constexpr Error kNoMemory = {
    ErrorCode::Overloaded, Retry::Yes,
    "the calls of this sidecar hold as much as limits.memory allows"};

// For whatever begins after the end has.
inline constexpr Error kGoingDown = {ErrorCode::Draining, Retry::Yes, "this sidecar is going down"};

struct ErrorKind {
  std::string_view name;          // "CIRCUIT_OPEN", in the body
  int status;                     // of the answer
  std::string_view label;         // "circuit_open", the metric's outcome
  std::string_view proxy_status;  // an error type of RFC 9209 §2.3
  bool retryable;                 // may the consumer try again, by the nature of the error
};
const ErrorKind& kind_of(ErrorCode code);

// "first_byte", in the body and the metric's kind; empty for None.
std::string_view name_of(Timeout timeout);

// What is known of the call when Usher answers it; views that are empty are left out.
struct ReplyFacts {
  std::string_view service;
  std::string_view endpoint;
  std::string_view trace_id;
  std::string_view span_id;
  std::string_view allow;  // METHOD_NOT_ALLOWED: the methods, as in Allow
  int attempts = 0;
  bool sent = false;              // the owner may have received the call
  bool repeatable = false;        // the endpoint may be called twice
  Duration retry_in{};            // status 503: when to try again; zero: soon
  bool close = false;             // the connection ends with this answer
  std::string_view keep_alive{};  // else: the Keep-Alive field's value
  bool head_only = false;         // answers HEAD
  bool annotate = true;           // with the Usher-… fields
};

// The whole answer, head and body.
std::string render_error(const Error& error, const ReplyFacts& facts, std::int64_t wall_ms);

// The whole fixed answer that stands in for an owner's.
std::string render_fallback(const policy::Fallback& fallback, const ReplyFacts& facts,
                            std::int64_t wall_ms);

// The whole answer to OPTIONS *, which asks the sidecar and no owner (RFC 9110 §9.3.7).
std::string render_options(const ReplyFacts& facts, std::int64_t wall_ms);

}  // namespace usher::proxy
