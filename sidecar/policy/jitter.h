// Chance as a duration: what backoff, breakers and ejection spread themselves out with.
//
// Thread: the Random's owner's.
#pragma once

#include <cstdint>

#include "base/clock.h"
#include "base/random.h"

namespace usher::policy {

// Uniform in [0, 1), 53 bits.
inline double random_unit(Random& random) {
  return static_cast<double>(random.next() >> 11) * 0x1.0p-53;
}

// Uniform in [0, upper); zero when `upper` is not positive.
inline Duration random_below(Random& random, Duration upper) {
  if (upper <= Duration::zero()) return Duration::zero();
  return Duration(
      static_cast<std::int64_t>(random_unit(random) * static_cast<double>(upper.count())));
}

}  // namespace usher::policy
