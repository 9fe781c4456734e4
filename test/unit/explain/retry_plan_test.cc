#include "explain/retry_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "policy/retry_policy.h"

namespace usher::explain {
namespace {

using policy::Repeatability;
using testing::ElementsAre;

policy::EndpointPolicy policy_with(std::string_view preset) {
  policy::EndpointPolicy policy;
  policy.retry = *policy::retry_preset(preset);
  return policy;
}

// "pause latest timeout" in milliseconds, "?" where there may be no time.
std::vector<std::string> times(const RetryPlan& plan) {
  std::vector<std::string> texts;
  for (const PlannedAttempt& attempt : plan.attempts) {
    EXPECT_EQ(attempt.number, static_cast<int>(texts.size()) + 1);
    EXPECT_EQ(attempt.earliest, Duration::zero());
    texts.push_back(std::to_string(to_milliseconds(attempt.pause_max)) + " " +
                    std::to_string(to_milliseconds(attempt.latest)) + " " +
                    std::to_string(to_milliseconds(attempt.timeout)) + (attempt.always ? "" : "?"));
  }
  return texts;
}

TEST(RetryPlan, BoundsEachAttempt) {
  const RetryPlan plan = plan_retries(policy_with("fast"), Repeatability::Safe, std::nullopt);
  EXPECT_EQ(plan.call_timeout, Duration(9s));
  // 3 s, then a pause below 100 ms, 3 s, below 300 ms; 2 ms are kept back for the answer.
  EXPECT_THAT(times(plan), ElementsAre("0 0 3000", "100 3100 3000", "300 6400 2598"));
}

TEST(RetryPlan, EndsWithTheCall) {
  const RetryPlan plan = plan_retries(policy_with("standard"), Repeatability::Safe, std::nullopt);
  // An attempt that could begin later than 10 ms before the end does not begin.
  EXPECT_THAT(times(plan),
              ElementsAre("0 0 3000", "1000 4000 3000", "3000 8990 8?", "7000 8990 8?"));
}

TEST(RetryPlan, AConsumersTimeShortensIt) {
  EXPECT_THAT(times(plan_retries(policy_with("fast"), Repeatability::Safe, Duration(1s))),
              ElementsAre("0 0 998", "100 990 8?", "300 990 8?"));
  const RetryPlan longer = plan_retries(policy_with("fast"), Repeatability::Safe, Duration(60s));
  EXPECT_EQ(longer.call_timeout, Duration(9s));
}

TEST(RetryPlan, WhatMayNotBeRepeatedHasFewer) {
  EXPECT_EQ(plan_retries(policy_with("patient"), Repeatability::Keyed, {}).attempts.size(), 6U);
  EXPECT_EQ(plan_retries(policy_with("patient"), Repeatability::Unsafe, {}).attempts.size(), 3U);
  EXPECT_EQ(plan_retries(policy_with("none"), Repeatability::Safe, {}).attempts.size(), 1U);
}

}  // namespace
}  // namespace usher::explain
