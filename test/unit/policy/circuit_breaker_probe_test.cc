#include "unit/policy/circuit_breaker_fixture.h"

namespace usher::policy {
namespace {

TEST_F(CircuitBreakerTest, OneProbeAtATime) {
  open_and_wait();
  const BreakerPermit probe = admit();
  EXPECT_TRUE(probe.granted);
  EXPECT_TRUE(probe.probe);
  EXPECT_EQ(state(), BreakerState::HalfOpen);
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(admit().granted);
  EXPECT_EQ(admit().retry_in, kPerTry + CircuitBreaker::kLeaseMargin);
  record(probe, Verdict::Success);
  EXPECT_TRUE(admit().granted);
}

TEST_F(CircuitBreakerTest, MoreProbesWhereConfigured) {
  BreakerOptions options;
  options.half_open_calls = 3;
  use(options);
  open_and_wait();
  std::vector<BreakerPermit> probes;
  for (int i = 0; i < 3; ++i) {
    probes.push_back(admit());
    EXPECT_TRUE(probes.back().granted);
  }
  EXPECT_FALSE(admit().granted);
  for (const BreakerPermit& probe : probes) record(probe, Verdict::Success);
  EXPECT_EQ(state(), BreakerState::Closed);
}

TEST_F(CircuitBreakerTest, ThreeProbesInARowCloseIt) {
  open_and_wait();
  calls(2, Verdict::Success);
  EXPECT_EQ(state(), BreakerState::HalfOpen);
  calls(1, Verdict::Success);
  EXPECT_EQ(state(), BreakerState::Closed);
  EXPECT_EQ(reason(), BreakerReason::ProbesPassed);
  calls(4, Verdict::Failure);  // nothing is left of the failures before
  EXPECT_EQ(state(), BreakerState::Closed);
}

TEST_F(CircuitBreakerTest, OneFailedProbeOpensItAgain) {
  open_and_wait();
  calls(2, Verdict::Success);
  call(Verdict::Failure);
  EXPECT_EQ(state(), BreakerState::Open);
  EXPECT_EQ(reason(), BreakerReason::ProbeFailed);
  now_ += breaker_->snapshot(now_).retry_in;
  calls(2, Verdict::Success);  // the two before do not count
  EXPECT_EQ(state(), BreakerState::HalfOpen);
}

TEST_F(CircuitBreakerTest, AnIgnoredProbeGivesItsPermitBack) {
  open_and_wait();
  record(admit(), Verdict::Ignored);  // its consumer left
  EXPECT_EQ(state(), BreakerState::HalfOpen);
  const BreakerPermit next = admit();
  EXPECT_TRUE(next.granted);
  EXPECT_TRUE(next.probe);
}

TEST_F(CircuitBreakerTest, AProbeThatNeverReportsOpensItAgain) {
  open_and_wait();
  admit();
  now_ += kPerTry + CircuitBreaker::kLeaseMargin - 1ms;
  EXPECT_FALSE(admit().granted);
  EXPECT_EQ(state(), BreakerState::HalfOpen);
  now_ += 1ms;
  EXPECT_FALSE(admit().granted);
  EXPECT_EQ(state(), BreakerState::Open);
  EXPECT_EQ(reason(), BreakerReason::ProbeLost);
  EXPECT_EQ(breaker_->snapshot(now_).opens, 2);
}

TEST_F(CircuitBreakerTest, ALateProbeCountsAsLost) {
  open_and_wait();
  const BreakerPermit probe = admit();
  now_ += kPerTry + CircuitBreaker::kLeaseMargin;
  record(probe, Verdict::Success);
  EXPECT_EQ(state(), BreakerState::Open);
  EXPECT_EQ(reason(), BreakerReason::ProbeLost);
}

TEST_F(CircuitBreakerTest, AProbeReportsOnce) {
  BreakerOptions options;
  options.success_threshold = 2;
  use(options);
  open_and_wait();
  const BreakerPermit probe = admit();
  record(probe, Verdict::Success);
  record(probe, Verdict::Success);
  EXPECT_EQ(state(), BreakerState::HalfOpen);
}

TEST_F(CircuitBreakerTest, ResultsOfOlderGenerationsAreDropped) {
  const BreakerPermit from_closed = admit();
  open_and_wait();
  record(from_closed, Verdict::Success);
  EXPECT_EQ(state(), BreakerState::Open);
  admit();
  for (int i = 0; i < 3; ++i) record(from_closed, Verdict::Success);
  EXPECT_EQ(state(), BreakerState::HalfOpen);
  record(from_closed, Verdict::Failure);
  EXPECT_EQ(state(), BreakerState::HalfOpen);
  EXPECT_EQ(breaker_->snapshot(now_).probes, 1);
}

TEST_F(CircuitBreakerTest, WithoutTrafficItStaysAsItIs) {
  calls(5, Verdict::Failure);
  now_ += 3600s;
  EXPECT_EQ(state(), BreakerState::Open);
  EXPECT_EQ(breaker_->snapshot(now_).retry_in, 0s);
  EXPECT_TRUE(admit().probe);
}

}  // namespace
}  // namespace usher::policy
