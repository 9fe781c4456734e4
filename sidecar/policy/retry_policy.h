// RetryPolicy decides, after each attempt of a call, whether there is another one, and when.
//
// RetryState is one call's memory: plain data inside the Exchange. decide() is the only place that
// says yes, and whoever asks it must not send again on anything but Verdict Retry or Transparent.
//
// Two rules stand above every option: nothing is sent again once a byte of an answer has gone to
// the consumer, and a call that may not be repeated is sent again only when nothing of it was
// written.
//
// Thread: worker.  Time, chance and budget are the caller's.
// Source: Envoy's retry back-off; gRPC A6 (commit point, transparent retries, pushback); Finagle's
// budget; nginx's proxy_next_upstream non_idempotent rule.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "policy/backoff.h"
#include "policy/deadline.h"
#include "policy/outcome.h"
#include "policy/repeatability.h"
#include "policy/retry_budget.h"

namespace usher::policy {

struct RetryOptions {
  int attempts = 3;  // of one call in all, the first included; 1 is no retry
  BackoffOptions backoff;
  bool on_not_sent = true;
  bool on_reset = true;
  bool on_timeout = true;
  bool on_bad_answer = true;  // once a call
  // Without 500: an owner that fails on a call mostly does so again.
  StatusSet statuses{408, 425, 429, 502, 503, 504};
  // An owner that wants to be left alone for longer is not asked again.
  Duration retry_after_max = std::chrono::seconds(2);

  bool operator==(const RetryOptions&) const = default;
};

// What the platform's client means to retry on: 429 and 5xx but 501.
inline constexpr StatusSet platform_retry_statuses() {
  StatusSet statuses = StatusSet::range(500, 599, {501});
  statuses.add(429);
  return statuses;
}

// The platform's presets by name (fast, standard, aggressive, patient, none), with its statuses and
// its delays, which double; nothing for another name.
std::optional<RetryOptions> retry_preset(std::string_view name);

enum class RetryVerdict : std::uint8_t {
  Retry,            // after `delay`
  Transparent,      // at once on a fresh connection: the old one had died under the call. Counts
                    // neither as a retry nor in the budget
  NotRetryable,     // a success, or a failure that another try would not mend
  Committed,        // part of an answer has gone to the consumer
  Unsafe,           // the owner may have it, and must not get it twice
  ConsumerRetries,  // the consumer repeats by itself; together they would multiply
  AdvisedAgainst,   // consumer or owner asked that it be not repeated
  AttemptsUsed,
  BodyGone,  // the request's body cannot be sent again
  RetryAfterTooLong,
  NoTime,  // another attempt could not finish before the deadline
  NoBudget,
};
inline constexpr std::size_t kRetryVerdicts = static_cast<std::size_t>(RetryVerdict::NoBudget) + 1;
// As metrics and logs spell it: "retry", "no_budget", …
std::string_view to_string(RetryVerdict verdict);

struct RetryDecision {
  RetryVerdict verdict = RetryVerdict::NotRetryable;
  Duration delay{};

  bool again() const {
    return verdict == RetryVerdict::Retry || verdict == RetryVerdict::Transparent;
  }
};

// What is known when an attempt has ended.
struct RetryQuestion {
  Outcome outcome;
  Repeatability repeatability = Repeatability::Unsafe;
  bool answer_begun = false;      // a byte of an answer has gone to the consumer
  bool body_replayable = true;    // the whole body can be sent (again)
  bool consumer_retries = false;  // see repeat_detector.h
  bool advised_against = false;
  bool other_host = false;              // an address that this call has not tried may be used
  std::optional<Duration> retry_after;  // of the answer; looked at with 429 and 503
  Duration typical{};                   // the endpoint's median; zero when unknown
  Deadline deadline;
};

class RetryState {
 public:
  // REQUIRES: the attempt that ended was begun as this object had said (the first one freely).
  RetryDecision decide(const RetryOptions& options, const RetryQuestion& question, Instant now,
                       RetryBudget& budget, Random& random);

  // How many retries decide() grants one call at most.
  static int retries_allowed(const RetryOptions& options, Repeatability repeatability);

  // Retries that decide() has granted, transparent ones not included.
  int retries() const { return retries_; }

 private:
  // Calls that may not be repeated get this many further tries to connect.
  static constexpr int kMaxUnsafeRetries = 2;

  RetryVerdict refuse(const RetryOptions& options, const RetryQuestion& question) const;
  RetryDecision decide_transparent(const RetryQuestion& question, Instant now);
  std::optional<Duration> delay(const RetryOptions& options, const RetryQuestion& question,
                                Instant now, Random& random);

  int retries_ = 0;
  int backoff_steps_ = 0;  // delays since the start, or since the owner named one
  bool was_transparent_ = false;
  bool had_bad_answer_ = false;
};

}  // namespace usher::policy
