#include "policy/retry_budget.h"

#include <algorithm>

namespace usher::policy {

RetryBudget::RetryBudget(const RetryBudgetOptions& options)
    : options_(options), calls_(options.window), repeats_(options.window) {}

std::uint64_t RetryBudget::available(Instant now) const {
  const double window_seconds = std::chrono::duration<double>(options_.window).count();
  const double granted = std::max(options_.share * static_cast<double>(calls_.sum(now)),
                                  options_.floor_per_second * window_seconds);
  // A whole token may be missing by a rounding error only.
  constexpr double kRounding = 1e-9;
  const auto tokens = static_cast<std::uint64_t>(granted + kRounding);
  const std::uint64_t used = repeats_.sum(now);
  return tokens > used ? tokens - used : 0;
}

bool RetryBudget::withdraw(Instant now) {
  const std::lock_guard lock(withdrawing_);
  if (available(now) == 0) return false;
  repeats_.add(now);
  return true;
}

}  // namespace usher::policy
