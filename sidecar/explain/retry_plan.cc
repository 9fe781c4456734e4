#include "explain/retry_plan.h"

#include <algorithm>

#include "policy/backoff.h"
#include "policy/deadline.h"
#include "policy/retry_policy.h"

namespace usher::explain {

RetryPlan plan_retries(const policy::EndpointPolicy& policy, policy::Repeatability repeatability,
                       std::optional<Duration> asked) {
  RetryPlan plan = {.call_timeout = std::min(policy.timeout, asked.value_or(policy.timeout)),
                    .repeatability = repeatability,
                    .attempts = {}};
  const policy::Deadline deadline(Instant{} + plan.call_timeout);
  const auto time_of = [&](Duration start) {
    const Duration time = deadline.for_attempt(Instant{} + start, policy.per_try_timeout);
    return std::max(time, Duration::zero());
  };
  plan.attempts.push_back({.number = 1,
                           .pause_max = Duration::zero(),
                           .earliest = Duration::zero(),
                           .latest = Duration::zero(),
                           .timeout = time_of(Duration::zero()),
                           .always = true});
  const int count = 1 + policy::RetryState::retries_allowed(policy.retry, repeatability);
  const Duration last_start = std::max(plan.call_timeout - policy::kMinAttempt, Duration::zero());
  for (int number = 2; number <= count; ++number) {
    const PlannedAttempt& before = plan.attempts.back();
    const Duration pause = policy::backoff_bound(policy.retry.backoff, number - 1);
    const Duration latest = before.latest + before.timeout + pause;
    const Duration start = std::min(latest, last_start);
    plan.attempts.push_back({.number = number,
                             .pause_max = pause,
                             .earliest = Duration::zero(),
                             .latest = start,
                             .timeout = time_of(start),
                             .always = latest <= last_start});
  }
  return plan;
}

}  // namespace usher::explain
