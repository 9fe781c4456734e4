// Instants and durations. No class but net::Network reads a clock: everything else is told the
// time.
#pragma once

#include <chrono>
#include <cstdint>

namespace usher {

using Duration = std::chrono::nanoseconds;
// A point on the monotonic clock of this process (or of a simulation).
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;

using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""s;

inline constexpr Instant kNever = Instant::max();

// Rounded up, so that a timer set for the result never fires early.
inline std::int64_t to_milliseconds(Duration duration) {
  return std::chrono::ceil<std::chrono::milliseconds>(duration).count();
}

}  // namespace usher
