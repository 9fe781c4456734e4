// The breaker against a naive model that keeps every event and explains the state from them, and
// against several threads.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "policy/circuit_breaker.h"

namespace usher::policy {
namespace {

constexpr Instant kStart{};
constexpr Duration kPerTry = 2s;

struct Event {
  Instant at;
  Verdict verdict;
};

// Knows one probe at a time and no jitter.
class Model {
 public:
  explicit Model(const BreakerOptions& options) : options_(options) {}

  BreakerState state = BreakerState::Closed;

  // 0: refused, 1: granted, 2: granted as a probe.
  int admit(Instant now) {
    if (state == BreakerState::Open && now >= open_until_) enter(BreakerState::HalfOpen);
    if (state == BreakerState::HalfOpen && lease_ && now >= *lease_) open(now);
    if (state == BreakerState::Closed) return 1;
    if (state == BreakerState::Open || lease_) return 0;
    lease_ = now + kPerTry + CircuitBreaker::kLeaseMargin;
    return 2;
  }

  void record(int of_epoch, Verdict verdict, Instant now) {
    if (of_epoch != epoch) return;
    if (state == BreakerState::HalfOpen) return record_probe(verdict, now);
    if (verdict == Verdict::Ignored) return;
    events_.push_back({now, verdict});
    if (verdict == Verdict::Failure && must_open(now)) open(now);
  }

  int epoch = 0;

 private:
  void enter(BreakerState next) {
    state = next;
    ++epoch;
    events_.clear();
    lease_.reset();
    passed_ = 0;
  }

  void open(Instant now) {
    Duration time = options_.reset_timeout;
    for (int i = 0; i < opens_; ++i) time = std::min(time * 2, options_.reset_timeout_max);
    ++opens_;
    enter(BreakerState::Open);
    open_until_ = now + time;
  }

  void record_probe(Verdict verdict, Instant now) {
    const bool late = now >= *lease_;
    lease_.reset();
    if (late || verdict == Verdict::Failure) return open(now);
    if (verdict == Verdict::Success && ++passed_ == options_.success_threshold) {
      opens_ = 0;
      enter(BreakerState::Closed);
    }
  }

  bool must_open(Instant now) const {
    int in_a_row = 0;
    int failures = 0;
    int step_failures = 0;
    int step_calls = 0;
    const Duration step = options_.window / 10;
    for (const Event& event : events_) {
      const bool failed = event.verdict == Verdict::Failure;
      in_a_row = failed ? in_a_row + 1 : 0;
      failures += failed && now - event.at < options_.window ? 1 : 0;
      const auto age = now.time_since_epoch() / step - event.at.time_since_epoch() / step;
      if (age >= 10) continue;
      ++step_calls;
      step_failures += failed ? 1 : 0;
    }
    const bool rate = options_.failure_rate > 0 && step_calls >= options_.minimum_calls &&
                      step_failures >= options_.failure_rate * step_calls;
    return (options_.consecutive_failures > 0 && in_a_row >= options_.consecutive_failures) ||
           (options_.failure_threshold > 0 && failures >= options_.failure_threshold) || rate;
  }

