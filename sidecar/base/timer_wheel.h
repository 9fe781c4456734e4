// TimerWheel: many timers that are mostly cancelled, at constant cost, as pure data: it is told the
// time.
//
// Four levels of 64 slots; a tick is kTick. A timer sits in the slot of its expiry on the lowest
// level that reaches it and moves down as time passes, so arm and cancel are a list operation each.
// The resolution is one tick, always late, never early; the horizon is 64^4 ticks (18 h), later
// timers wait there.
//
// Thread: the owner's. Allocates nothing. An armed Timer that is destroyed is cancelled.
// Source: Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", 1987, scheme 7; the shape of
// h2o's timerwheel.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/intrusive_list.h"

namespace usher {

class Timer;

// Whoever is told that time is up. Several timers of one object are told apart by the reference.
class TimerEvents {
 public:
  virtual void on_timer(Timer& timer) = 0;

 protected:
  ~TimerEvents() = default;
};

class Timer : private ListHook {
 public:
  explicit Timer(TimerEvents& events) : events_(&events) {}

  bool armed() const { return linked(); }
  void cancel() { unlink(); }

 private:
  friend class TimerWheel;
  friend class IntrusiveList<Timer>;

  TimerEvents* events_;
  std::uint64_t expiry_ = 0;  // tick
};

class TimerWheel {
 public:
  static constexpr Duration kTick = std::chrono::milliseconds(4);

  explicit TimerWheel(Instant start) : start_(start) {}

  // (Re)arms `timer` for `when`; an instant that is past fires at the next advance().
  void arm(Timer& timer, Instant when);

  // Moves time on and fires what is due, in order of tick. A timer may arm and cancel any timer
  // from on_timer.
  void advance(Instant now);

  // No timer fires before this instant; kNever when none is armed. May be early (a slot that only
  // moves timers down, or whose timers were cancelled).
  Instant next_expiry() const;

  // The timers that are armed, counted one by one.
  std::size_t armed() const;

 private:
  static constexpr unsigned kBits = 6;
  static constexpr unsigned kSlots = 1u << kBits;
  static constexpr unsigned kLevels = 4;

  void place(Timer& timer);
  void expire_slot(unsigned level, unsigned slot);
  std::uint64_t next_tick() const;

  Instant start_;
  std::uint64_t tick_ = 0;                         // all ticks up to this one have been fired
  std::array<std::uint64_t, kLevels> occupied_{};  // a bit per slot that may hold timers
  std::array<std::array<IntrusiveList<Timer>, kSlots>, kLevels> slots_;
  IntrusiveList<Timer> due_;
};

}  // namespace usher
