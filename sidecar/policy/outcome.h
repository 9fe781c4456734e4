// Outcome: how an attempt ended, and what that says of the owner.
//
// Circuit breakers, host ejection and retries all begin here, so that they agree on what a failure
// is. A status of the owner's is no failure below 500: the owner works, it only says no.
//
// Thread: any. Pure.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "policy/status_set.h"

namespace usher::policy {

enum class AttemptEnd : std::uint8_t {
  Answered,         // a whole head came; `status` counts
  NotSent,          // name, connect, TLS or pool queue: no byte of the request was written
  StaleConnection,  // a reused connection closed before a byte of the answer: a race with the
                    // owner's idle timeout, not a failure. With nothing written it is NotSent
  Reset,            // a fresh connection ended before the answer's head was whole
  TimedOut,         // the try's timeout passed before the answer's head was whole
  BadAnswer,        // the answer is not acceptable HTTP
  BodyCut,          // the answer ended within its body; its head had been passed on
  Local,            // Usher itself refused: breaker, limit, budget, deadline, signing
  ConsumerGone,     // the consumer left first
  Superseded,       // another attempt of the same call (a hedge) answered first
};

struct Outcome {
  AttemptEnd end = AttemptEnd::Local;
  int status = 0;        // of Answered
  bool hurried = false;  // of TimedOut: the consumer's deadline had cut the try short (is_hurried)
};

// Whether an attempt that was given `given` of its configured `per_try` says nothing of the owner
// when it times out: an impatient consumer must not open the breaker for all.
constexpr bool is_hurried(Duration given, Duration per_try) {
  return given < per_try / 4;
}

// Whether the owner may have seen the request, and so may have acted.
constexpr bool may_have_arrived(AttemptEnd end) {
  return end != AttemptEnd::NotSent && end != AttemptEnd::Local;
}

enum class Verdict : std::uint8_t {
  Success,
  Failure,
  Ignored,  // says nothing: changes no count, but gives the permit back
};

// What counts as a failure, per breaker. A kind of end that is switched off is ignored; a status
// that is not listed is a success.
struct FailureRules {
  bool not_sent = true;
  bool reset = true;  // BodyCut too
  bool timeout = true;
  bool bad_answer = true;
  // 501 and 505 are answers to what was asked (HAProxy's http-error counting sees them so too). A
  // status below 500 in this set has no effect.
  StatusSet statuses = StatusSet::range(500, 599, {501, 505});

  bool operator==(const FailureRules&) const = default;
};

// Answers that blame neither side: the owner was reached, but did not look at the call.
inline constexpr StatusSet kIgnoredStatuses{408, 425, 429};

constexpr Verdict judge_status(int status, const FailureRules& rules) {
  if (status >= 500 && rules.statuses.contains(status)) return Verdict::Failure;
  return kIgnoredStatuses.contains(status) ? Verdict::Ignored : Verdict::Success;
}

constexpr Verdict judge(const Outcome& outcome, const FailureRules& rules) {
  const auto failure_if = [](bool counts) { return counts ? Verdict::Failure : Verdict::Ignored; };
  switch (outcome.end) {
    case AttemptEnd::Answered:
      return judge_status(outcome.status, rules);
    case AttemptEnd::NotSent:
      return failure_if(rules.not_sent);
    case AttemptEnd::Reset:
    case AttemptEnd::BodyCut:
      return failure_if(rules.reset);
    case AttemptEnd::TimedOut:
      return failure_if(rules.timeout && !outcome.hurried);
    case AttemptEnd::BadAnswer:
      return failure_if(rules.bad_answer);
    case AttemptEnd::StaleConnection:
    case AttemptEnd::Local:
    case AttemptEnd::ConsumerGone:
    case AttemptEnd::Superseded:
      return Verdict::Ignored;
  }
  return Verdict::Ignored;
}

}  // namespace usher::policy
