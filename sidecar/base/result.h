// Result<T> and Error: how anything that can fail says so.
//
// An Error is a value of 32 bytes without allocation: what happened (ErrorCode), on whose side,
// whether the call may be tried again, and a constant text for the operator. Errors become HTTP in
// one place, proxy/local_reply.cc.
#pragma once

#include <cstdint>
#include <string_view>
#include <tl/expected.hpp>

namespace usher {

// What went wrong, as the consumer and the operator should understand it. Names and statuses:
// proxy/local_reply.cc.
enum class ErrorCode : std::uint8_t {
  BadRequest,             // the consumer's call is not acceptable HTTP
  MissingTenantId,        // the endpoint requires X-Tenant-ID
  InvalidTenantId,        // X-Tenant-ID is not of the endpoint's format
  InvalidUserId,          // X-User-ID is not of the endpoint's format
  ConsumerNotAllowed,     // the endpoint's allowlist does not name this consumer
  NoEndpoint,             // no policy for this path
  MethodNotAllowed,       // a policy for this path, but not for this method
  RequestTimeout,         // the consumer stalled while sending
  BodyTooLarge,           // the body exceeds a limit
  HeadersTooLarge,        // the head exceeds a limit
  UpstreamConnectFailed,  // no connection to the owner; nothing was sent
  UpstreamReset,          // the owner closed before its answer was complete
  UpstreamProtocol,       // the owner's answer is not acceptable HTTP
  CircuitOpen,            // the circuit breaker lets no call through
  NoHealthyAddress,       // none of the owner's addresses can be resolved or used
  Overloaded,             // one of this process's own limits is reached
  Draining,               // the process is going down
  UpstreamTimeout,        // the owner did not answer within the try's timeout
  DeadlineExceeded,       // the whole call's time is over
  SigningFailed,          // the attempt could not be signed
  NotCached,              // the consumer wants a kept answer only, and there is none
  DestinationNotAllowed,  // a forward proxy is asked for what the configuration does not allow
  LoopDetected,           // the call would come back, or has come back, to this process
};
inline constexpr int kErrorCodes = static_cast<int>(ErrorCode::LoopDetected) + 1;

// Which of the timeouts was over, where one was.
enum class Timeout : std::uint8_t {
  None,
  RequestHead,  // from the first byte of a call's head to its last (outbound.head_timeout)
  Idle,         // a consumer's connection without a call (outbound.idle_timeout)
  RequestBody,  // no progress of a body that the consumer sends (outbound.body_timeout)
  AnswerWrite,  // no progress of an answer that the consumer reads (outbound.body_timeout)
  Connect,      // connect_timeout
  FirstByte,    // until the answer's head was there (per_try_timeout)
  AnswerBody,   // no progress of an answer's body (body_timeout)
  Call,         // the whole call (timeout)
};
inline constexpr int kTimeouts = static_cast<int>(Timeout::Call) + 1;

// Whether the same call may be put on a connection again (the idea: Pingora's RetryType).
enum class Retry : std::uint8_t {
  No,                     // the owner may have begun to act, or it would not help
  Yes,                    // nothing was sent
  IfConnectionWasReused,  // a kept-alive connection died under the call: a race, not a failure of
                          // the owner
};

struct Error {
  ErrorCode code;
  Retry retry = Retry::No;
  std::string_view detail{};  // constant text, never of the peer
  Timeout timeout = Timeout::None;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorCode code, std::string_view detail = {},
                                  Retry retry = Retry::No) {
  return tl::unexpected<Error>(Error{code, retry, detail});
}

}  // namespace usher
