#include "base/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace usher {

void TimerWheel::arm(Timer& timer, Instant when) {
  timer.cancel();
  const Duration from_start = when > start_ ? when - start_ : Duration::zero();
  const auto ticks = static_cast<std::uint64_t>((from_start + kTick - Duration(1)) / kTick);
  timer.expiry_ = std::max(ticks, tick_ + 1);
  place(timer);
}

// The level is that of the highest digit (base 64) in which expiry and present differ: all lower
// digits pass before it.
void TimerWheel::place(Timer& timer) {
  const std::uint64_t difference = timer.expiry_ ^ tick_;
  const unsigned highest = 63u - static_cast<unsigned>(std::countl_zero(difference | 1));
  const unsigned level = std::min(highest / kBits, kLevels - 1);
  const auto slot = static_cast<unsigned>((timer.expiry_ >> (kBits * level)) & (kSlots - 1));
  slots_[level][slot].push_back(timer);
  occupied_[level] |= std::uint64_t{1} << slot;
}

// The next tick at which some slot is due: the first occupied slot after the present digit, lowest
// level first.
std::uint64_t TimerWheel::next_tick() const {
  for (unsigned level = 0; level < kLevels; ++level) {
    const unsigned shift = kBits * level;
    const auto digit = static_cast<unsigned>((tick_ >> shift) & (kSlots - 1));
    const std::uint64_t base = tick_ >> shift;
    const std::uint64_t later = digit == kSlots - 1 ? 0 : occupied_[level] >> (digit + 1);
    if (later != 0) return (base + 1 + static_cast<unsigned>(std::countr_zero(later))) << shift;
    // The top level wraps: its slots at or before the present digit are those of the next turn.
    if (level == kLevels - 1 && occupied_[level] != 0) {
      const auto first = static_cast<unsigned>(std::countr_zero(occupied_[level]));
      return (base - digit + kSlots + first) << shift;
    }
  }
  return UINT64_MAX;
}

Instant TimerWheel::next_expiry() const {
  const std::uint64_t tick = next_tick();
  if (tick == UINT64_MAX) return kNever;
  return start_ + kTick * static_cast<std::int64_t>(tick);
}

std::size_t TimerWheel::armed() const {
  std::size_t count = due_.count();
  for (const auto& level : slots_) {
    for (const IntrusiveList<Timer>& slot : level) count += slot.count();
  }
  return count;
}

void TimerWheel::expire_slot(unsigned level, unsigned slot) {
  occupied_[level] &= ~(std::uint64_t{1} << slot);
  IntrusiveList<Timer> moving;
  moving.take_all(slots_[level][slot]);
  while (Timer* timer = moving.pop_front()) {
    if (timer->expiry_ <= tick_) {
      due_.push_back(*timer);
    } else {
      place(*timer);
    }
  }
}

void TimerWheel::advance(Instant now) {
  if (now < start_) return;
  const auto target = static_cast<std::uint64_t>((now - start_) / kTick);
  while (tick_ < target) {
    const std::uint64_t next = next_tick();
    if (next > target) {
      tick_ = target;
      break;
    }
    tick_ = next;
    // From the top, so that what moves down lands in slots that are looked at after it.
    for (unsigned level = kLevels; level-- > 0;) {
      const unsigned shift = kBits * level;
      if ((tick_ & ((std::uint64_t{1} << shift) - 1)) != 0) continue;
      expire_slot(level, static_cast<unsigned>((tick_ >> shift) & (kSlots - 1)));
    }
    while (Timer* timer = due_.pop_front()) timer->events_->on_timer(*timer);
  }
}

}  // namespace usher
