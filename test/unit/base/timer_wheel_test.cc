#include "base/timer_wheel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <optional>
#include <vector>

#include "base/random.h"

namespace usher {
namespace {

constexpr Instant kStart = Instant(std::chrono::hours(5));
constexpr Duration kTick = TimerWheel::kTick;

struct Probe final : TimerEvents {
  Timer timer{*this};
  int fired = 0;
  std::function<void()> action;
  void on_timer(Timer&) override {
    ++fired;
    if (action) action();
  }
};

TEST(TimerWheel, FiresLateByATickAtMost) {
  TimerWheel wheel(kStart);
  Probe probe;
  wheel.arm(probe.timer, kStart + kTick + Duration(1));
  wheel.advance(kStart + kTick + Duration(1));
  EXPECT_EQ(probe.fired, 0);
  wheel.advance(kStart + 2 * kTick);
  EXPECT_EQ(probe.fired, 1);
  EXPECT_FALSE(probe.timer.armed());
}

TEST(TimerWheel, AnInstantThatIsPastFiresAtTheNextTick) {
  TimerWheel wheel(kStart);
  wheel.advance(kStart + 10 * kTick);
  Probe probe;
  wheel.arm(probe.timer, kStart);
  wheel.advance(kStart + 10 * kTick);
  EXPECT_EQ(probe.fired, 0);
  wheel.advance(kStart + 11 * kTick);
  EXPECT_EQ(probe.fired, 1);
}

TEST(TimerWheel, CountsWhatIsArmed) {
  TimerWheel wheel(kStart);
  Probe soon, same, late, cancelled;
  std::size_t armed_within = 0;
  soon.action = [&] { armed_within = wheel.armed(); };
  wheel.arm(soon.timer, kStart + kTick);
  wheel.arm(same.timer, kStart + kTick);
  wheel.arm(late.timer, kStart + std::chrono::hours(2));
  wheel.arm(cancelled.timer, kStart + kTick);
  cancelled.timer.cancel();
  EXPECT_EQ(wheel.armed(), 3u);
  wheel.advance(kStart + kTick);
  EXPECT_EQ(armed_within, 2u) << "the one that is due at the same tick, and the late one";
  EXPECT_EQ(wheel.armed(), 1u);
}

TEST(TimerWheel, RearmingMovesAndCancellingForgets) {
  TimerWheel wheel(kStart);
  Probe moved;
  Probe cancelled;
  wheel.arm(moved.timer, kStart + 5 * kTick);
  wheel.arm(moved.timer, kStart + 500 * kTick);
  wheel.arm(cancelled.timer, kStart + 5 * kTick);
  cancelled.timer.cancel();
  EXPECT_FALSE(cancelled.timer.armed());
  wheel.advance(kStart + 499 * kTick);
  EXPECT_EQ(moved.fired, 0);
  wheel.advance(kStart + 500 * kTick);
  EXPECT_EQ(moved.fired, 1);
  EXPECT_EQ(cancelled.fired, 0);
}

TEST(TimerWheel, ADestroyedTimerIsCancelled) {
  TimerWheel wheel(kStart);
  {
    Probe gone;
    wheel.arm(gone.timer, kStart + kTick);
  }
  wheel.advance(kStart + 10 * kTick);
}

TEST(TimerWheel, TimersMayBeArmedAndCancelledFromATimer) {
  TimerWheel wheel(kStart);
  Probe first;
  Probe second;
  Probe third;
  first.action = [&] {
    second.timer.cancel();
    wheel.arm(third.timer, kStart);
    if (first.fired < 3) wheel.arm(first.timer, kStart);
  };
  wheel.arm(first.timer, kStart + 7 * kTick);
  wheel.arm(second.timer, kStart + 7 * kTick);
  wheel.advance(kStart + 7 * kTick);
  EXPECT_EQ(first.fired, 1);
  EXPECT_EQ(second.fired, 0);
  EXPECT_EQ(third.fired, 0);
  wheel.advance(kStart + 9 * kTick);
  EXPECT_EQ(first.fired, 3);
  EXPECT_EQ(third.fired, 2);
}

TEST(TimerWheel, WithoutTimersNothingIsDue) {
  TimerWheel wheel(kStart);
  EXPECT_EQ(wheel.next_expiry(), kNever);
  wheel.advance(kStart + std::chrono::hours(100));
  EXPECT_EQ(wheel.next_expiry(), kNever);
}

TEST(TimerWheel, BeyondTheHorizon) {
  TimerWheel wheel(kStart);
  Probe probe;
  wheel.arm(probe.timer, kStart + std::chrono::hours(50));
  wheel.advance(kStart + std::chrono::hours(50) - kTick);
  EXPECT_EQ(probe.fired, 0);
  wheel.advance(kStart + std::chrono::hours(50));
  EXPECT_EQ(probe.fired, 1);
}

// The wheel beside the simplest thing that does the same.
class Reference final : public TimerEvents {
 public:
  explicit Reference(std::uint64_t seed) : random_(seed) {
    for (int i = 0; i < 40; ++i) timers_.emplace_back(static_cast<TimerEvents&>(*this));
    due_.resize(timers_.size());
  }

