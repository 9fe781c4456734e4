// What the tests of the circuit breaker share.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <vector>

#include "policy/circuit_breaker.h"

namespace usher::policy {

inline constexpr Duration kPerTry = 3s;

struct Changes final : BreakerObserver {
  void on_breaker_change(const CircuitBreaker&, const BreakerChange& change) override {
    all.push_back(change);
  }
  std::vector<BreakerChange> all;
};

class CircuitBreakerTest : public testing::Test {
 protected:
  CircuitBreakerTest() { use({}); }

  void use(const BreakerOptions& options) {
    changes_.all.clear();
    breaker_.emplace(options, &changes_);
  }

  BreakerPermit admit() { return breaker_->admit(now_, kPerTry, random_); }
  void record(const BreakerPermit& permit, Verdict verdict,
              std::optional<Duration> retry_after = std::nullopt, Duration took = 1ms) {
    breaker_->record(permit, {.verdict = verdict, .took = took, .retry_after = retry_after}, now_,
                     random_);
  }
  // One attempt, from permit to result; false when refused.
  bool call(Verdict verdict, std::optional<Duration> retry_after = std::nullopt) {
    const BreakerPermit permit = admit();
    if (permit.granted) record(permit, verdict, retry_after);
    return permit.granted;
  }
  void calls(int count, Verdict verdict) {
    for (int i = 0; i < count; ++i) call(verdict);
  }
  bool answer(int status) {
    return call(judge({.end = AttemptEnd::Answered, .status = status}, {}));
  }
  BreakerState state() { return breaker_->snapshot(now_).state; }
  BreakerReason reason() { return breaker_->snapshot(now_).reason; }
  // Opens it and lets the open time pass; then the next attempt is a probe.
  void open_and_wait() {
    calls(5, Verdict::Failure);
    ASSERT_EQ(state(), BreakerState::Open);
    now_ += breaker_->snapshot(now_).retry_in;
  }

  Instant now_{};
  Random random_{std::uint64_t{1}};
  Changes changes_;
  std::optional<CircuitBreaker> breaker_;
};

}  // namespace usher::policy
