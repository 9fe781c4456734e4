// Deadline: the instant by which a call must be answered, whatever happens on the way.
//
// Thread: any. Pure. Wire: X-Request-Timeout-Ms, the milliseconds that are left, relative, so that
// no two clocks need agree (as grpc-timeout).
#pragma once

#include <algorithm>
#include <optional>

#include "base/clock.h"
#include "http/message.h"

namespace usher::policy {

// Kept back from what an attempt is given and told, for the way of its answer to the consumer.
inline constexpr Duration kAnswerMargin = std::chrono::milliseconds(2);
// No repeat begins with less than this, however fast the endpoint usually is.
inline constexpr Duration kMinAttempt = std::chrono::milliseconds(10);
// A consumer that asks for more has made a mistake.
inline constexpr Duration kMaxRequestTimeout = std::chrono::hours(1);

// X-Request-Timeout-Ms as a consumer sent it.
struct RequestTimeout {
  std::optional<Duration> value;  // zero is a value: no time is left
  bool invalid = false;  // no whole number, above kMaxRequestTimeout, or given twice: to be
                         // counted, not obeyed
};

RequestTimeout read_request_timeout(const http::Fields& fields);

class Deadline {
 public:
  Deadline() = default;
  explicit Deadline(Instant at) : at_(at) {}

  // For a call whose head was whole at `now`: the endpoint's timeout, which the consumer's may only
  // shorten.
  static Deadline of_call(Instant now, Duration timeout, const RequestTimeout& consumer) {
    return Deadline(now + std::min(timeout, consumer.value.value_or(timeout)));
  }

  Instant at() const { return at_; }
  bool passed(Instant now) const { return now >= at_; }
  // Negative once passed.
  Duration left(Instant now) const { return at_ - now; }

  // How long an attempt that begins now may take until its answer's head is there; also what it
  // tells the owner, in whole milliseconds. No attempt may begin when this is less than one.
  Duration for_attempt(Instant now, Duration per_try) const {
    return std::min(per_try, left(now) - kAnswerMargin);
  }

  // Whether a repeat that begins after `wait` can finish, if it takes the `typical` time (the
  // endpoint's median; zero when unknown).
  bool leaves_time_for(Duration wait, Duration typical, Instant now) const {
    return left(now) >= wait + std::max(kMinAttempt, typical);
  }

 private:
  Instant at_ = kNever;
};

}  // namespace usher::policy
