#include "policy/backoff.h"

#include <algorithm>
#include <cstdint>

#include "policy/jitter.h"

namespace usher::policy {
namespace {

constexpr int kMaxDoublings = 62;

// base * factor, at most max; without overflow.
Duration times_at_most(Duration base, std::int64_t factor, Duration max) {
  if (base > max / factor) return max;
  return std::min(base * factor, max);
}

}  // namespace

Duration backoff_bound(const BackoffOptions& options, int n) {
  const auto factor = (std::int64_t{1} << std::min(n, kMaxDoublings)) - 1;
  return times_at_most(options.initial_delay, factor, options.max_delay);
}

Duration backoff_delay(const BackoffOptions& options, int n, Random& random) {
  return random_below(random, backoff_bound(options, n));
}

Duration doubled(Duration base, Duration max, int n) {
  const auto factor = std::int64_t{1} << std::min(n - 1, kMaxDoublings);
  return times_at_most(base, factor, std::max(base, max));
}

}  // namespace usher::policy
