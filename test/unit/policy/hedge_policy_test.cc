#include "policy/hedge_policy.h"

#include <gtest/gtest.h>

#include "policy/fallback.h"

namespace usher::policy {
namespace {

constexpr Instant kStart{};

LatencyHistogram::Quantiles quantiles(std::uint64_t count, Duration p95) {
  return {.count = count, .median = p95 / 2, .p95 = p95};
}

TEST(HedgeDelay, IsThePercentileWithinBounds) {
  const HedgePolicy policy{HedgeOptions{}};
  EXPECT_EQ(policy.delay(quantiles(100, 40ms), 1s), 40ms);
  EXPECT_EQ(policy.delay(quantiles(100, 1ms), 1s), 10ms);
  EXPECT_EQ(policy.delay(quantiles(100, 900ms), 1s), 500ms);
  EXPECT_EQ(policy.delay(quantiles(100, 900ms), 8ms), 10ms);
}

TEST(HedgeDelay, TooFewSamplesMeanNoHedge) {
  const HedgePolicy policy{HedgeOptions{}};
  EXPECT_EQ(policy.delay(quantiles(99, 40ms), 1s), std::nullopt);
}

TEST(HedgeDelay, AFixedOneNeedsNoSamples) {
  const HedgePolicy policy{HedgeOptions{.delay = 50ms}};
  EXPECT_EQ(policy.delay({}, 1s), 50ms);
}

class HedgePolicyTest : public testing::Test {
 protected:
  HedgePolicyTest() {
    for (int i = 0; i < 1000; ++i) {
      budget_.call(kStart);
      policy_.call(kStart);
    }
    question_.repeatability = Repeatability::Safe;
    question_.delay = 50ms;
    question_.deadline = Deadline(kStart + 1s);
  }
  HedgeVerdict ask() { return policy_.may_hedge(question_, kStart, budget_); }

  HedgePolicy policy_{HedgeOptions{}};
  RetryBudget budget_{RetryBudgetOptions{}};
  HedgeQuestion question_;
};

TEST_F(HedgePolicyTest, SafeCallsOnly) {
  EXPECT_EQ(ask(), HedgeVerdict::Hedge);
  for (const auto repeatability :
       {Repeatability::Unsafe, Repeatability::Keyed, Repeatability::Idempotent}) {
    question_.repeatability = repeatability;
    EXPECT_EQ(ask(), HedgeVerdict::NotSafe);
  }
}

TEST_F(HedgePolicyTest, OneACall) {
  question_.hedges = 1;
  EXPECT_EQ(ask(), HedgeVerdict::HedgesUsed);
}

TEST_F(HedgePolicyTest, NotWhenThereIsTrouble) {
  question_.breaker_closed = false;
  EXPECT_EQ(ask(), HedgeVerdict::BreakerNotClosed);
  question_.breaker_closed = true;
  question_.crowded = true;
  EXPECT_EQ(ask(), HedgeVerdict::Crowded);
  question_.crowded = false;
  question_.advised_against = true;
  EXPECT_EQ(ask(), HedgeVerdict::AdvisedAgainst);
  question_.advised_against = false;
  question_.consumer_retries = true;
  EXPECT_EQ(ask(), HedgeVerdict::ConsumerRetries);
}

TEST_F(HedgePolicyTest, NotWithoutTimeToFinish) {
  question_.deadline = Deadline(kStart + 49ms);
  EXPECT_EQ(ask(), HedgeVerdict::NoTime);
  question_.deadline = Deadline(kStart + 50ms);
  EXPECT_EQ(ask(), HedgeVerdict::Hedge);
}

TEST_F(HedgePolicyTest, CountsInTheRetryBudget) {
  const auto before = budget_.available(kStart);
  EXPECT_EQ(ask(), HedgeVerdict::Hedge);
  EXPECT_EQ(budget_.available(kStart), before - 1);
  while (budget_.withdraw(kStart)) {
  }
  EXPECT_EQ(ask(), HedgeVerdict::NoBudget);
}

TEST_F(HedgePolicyTest, ARefusalSpendsNothing) {
  const auto before = budget_.available(kStart);
  question_.crowded = true;
  ask();
  question_.crowded = false;
  for (int i = 0; i < 50; ++i) EXPECT_EQ(ask(), HedgeVerdict::Hedge);
  EXPECT_EQ(ask(), HedgeVerdict::ShareUsed);
  EXPECT_EQ(budget_.available(kStart), before - 50);
}

// 1000 calls a second, all slow: a hedge for one in twenty.
TEST_F(HedgePolicyTest, TheShareHoldsWhenAllAreSlow) {
  HedgePolicy policy{HedgeOptions{}};
  RetryBudget budget{RetryBudgetOptions{}};
  question_.deadline = Deadline();
  int hedges = 0;
  constexpr int kCalls = 30'000;
  for (int i = 0; i < kCalls; ++i) {
    const Instant now = kStart + i * Duration(1'000'000);
    budget.call(now);
    policy.call(now);
    if (policy.may_hedge(question_, now, budget) == HedgeVerdict::Hedge) ++hedges;
  }
  EXPECT_LE(hedges, kCalls / 20);
  EXPECT_GT(hedges, kCalls / 25);
}

TEST(Fallback, ReplacesWhatSaysThatTheOwnerIsNotThere) {
  const Fallback fallback;
  EXPECT_TRUE(fallback.applies(502, false));
  EXPECT_TRUE(fallback.applies(503, false));
  EXPECT_TRUE(fallback.applies(504, false));
  EXPECT_FALSE(fallback.applies(500, false));
  EXPECT_FALSE(fallback.applies(404, false));
  EXPECT_FALSE(fallback.applies(200, false));
}

TEST(Fallback, NeverHidesThatAMutationMayHaveHappened) {
  EXPECT_FALSE(Fallback{}.applies(504, true));
}

}  // namespace
}  // namespace usher::policy
