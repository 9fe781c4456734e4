// The wall clock, for who has no net::Network to ask. Thread: any.
#pragma once

#include <chrono>
#include <cstdint>

namespace usher {

// Milliseconds since 1970.
inline std::int64_t wall_clock_ms() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

}  // namespace usher
