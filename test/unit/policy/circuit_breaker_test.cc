#include "unit/policy/circuit_breaker_fixture.h"

namespace usher::policy {
namespace {

// --- closed ----------------------------------------------------------------------------------

TEST_F(CircuitBreakerTest, FiveFailuresWithinAMinuteOpenIt) {
  calls(4, Verdict::Failure);
  EXPECT_EQ(state(), BreakerState::Closed);
  calls(1, Verdict::Failure);
  EXPECT_EQ(state(), BreakerState::Open);
  EXPECT_EQ(reason(), BreakerReason::Failures);
  EXPECT_FALSE(call(Verdict::Success));
}

TEST_F(CircuitBreakerTest, SuccessesBetweenFailuresDoNotHelpWhenFailuresAreCounted) {
  calls(4, Verdict::Failure);
  calls(100, Verdict::Success);
  calls(1, Verdict::Failure);
  EXPECT_EQ(state(), BreakerState::Open);
}

TEST_F(CircuitBreakerTest, TheWindowSlidesExactly) {
  call(Verdict::Failure);
  now_ += 1s;
  calls(3, Verdict::Failure);
  now_ += 59s;
  call(Verdict::Failure);  // the first one is 60 s old
  EXPECT_EQ(state(), BreakerState::Closed);
  now_ += 999ms;
  call(Verdict::Failure);  // three of 59.999 s ago, and two
  EXPECT_EQ(state(), BreakerState::Open);
}

TEST_F(CircuitBreakerTest, ConsecutiveFailures) {
  use(BreakerOptions::rates());
  for (int i = 0; i < 4; ++i) answer(500);
  answer(200);
  for (int i = 0; i < 4; ++i) answer(500);
  EXPECT_EQ(state(), BreakerState::Closed);
  answer(500);
  EXPECT_EQ(state(), BreakerState::Open);
  EXPECT_EQ(reason(), BreakerReason::Consecutive);
}

TEST_F(CircuitBreakerTest, AFailureRateOpensItFromTheMinimumOn) {
  use(BreakerOptions::rates());
  for (int i = 0; i < 9; ++i) {
    answer(200);
    answer(500);
  }
  answer(200);
  EXPECT_EQ(state(), BreakerState::Closed);
  answer(500);  // 10 of 20
  EXPECT_EQ(state(), BreakerState::Open);
  EXPECT_EQ(reason(), BreakerReason::FailureRate);
}

TEST_F(CircuitBreakerTest, ARateIsOfItsWindow) {
  use(BreakerOptions::rates());
  for (int i = 0; i < 9; ++i) {
    answer(200);
    answer(500);
  }
  now_ += 11s;
  answer(200);
  answer(500);
  EXPECT_EQ(state(), BreakerState::Closed);
  EXPECT_EQ(breaker_->snapshot(now_).calls, 2u);
}

TEST_F(CircuitBreakerTest, SlowCallsOpenIt) {
  BreakerOptions options = BreakerOptions::rates();
  options.slow_rate = 0.8;
  options.slow_call = 1s;
  use(options);
  for (int i = 0; i < 4; ++i) record(admit(), Verdict::Success, std::nullopt, 999ms);
  for (int i = 0; i < 15; ++i) record(admit(), Verdict::Success, std::nullopt, 1s);
  EXPECT_EQ(state(), BreakerState::Closed);
  record(admit(), Verdict::Success, std::nullopt, 1s);  // 16 of 20
  EXPECT_EQ(state(), BreakerState::Open);
  EXPECT_EQ(reason(), BreakerReason::SlowRate);
  now_ += 5s;
  record(admit(), Verdict::Success, std::nullopt, 1s);  // still as slow
  EXPECT_EQ(state(), BreakerState::Open);
  EXPECT_EQ(reason(), BreakerReason::ProbeFailed);
}

TEST_F(CircuitBreakerTest, WithoutTriggersItNeverOpens) {
  BreakerOptions options;
  options.failure_threshold = 0;
  use(options);
  calls(1000, Verdict::Failure);
  EXPECT_EQ(state(), BreakerState::Closed);
}

TEST_F(CircuitBreakerTest, AnswersBelow500NeverOpenIt) {
  for (const auto& options : {BreakerOptions{}, BreakerOptions::rates()}) {
    use(options);
    for (int i = 0; i < 1000; ++i) answer(404);
    for (int i = 0; i < 1000; ++i) answer(429);
    EXPECT_EQ(state(), BreakerState::Closed);
  }
}

TEST_F(CircuitBreakerTest, LocalRefusalsChangeNothing) {
  use(BreakerOptions::rates());
  calls(4, Verdict::Failure);
  const BreakerSnapshot before = breaker_->snapshot(now_);
  calls(100, Verdict::Ignored);
  EXPECT_EQ(breaker_->snapshot(now_).calls, before.calls);
  EXPECT_EQ(breaker_->snapshot(now_).consecutive_failures, 4);
  EXPECT_EQ(state(), BreakerState::Closed);
}

// --- open ------------------------------------------------------------------------------------

TEST_F(CircuitBreakerTest, ARefusalSaysHowLong) {
  calls(5, Verdict::Failure);
  now_ += 12s;
  const BreakerPermit permit = admit();
  EXPECT_FALSE(permit.granted);
  EXPECT_EQ(permit.retry_in, 18s);
}

TEST_F(CircuitBreakerTest, OpenTimesDoubleWhileProbesFail) {
  BreakerOptions options = BreakerOptions::rates();
  options.jitter = 0;
  use(options);
  calls(5, Verdict::Failure);
  std::vector<Duration> times;
  for (int i = 0; i < 6; ++i) {
    times.push_back(changes_.all.back().open_for);
    now_ += times.back() - 1ms;
    EXPECT_FALSE(call(Verdict::Failure));
    now_ += 1ms;
    EXPECT_TRUE(call(Verdict::Failure));
  }
  EXPECT_EQ(times, (std::vector<Duration>{5s, 10s, 20s, 40s, 60s, 60s}));
}

TEST_F(CircuitBreakerTest, JitterBeginsWithTheSecondOpening) {
  Duration longest{};
  Duration shortest = 1000s;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    random_ = Random(seed);
    use(BreakerOptions::rates());
    open_and_wait();
    EXPECT_EQ(changes_.all.front().open_for, 5s);
    call(Verdict::Failure);
    const Duration second = changes_.all.back().open_for;
    EXPECT_GE(second, 10s);
    EXPECT_LT(second, 15s);
    longest = std::max(longest, second);
    shortest = std::min(shortest, second);
  }
  EXPECT_GT(longest, 14s);
  EXPECT_LT(shortest, 11s);
}

TEST_F(CircuitBreakerTest, AClosedBreakerBeginsAgainWithTheShortTime) {
  open_and_wait();
  call(Verdict::Failure);
  EXPECT_GE(changes_.all.back().open_for, 60s);
  now_ += changes_.all.back().open_for;
  calls(3, Verdict::Success);
  EXPECT_EQ(state(), BreakerState::Closed);
  calls(5, Verdict::Failure);
  EXPECT_EQ(changes_.all.back().open_for, 30s);
}

TEST_F(CircuitBreakerTest, RetryAfterLengthensTheOpenTime) {
  calls(4, Verdict::Failure);
  call(Verdict::Failure, 45s);
  EXPECT_EQ(changes_.all.back().open_for, 45s);
  use({});
  calls(4, Verdict::Failure);
  call(Verdict::Failure, 3600s);
  EXPECT_EQ(changes_.all.back().open_for, 60s);
  use({});
  calls(4, Verdict::Failure);
  call(Verdict::Failure, 1s);
  EXPECT_EQ(changes_.all.back().open_for, 30s);
}

// --- what others do to it --------------------------------------------------------------------

TEST_F(CircuitBreakerTest, ForcedOpenRefusesUntilReset) {
  breaker_->force_open();
  now_ += 3600s;
  EXPECT_FALSE(admit().granted);
  EXPECT_EQ(state(), BreakerState::ForcedOpen);
  breaker_->reset();
  EXPECT_TRUE(admit().granted);
  EXPECT_EQ(state(), BreakerState::Closed);
  EXPECT_EQ(reason(), BreakerReason::Admin);
}

TEST_F(CircuitBreakerTest, ForcedClosedGrantsWhateverHappens) {
  calls(5, Verdict::Failure);
  breaker_->force_closed();
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(call(Verdict::Failure));
  EXPECT_EQ(state(), BreakerState::ForcedClosed);
  EXPECT_TRUE(breaker_->closed());
  breaker_->reset();
  EXPECT_EQ(breaker_->snapshot(now_).failures, 0u);
}

TEST_F(CircuitBreakerTest, ResetForgetsEverything) {
  open_and_wait();
  call(Verdict::Failure);
  breaker_->reset();
  EXPECT_EQ(breaker_->snapshot(now_).opens, 0);
  calls(4, Verdict::Failure);
  EXPECT_EQ(state(), BreakerState::Closed);
}

TEST_F(CircuitBreakerTest, APermitFromBeforeAResetIsDropped) {
  std::vector<BreakerPermit> permits;
  permits.reserve(5);
  for (int i = 0; i < 5; ++i) permits.push_back(admit());
  breaker_->reset();
  for (const BreakerPermit& permit : permits) record(permit, Verdict::Failure);
  EXPECT_EQ(state(), BreakerState::Closed);
}

TEST_F(CircuitBreakerTest, ShadowModeTellsButRefusesNothing) {
  BreakerOptions options;
  options.shadow = true;
  use(options);
  calls(5, Verdict::Failure);
  EXPECT_EQ(state(), BreakerState::Open);
  EXPECT_TRUE(call(Verdict::Failure));
  EXPECT_EQ(changes_.all.size(), 1u);
  now_ += 30s;
  const BreakerPermit probe = admit();
  EXPECT_TRUE(probe.probe);
  EXPECT_TRUE(call(Verdict::Failure));  // no probe: says nothing
  EXPECT_EQ(state(), BreakerState::HalfOpen);
  record(probe, Verdict::Success);
  calls(2, Verdict::Success);
  EXPECT_EQ(state(), BreakerState::Closed);
}

TEST_F(CircuitBreakerTest, AReloadWithTheSameOptionsChangesNothing) {
  calls(4, Verdict::Failure);
  breaker_->reconfigure({});
  calls(1, Verdict::Failure);
  EXPECT_EQ(state(), BreakerState::Open);
}

TEST_F(CircuitBreakerTest, AReloadWithOthersKeepsTheStateAndClearsTheWindow) {
  calls(4, Verdict::Failure);
  BreakerOptions options;
  options.failure_threshold = 3;
  breaker_->reconfigure(options);
  calls(2, Verdict::Failure);
  EXPECT_EQ(state(), BreakerState::Closed);
  calls(1, Verdict::Failure);
  EXPECT_EQ(state(), BreakerState::Open);
  options.failure_threshold = 7;
  breaker_->reconfigure(options);
  EXPECT_EQ(state(), BreakerState::Open);
  EXPECT_FALSE(admit().granted);
}

TEST_F(CircuitBreakerTest, EachChangeIsToldOnce) {
  open_and_wait();
  calls(3, Verdict::Success);
  breaker_->force_open();
  ASSERT_EQ(changes_.all.size(), 4u);
  const BreakerState expected[] = {BreakerState::Closed, BreakerState::Open, BreakerState::HalfOpen,
                                   BreakerState::Closed, BreakerState::ForcedOpen};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(changes_.all[i].from, expected[i]);
    EXPECT_EQ(changes_.all[i].to, expected[i + 1]);
    EXPECT_EQ(changes_.all[i].generation, i + 2);
  }
  EXPECT_EQ(changes_.all[0].reason, BreakerReason::Failures);
  EXPECT_EQ(changes_.all[1].reason, BreakerReason::OpenTimeOver);
}

TEST_F(CircuitBreakerTest, AnObserverMayAskTheBreaker) {
  struct Asking final : BreakerObserver {
    void on_breaker_change(const CircuitBreaker& breaker, const BreakerChange&) override {
      seen = breaker.snapshot(Instant{}).state;
    }
    BreakerState seen = BreakerState::Closed;
  } asking;
  breaker_.emplace(BreakerOptions{}, &asking);
  calls(5, Verdict::Failure);
  EXPECT_EQ(asking.seen, BreakerState::Open);
}

}  // namespace
}  // namespace usher::policy
