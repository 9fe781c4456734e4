#include "policy/retry_policy.h"

#include <algorithm>

#include "policy/jitter.h"

namespace usher::policy {
namespace {

RetryOptions preset(int attempts, Duration initial_delay, Duration max_delay) {
  RetryOptions options;
  options.attempts = attempts;
  options.backoff = {.initial_delay = initial_delay, .max_delay = max_delay};
  options.statuses = platform_retry_statuses();
  return options;
}

bool is_retryable(const RetryOptions& options, const Outcome& outcome) {
  switch (outcome.end) {
    case AttemptEnd::Answered:
      return options.statuses.contains(outcome.status);
    case AttemptEnd::NotSent:
      return options.on_not_sent;
    case AttemptEnd::StaleConnection:
    case AttemptEnd::Reset:
      return options.on_reset;
    case AttemptEnd::TimedOut:
      return options.on_timeout;
    case AttemptEnd::BadAnswer:
      return options.on_bad_answer;
    case AttemptEnd::BodyCut:
    case AttemptEnd::Local:
    case AttemptEnd::ConsumerGone:
    case AttemptEnd::Superseded:
      return false;
  }
  return false;
}

// Retry-After means something with these (RFC 9110 §15.6.4, RFC 6585 §4).
bool heeds_retry_after(const RetryQuestion& question) {
  const bool asks = question.outcome.status == 429 || question.outcome.status == 503;
  return question.outcome.end == AttemptEnd::Answered && asks && question.retry_after.has_value();
}

}  // namespace

std::optional<RetryOptions> retry_preset(std::string_view name) {
  if (name == "fast") return preset(3, 100ms, 1s);
  if (name == "standard") return preset(4, 1s, 10s);
  if (name == "aggressive") return preset(6, 500ms, 30s);
  if (name == "patient") return preset(6, 2s, 60s);
  if (name == "none") return preset(1, 0ms, 0ms);
  return std::nullopt;
}

std::string_view to_string(RetryVerdict verdict) {
  switch (verdict) {
    case RetryVerdict::Retry:
      return "retry";
    case RetryVerdict::Transparent:
      return "transparent";
    case RetryVerdict::NotRetryable:
      return "not_retryable";
    case RetryVerdict::Committed:
      return "committed";
    case RetryVerdict::Unsafe:
      return "unsafe";
    case RetryVerdict::ConsumerRetries:
      return "consumer_retries";
    case RetryVerdict::AdvisedAgainst:
      return "advised_against";
    case RetryVerdict::AttemptsUsed:
      return "attempts_used";
    case RetryVerdict::BodyGone:
      return "body_gone";
    case RetryVerdict::RetryAfterTooLong:
      return "retry_after_too_long";
    case RetryVerdict::NoTime:
      return "no_time";
    case RetryVerdict::NoBudget:
      return "no_budget";
  }
  return "";
}

int RetryState::retries_allowed(const RetryOptions& options, Repeatability repeatability) {
  const int retries = options.attempts - 1;
  return may_repeat(repeatability) ? retries : std::min(retries, kMaxUnsafeRetries);
}

// What speaks against another attempt apart from time and budget; Retry when nothing does.
RetryVerdict RetryState::refuse(const RetryOptions& options, const RetryQuestion& question) const {
  const Outcome& outcome = question.outcome;
  if (question.answer_begun) return RetryVerdict::Committed;
  if (!is_retryable(options, outcome)) return RetryVerdict::NotRetryable;
  if (may_have_arrived(outcome.end) && !may_repeat(question.repeatability)) {
    return RetryVerdict::Unsafe;
  }
  if (outcome.end == AttemptEnd::BadAnswer && had_bad_answer_) return RetryVerdict::NotRetryable;
  if (question.consumer_retries) return RetryVerdict::ConsumerRetries;
  if (question.advised_against) return RetryVerdict::AdvisedAgainst;
  if (retries_ >= retries_allowed(options, question.repeatability)) {
    return RetryVerdict::AttemptsUsed;
  }
  return question.body_replayable ? RetryVerdict::Retry : RetryVerdict::BodyGone;
}

// A kept-alive connection died under the call. Whatever the options, it may go once more.
RetryDecision RetryState::decide_transparent(const RetryQuestion& question, Instant now) {
  if (question.answer_begun) return {.verdict = RetryVerdict::Committed};
  if (!may_repeat(question.repeatability)) return {.verdict = RetryVerdict::Unsafe};
  if (!question.body_replayable) return {.verdict = RetryVerdict::BodyGone};
  if (!question.deadline.leaves_time_for(0ms, 0ms, now)) return {.verdict = RetryVerdict::NoTime};
  was_transparent_ = true;
  return {.verdict = RetryVerdict::Transparent};
}

// How long to wait; nothing when the owner asks for more than it is worth.
std::optional<Duration> RetryState::delay(const RetryOptions& options,
                                          const RetryQuestion& question, Instant now,
                                          Random& random) {
  if (heeds_retry_after(question)) {
    const Duration asked = *question.retry_after;
    const Duration wait = asked + random_below(random, asked / 4);
    if (wait > std::min(question.deadline.left(now), options.retry_after_max)) return std::nullopt;
    backoff_steps_ = 0;
    return wait;
  }
  const bool first = retries_ == 0;
  ++backoff_steps_;
  if (first && question.outcome.end == AttemptEnd::NotSent && question.other_host) return 0ms;
  return backoff_delay(options.backoff, backoff_steps_, random);
}

RetryDecision RetryState::decide(const RetryOptions& options, const RetryQuestion& question,
                                 Instant now, RetryBudget& budget, Random& random) {
  if (question.outcome.end == AttemptEnd::StaleConnection && !was_transparent_) {
    return decide_transparent(question, now);
  }
  const RetryVerdict refusal = refuse(options, question);
  if (refusal != RetryVerdict::Retry) return {.verdict = refusal};
  const std::optional<Duration> wait = delay(options, question, now, random);
  if (!wait) return {.verdict = RetryVerdict::RetryAfterTooLong};
  if (!question.deadline.leaves_time_for(*wait, question.typical, now)) {
    return {.verdict = RetryVerdict::NoTime};
  }
  if (!budget.withdraw(now)) return {.verdict = RetryVerdict::NoBudget};
  ++retries_;
  had_bad_answer_ = had_bad_answer_ || question.outcome.end == AttemptEnd::BadAnswer;
  return {.verdict = RetryVerdict::Retry, .delay = *wait};
}

}  // namespace usher::policy
