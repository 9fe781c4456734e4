#include "policy/retry_policy.h"

#include <gtest/gtest.h>

namespace usher::policy {
namespace {

constexpr Instant kStart{};

Outcome ended(AttemptEnd end) {
  return {.end = end};
}

Outcome answered(int status) {
  return {.end = AttemptEnd::Answered, .status = status};
}

class RetryPolicyTest : public testing::Test {
 protected:
  RetryPolicyTest() {
    for (int i = 0; i < 1000; ++i) budget_.call(kStart);
  }

  RetryDecision decide(const Outcome& outcome, Repeatability repeatability = Repeatability::Safe) {
    question_.outcome = outcome;
    question_.repeatability = repeatability;
    return state_.decide(options_, question_, now_, budget_, random_);
  }
  RetryVerdict verdict(const Outcome& outcome, Repeatability repeatability = Repeatability::Safe) {
    return decide(outcome, repeatability).verdict;
  }
  // Of a call whose first attempt ended so.
  RetryVerdict first_verdict(const Outcome& outcome,
                             Repeatability repeatability = Repeatability::Safe) {
    state_ = {};
    return verdict(outcome, repeatability);
  }

  RetryOptions options_;
  RetryQuestion question_;
  RetryState state_;
  RetryBudget budget_{RetryBudgetOptions{}};
  Random random_{std::uint64_t{1}};
  Instant now_ = kStart;
};

TEST_F(RetryPolicyTest, StatusesOfTheDefaultList) {
  for (int status = 200; status <= 599; ++status) {
    const bool listed = status == 408 || status == 425 || status == 429 || status == 502 ||
                        status == 503 || status == 504;
    EXPECT_EQ(first_verdict(answered(status)),
              listed ? RetryVerdict::Retry : RetryVerdict::NotRetryable)
        << status;
  }
}

TEST_F(RetryPolicyTest, EndsThatAreRetried) {
  EXPECT_EQ(first_verdict(ended(AttemptEnd::NotSent)), RetryVerdict::Retry);
  EXPECT_EQ(first_verdict(ended(AttemptEnd::Reset)), RetryVerdict::Retry);
  EXPECT_EQ(first_verdict(ended(AttemptEnd::TimedOut)), RetryVerdict::Retry);
  EXPECT_EQ(first_verdict(ended(AttemptEnd::BadAnswer)), RetryVerdict::Retry);
  for (const AttemptEnd end :
       {AttemptEnd::BodyCut, AttemptEnd::Local, AttemptEnd::ConsumerGone, AttemptEnd::Superseded}) {
    EXPECT_EQ(first_verdict(ended(end)), RetryVerdict::NotRetryable);
  }
}

TEST_F(RetryPolicyTest, EndsCanBeSwitchedOff) {
  options_.on_not_sent = options_.on_reset = options_.on_timeout = options_.on_bad_answer = false;
  for (const AttemptEnd end :
       {AttemptEnd::NotSent, AttemptEnd::Reset, AttemptEnd::TimedOut, AttemptEnd::BadAnswer}) {
    EXPECT_EQ(first_verdict(ended(end)), RetryVerdict::NotRetryable);
  }
}

// A POST whose connect was refused goes again, one that was reset after it was sent does not, but
// with a key that the owner honours it does.
TEST_F(RetryPolicyTest, WhatMayHaveArrivedIsRepeatedOnlyWhenItMay) {
  EXPECT_EQ(first_verdict(ended(AttemptEnd::NotSent), Repeatability::Unsafe), RetryVerdict::Retry);
  for (const AttemptEnd end : {AttemptEnd::Reset, AttemptEnd::TimedOut, AttemptEnd::BadAnswer,
                               AttemptEnd::StaleConnection}) {
    EXPECT_EQ(first_verdict(ended(end), Repeatability::Unsafe), RetryVerdict::Unsafe);
    EXPECT_NE(first_verdict(ended(end), Repeatability::Keyed), RetryVerdict::Unsafe);
    EXPECT_NE(first_verdict(ended(end), Repeatability::Idempotent), RetryVerdict::Unsafe);
  }
  EXPECT_EQ(first_verdict(answered(503), Repeatability::Unsafe), RetryVerdict::Unsafe);
  EXPECT_EQ(first_verdict(ended(AttemptEnd::Reset), Repeatability::Keyed), RetryVerdict::Retry);
}

TEST_F(RetryPolicyTest, AttemptsAreBounded) {
  options_.attempts = 4;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(verdict(answered(503)), RetryVerdict::Retry);
  EXPECT_EQ(verdict(answered(503)), RetryVerdict::AttemptsUsed);
  EXPECT_EQ(state_.retries(), 3);
}

TEST_F(RetryPolicyTest, UnsafeCallsConnectAtMostThreeTimes) {
  options_.attempts = 6;
  EXPECT_EQ(verdict(ended(AttemptEnd::NotSent), Repeatability::Unsafe), RetryVerdict::Retry);
  EXPECT_EQ(verdict(ended(AttemptEnd::NotSent), Repeatability::Unsafe), RetryVerdict::Retry);
  EXPECT_EQ(verdict(ended(AttemptEnd::NotSent), Repeatability::Unsafe), RetryVerdict::AttemptsUsed);
}

TEST_F(RetryPolicyTest, NoneMeansOneAttempt) {
  options_ = *retry_preset("none");
  EXPECT_EQ(verdict(ended(AttemptEnd::NotSent)), RetryVerdict::AttemptsUsed);
}

TEST_F(RetryPolicyTest, ABadAnswerIsRetriedOnce) {
  options_.attempts = 6;
  EXPECT_EQ(verdict(ended(AttemptEnd::BadAnswer)), RetryVerdict::Retry);
  EXPECT_EQ(verdict(answered(503)), RetryVerdict::Retry);
  EXPECT_EQ(verdict(ended(AttemptEnd::BadAnswer)), RetryVerdict::NotRetryable);
}

TEST_F(RetryPolicyTest, NothingAfterTheFirstByteToTheConsumer) {
  question_.answer_begun = true;
  EXPECT_EQ(first_verdict(answered(503)), RetryVerdict::Committed);
  EXPECT_EQ(first_verdict(ended(AttemptEnd::Reset)), RetryVerdict::Committed);
  EXPECT_EQ(first_verdict(ended(AttemptEnd::StaleConnection)), RetryVerdict::Committed);
}

TEST_F(RetryPolicyTest, ABodyThatIsGoneIsNotRepeated) {
  question_.body_replayable = false;
  EXPECT_EQ(first_verdict(answered(503)), RetryVerdict::BodyGone);
  EXPECT_EQ(first_verdict(ended(AttemptEnd::StaleConnection)), RetryVerdict::BodyGone);
}

TEST_F(RetryPolicyTest, ConsumersThatRetryAreNotMultiplied) {
  question_.consumer_retries = true;
  EXPECT_EQ(verdict(answered(503)), RetryVerdict::ConsumerRetries);
}

TEST_F(RetryPolicyTest, AdviceAgainstItIsTaken) {
  question_.advised_against = true;
  EXPECT_EQ(verdict(answered(503)), RetryVerdict::AdvisedAgainst);
}

// The race on a kept-alive connection costs neither an attempt nor the budget, but happens once.
TEST_F(RetryPolicyTest, AStaleConnectionIsReplacedOnceForFree) {
  options_.attempts = 2;
  const auto before = budget_.available(now_);
  const RetryDecision decision = decide(ended(AttemptEnd::StaleConnection));
  EXPECT_EQ(decision.verdict, RetryVerdict::Transparent);
  EXPECT_EQ(decision.delay, 0ms);
  EXPECT_EQ(budget_.available(now_), before);
  EXPECT_EQ(state_.retries(), 0);
  EXPECT_EQ(verdict(ended(AttemptEnd::StaleConnection)), RetryVerdict::Retry);
  EXPECT_EQ(budget_.available(now_), before - 1);
  EXPECT_EQ(verdict(ended(AttemptEnd::StaleConnection)), RetryVerdict::AttemptsUsed);
}

TEST_F(RetryPolicyTest, AnEmptyBudgetEndsIt) {
  while (budget_.withdraw(now_)) {
  }
  EXPECT_EQ(verdict(answered(503)), RetryVerdict::NoBudget);
  EXPECT_EQ(state_.retries(), 0);
  EXPECT_EQ(verdict(ended(AttemptEnd::StaleConnection)), RetryVerdict::Transparent);
}

TEST_F(RetryPolicyTest, ARefusalSpendsNothing) {
  const auto before = budget_.available(now_);
  question_.deadline = Deadline(now_ + 5ms);
  EXPECT_EQ(verdict(answered(503)), RetryVerdict::NoTime);
  EXPECT_EQ(verdict(answered(200)), RetryVerdict::NotRetryable);
  EXPECT_EQ(verdict(answered(503), Repeatability::Unsafe), RetryVerdict::Unsafe);
  EXPECT_EQ(budget_.available(now_), before);
}

TEST_F(RetryPolicyTest, NoAttemptThatCannotFinish) {
  options_.backoff = {.initial_delay = 0ms, .max_delay = 0ms};
  question_.deadline = Deadline(now_ + 100ms);
  question_.typical = 101ms;
  EXPECT_EQ(first_verdict(answered(503)), RetryVerdict::NoTime);
  question_.typical = 100ms;
  EXPECT_EQ(first_verdict(answered(503)), RetryVerdict::Retry);
  question_.typical = 0ms;
  question_.deadline = Deadline(now_ + 9ms);
  EXPECT_EQ(first_verdict(answered(503)), RetryVerdict::NoTime);
  EXPECT_EQ(first_verdict(ended(AttemptEnd::StaleConnection)), RetryVerdict::NoTime);
}

TEST_F(RetryPolicyTest, DelaysFollowTheBackoff) {
  options_.attempts = 6;
  for (int n = 1; n <= 5; ++n) {
    const RetryDecision decision = decide(answered(502));
    EXPECT_LT(decision.delay, backoff_bound(options_.backoff, n));
  }
}

TEST_F(RetryPolicyTest, AnotherAddressIsTriedAtOnce) {
  question_.other_host = true;
  EXPECT_EQ(decide(ended(AttemptEnd::NotSent)).delay, 0ms);
  EXPECT_GT(decide(ended(AttemptEnd::NotSent)).delay, 0ms);
  state_ = {};
  EXPECT_GT(decide(ended(AttemptEnd::Reset)).delay, 0ms);
  state_ = {};
  question_.other_host = false;
  EXPECT_GT(decide(ended(AttemptEnd::NotSent)).delay, 0ms);
}

TEST_F(RetryPolicyTest, RetryAfterIsObeyedWithSomeJitter) {
  question_.deadline = Deadline(now_ + 9s);
  question_.retry_after = 1s;
  for (const int status : {429, 503}) {
    Duration longest{};
    for (int i = 0; i < 50; ++i) {
      state_ = {};
      const RetryDecision decision = decide(answered(status));
      ASSERT_EQ(decision.verdict, RetryVerdict::Retry);
      ASSERT_GE(decision.delay, 1s);
      ASSERT_LT(decision.delay, 1250ms);
      longest = std::max(longest, decision.delay);
    }
    EXPECT_GT(longest, 1100ms);
  }
}

TEST_F(RetryPolicyTest, RetryAfterOfZeroIsImmediate) {
  question_.retry_after = 0s;
  EXPECT_EQ(decide(answered(503)).delay, 0ms);
}

TEST_F(RetryPolicyTest, RetryAfterMeansNothingElsewhere) {
  question_.retry_after = 60s;
  EXPECT_EQ(first_verdict(answered(502)), RetryVerdict::Retry);
  EXPECT_EQ(first_verdict(ended(AttemptEnd::Reset)), RetryVerdict::Retry);
}

// 503 with Retry-After: 60 and a deadline of 5 s: exactly one attempt.
TEST_F(RetryPolicyTest, RetryAfterBeyondTheCallEndsIt) {
  question_.deadline = Deadline(now_ + 5s);
  question_.retry_after = 60s;
  EXPECT_EQ(verdict(answered(503)), RetryVerdict::RetryAfterTooLong);
  question_.retry_after = 2001ms;
  EXPECT_EQ(verdict(answered(503)), RetryVerdict::RetryAfterTooLong);
  question_.deadline = Deadline(now_ + 900ms);
  question_.retry_after = 1s;
  EXPECT_EQ(verdict(answered(429)), RetryVerdict::RetryAfterTooLong);
}

TEST_F(RetryPolicyTest, AfterAPushbackTheBackoffBeginsAgain) {
  options_.attempts = 100;
  options_.backoff = {.initial_delay = 1ms, .max_delay = 10s};
  for (int i = 0; i < 8; ++i) decide(answered(502));
  question_.retry_after = 0s;
  decide(answered(503));
  question_.retry_after.reset();
  EXPECT_LT(decide(answered(502)).delay, 1ms);
  EXPECT_LT(decide(answered(502)).delay, 3ms);
}

TEST_F(RetryPolicyTest, TheSeedDecides) {
  std::vector<Duration> runs[2];
  for (auto& run : runs) {
    random_ = Random(std::uint64_t{5});
    state_ = {};
    options_.attempts = 20;
    for (int i = 0; i < 10; ++i) run.push_back(decide(answered(503)).delay);
  }
  EXPECT_EQ(runs[0], runs[1]);
}

// 1000 failing calls in 10 s.
TEST_F(RetryPolicyTest, AFailingOwnerSeesNoStorm) {
  RetryBudget budget{RetryBudgetOptions{}};
  options_ = *retry_preset("aggressive");
  int retries = 0;
  for (int call = 0; call < 1000; ++call) {
    RetryState state;
    const Instant now = kStart + call * Duration(10ms);
    budget.call(now);
    question_.outcome = answered(503);
    question_.repeatability = Repeatability::Safe;
    while (state.decide(options_, question_, now, budget, random_).again()) ++retries;
  }
  EXPECT_LE(retries, 200);
}

TEST(RetryPreset, NamesOfThePlatform) {
  struct Row {
    std::string_view name;
    int retries;
    Duration initial;
    Duration max;
  };
  for (const Row& row :
       {Row{"fast", 2, 100ms, 1s}, Row{"standard", 3, 1s, 10s}, Row{"aggressive", 5, 500ms, 30s},
        Row{"patient", 5, 2s, 60s}, Row{"none", 0, 0ms, 0ms}}) {
    const auto options = retry_preset(row.name);
    ASSERT_TRUE(options) << row.name;
    EXPECT_EQ(options->attempts, row.retries + 1);
    EXPECT_EQ(options->backoff.initial_delay, row.initial);
    EXPECT_EQ(options->backoff.max_delay, row.max);
    EXPECT_EQ(options->statuses, platform_retry_statuses());
  }
  EXPECT_EQ(retry_preset("Fast"), std::nullopt);
  EXPECT_EQ(retry_preset(""), std::nullopt);
}

TEST(RetryPreset, StatusesOfThePlatform) {
  EXPECT_TRUE(platform_retry_statuses().contains(500));
  EXPECT_TRUE(platform_retry_statuses().contains(429));
  EXPECT_FALSE(platform_retry_statuses().contains(501));
  EXPECT_FALSE(platform_retry_statuses().contains(408));
}

// Whatever an owner does, and whatever the options: the bounds hold.
TEST(RetryProperty, NeverTooOftenAndNeverUnsafe) {
  Random random(99);
  const auto chance = [&random](std::uint64_t n) { return random.next() % n; };
  RetryBudget budget{RetryBudgetOptions{.share = 0.2, .floor_per_second = 0, .window = 10s}};
  constexpr int kCalls = 20'000;
  int granted = 0;
  Instant now = kStart;
  for (int call = 0; call < kCalls; ++call) {
    now += std::chrono::milliseconds(chance(30));
    budget.call(now);
    RetryOptions options;
    options.attempts = static_cast<int>(chance(7)) + 1;
    const auto repeatability = static_cast<Repeatability>(chance(4));
    const Deadline deadline(now + std::chrono::milliseconds(chance(5'000)));
    RetryState state;
    bool arrived = false;
    int attempts = 0;
    int transparent = 0;
    for (Instant at = now;;) {
      ++attempts;
      ASSERT_FALSE(arrived && repeatability == Repeatability::Unsafe);
      RetryQuestion question;
      question.outcome = {.end = static_cast<AttemptEnd>(chance(10)),
                          .status = static_cast<int>(200 + chance(400)),
                          .hurried = chance(2) == 0};
      question.repeatability = repeatability;
      question.body_replayable = chance(10) != 0;
      question.answer_begun = question.outcome.end == AttemptEnd::BodyCut;
      question.other_host = chance(2) == 0;
      if (chance(3) == 0) question.retry_after = std::chrono::milliseconds(chance(4'000));
      question.deadline = deadline;
      arrived = arrived || may_have_arrived(question.outcome.end);
      at += std::chrono::milliseconds(chance(300));
      const RetryDecision decision = state.decide(options, question, at, budget, random);
      if (!decision.again()) break;
      ASSERT_TRUE(question.body_replayable);
      ASSERT_FALSE(question.answer_begun);
      ASSERT_GE(deadline.left(at), decision.delay + 10ms);
      if (decision.verdict == RetryVerdict::Transparent) {
        ++transparent;
      } else {
        ++granted;
      }
      at += decision.delay;
    }
    ASSERT_LE(transparent, 1);
    ASSERT_LE(attempts - transparent, options.attempts);
    ASSERT_LE(granted * 5, call + 1);
  }
  EXPECT_GT(granted, 100);
}

}  // namespace
}  // namespace usher::policy