  BreakerOptions options_;
  std::vector<Event> events_;  // counted in this epoch
  std::optional<Instant> lease_;
  Instant open_until_;
  int opens_ = 0;
  int passed_ = 0;
};

BreakerOptions random_options(Random& random) {
  BreakerOptions options = random.next() % 2 == 0 ? BreakerOptions::rates() : BreakerOptions{};
  options.jitter = 0;
  options.window = std::chrono::seconds(1 + random.next() % 20);
  options.reset_timeout = std::chrono::milliseconds(100 + random.next() % 5'000);
  options.reset_timeout_max = 20s;
  options.minimum_calls = static_cast<int>(1 + random.next() % 20);
  options.success_threshold = static_cast<int>(1 + random.next() % 4);
  if (random.next() % 2 == 0) options.consecutive_failures = static_cast<int>(random.next() % 9);
  if (random.next() % 2 == 0) options.failure_threshold = static_cast<int>(random.next() % 9);
  return options;
}

TEST(CircuitBreakerModel, StateIsExplainedByTheEvents) {
  struct Running {
    BreakerPermit permit;
    int epoch;
  };
  int opened = 0;
  int closed_again = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    Random random(seed);
    const BreakerOptions options = random_options(random);
    CircuitBreaker breaker(options);
    Model model(options);
    std::vector<Running> running;
    Instant now = kStart;
    std::uint64_t failing = 50;  // percent
    for (int i = 0; i < 3'000; ++i) {
      const BreakerState before = model.state;
      if (i % 100 == 0) failing = random.next() % 101;
      now += std::chrono::milliseconds(random.next() % (i % 50 == 0 ? 8'000 : 100));
      if (running.empty() || random.next() % 2 == 0) {
        const BreakerPermit permit = breaker.admit(now, kPerTry, random);
        const int expected = model.admit(now);
        ASSERT_EQ((permit.granted ? 1 : 0) + (permit.probe ? 1 : 0), expected)
            << "seed " << seed << " step " << i;
        if (permit.granted) running.push_back({permit, model.epoch});
      } else {
        const std::size_t index = random.next() % running.size();
        const Running done = running[index];
        running.erase(running.begin() + static_cast<std::ptrdiff_t>(index));
        Verdict verdict = random.next() % 100 < failing ? Verdict::Failure : Verdict::Success;
        if (random.next() % 10 == 0) verdict = Verdict::Ignored;
        breaker.record(done.permit, {.verdict = verdict}, now, random);
        model.record(done.epoch, verdict, now);
      }
      ASSERT_EQ(breaker.snapshot(now).state, model.state) << "seed " << seed << " step " << i;
      if (before == BreakerState::Closed && model.state == BreakerState::Open) ++opened;
      if (before == BreakerState::HalfOpen && model.state == BreakerState::Closed) ++closed_again;
    }
  }
  EXPECT_GT(opened, 100);
  EXPECT_GT(closed_again, 100);
}

// Fifty calls of four workers at once meet a half-open breaker: one reaches the owner.
TEST(CircuitBreakerThreads, OneProbeForAllWorkers) {
  for (int round = 0; round < 50; ++round) {
    CircuitBreaker breaker{BreakerOptions{}};
    Random random(1);
    for (int i = 0; i < 5; ++i) {
      breaker.record(breaker.admit(kStart, kPerTry, random), {.verdict = Verdict::Failure}, kStart,
                     random);
    }
    std::atomic<int> granted{0};
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&breaker, &granted, t] {
        Random chance(static_cast<std::uint64_t>(t));
        for (int i = 0; i < 50; ++i) {
          if (breaker.admit(kStart + 30s, kPerTry, chance).granted) ++granted;
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(granted, 1);
  }
}

struct CountingObserver final : BreakerObserver {
  void on_breaker_change(const CircuitBreaker&, const BreakerChange&) override { ++changes; }
  std::atomic<std::uint32_t> changes{0};
};

// Workers, the admin port and a reload at once: each change has its generation, and in the end it
// still opens and closes.
TEST(CircuitBreakerThreads, AnyInterleavingLeavesAWorkingBreaker) {
  BreakerOptions options = BreakerOptions::rates();
  options.reset_timeout = 1ms;
  options.reset_timeout_max = 2ms;
  CountingObserver observer;
  CircuitBreaker breaker(options, &observer);
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&breaker, t] {
      Random random(static_cast<std::uint64_t>(t));
      for (int i = 0; i < 5'000; ++i) {
        const Instant now = kStart + i * Duration(50'000);
        const BreakerPermit permit = breaker.admit(now, kPerTry, random);
        const auto verdict = static_cast<Verdict>(random.next() % 3);
        if (permit.granted) breaker.record(permit, {.verdict = verdict}, now, random);
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    options.minimum_calls = 10 + i % 2;
    breaker.reconfigure(options);
    if (i % 50 == 0) breaker.force_open();
    if (i % 50 == 10) breaker.reset();
    breaker.snapshot(kStart);
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(breaker.snapshot(kStart).generation, observer.changes + 1);
  breaker.reset();
  Random random(1);
  for (int i = 0; i < 5; ++i) {
    breaker.record(breaker.admit(kStart, kPerTry, random), {.verdict = Verdict::Failure}, kStart,
                   random);
  }
  EXPECT_EQ(breaker.snapshot(kStart).state, BreakerState::Open);
}

}  // namespace
}  // namespace usher::policy