  void step() {
    const std::size_t index = below(timers_.size());
    switch (below(4)) {
      case 0:
      case 1:
        arm(index);
        break;
      case 2:
        timers_[index].cancel();
        due_[index].reset();
        break;
      default:
        advance();
    }
    for (std::size_t i = 0; i < timers_.size(); ++i) {
      ASSERT_EQ(timers_[i].armed(), due_[i].has_value());
    }
    const auto first = std::min_element(due_.begin(), due_.end(), [](auto a, auto b) {
      return a.value_or(kNever) < b.value_or(kNever);
    });
    ASSERT_LE(wheel_.next_expiry(), first->value_or(kNever));
  }

  std::size_t fired() const { return fired_; }

 private:
  std::size_t below(std::size_t bound) { return random_.next() % bound; }

  Duration far() {
    constexpr std::size_t kReach[] = {3, 64, 70, 4096, 5000, 300'000, 20'000'000};
    return Duration(static_cast<std::int64_t>(random_.next() % (kReach[below(7)] * kTick.count())));
  }

  void arm(std::size_t index) {
    const Instant when = now_ + far() - kTick;
    wheel_.arm(timers_[index], when);
    const auto ticks = [](Duration duration) { return duration / kTick; };
    const Duration up = when > kStart ? when - kStart + kTick - Duration(1) : Duration::zero();
    due_[index] = kStart + kTick * std::max(ticks(up), ticks(now_ - kStart) + 1);
  }

  void advance() {
    now_ += below(3) == 0 ? far() : Duration(static_cast<std::int64_t>(below(20'000'000)));
    last_ = Instant::min();
    wheel_.advance(now_);
    for (const auto& due : due_) {
      ASSERT_GT(due.value_or(kNever), now_) << "not fired";
    }
  }

  void on_timer(Timer& timer) override {
    const auto index = static_cast<std::size_t>(
        std::find_if(timers_.begin(), timers_.end(), [&](Timer& t) { return &t == &timer; }) -
        timers_.begin());
    ASSERT_TRUE(due_[index].has_value());
    ASSERT_LE(*due_[index], now_) << "too early";
    ASSERT_GE(*due_[index], last_) << "out of order";
    last_ = *due_[index];
    due_[index].reset();
    ++fired_;
  }

  Random random_;
  Instant now_ = kStart;
  Instant last_{};
  TimerWheel wheel_{kStart};
  std::deque<Timer> timers_;
  std::vector<std::optional<Instant>> due_;
  std::size_t fired_ = 0;
};

TEST(TimerWheel, DoesWhatAListWould) {
  std::size_t fired = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    Reference reference(seed);
    for (int i = 0; i < 2000 && !testing::Test::HasFatalFailure(); ++i) reference.step();
    fired += reference.fired();
  }
  EXPECT_GT(fired, 5000u);
}

}  // namespace
}  // namespace usher
