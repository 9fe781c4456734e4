#include "policy/hedge_policy.h"

#include <algorithm>

#include "base/check.h"

namespace usher::policy {

std::string_view to_string(HedgeVerdict verdict) {
  switch (verdict) {
    case HedgeVerdict::Hedge:
      return "hedge";
    case HedgeVerdict::NotSafe:
      return "not_safe";
    case HedgeVerdict::HedgesUsed:
      return "hedges_used";
    case HedgeVerdict::ConsumerRetries:
      return "consumer_retries";
    case HedgeVerdict::AdvisedAgainst:
      return "advised_against";
    case HedgeVerdict::BreakerNotClosed:
      return "breaker_not_closed";
    case HedgeVerdict::Crowded:
      return "crowded";
    case HedgeVerdict::NoTime:
      return "no_time";
    case HedgeVerdict::ShareUsed:
      return "share_used";
    case HedgeVerdict::NoBudget:
      return "no_budget";
  }
  return "";
}

HedgePolicy::HedgePolicy(const HedgeOptions& options)
    : options_(options),
      share_({.share = options.share, .floor_per_second = 0, .window = std::chrono::seconds(10)}) {
  USHER_CHECK(options.max_hedges >= 1 && options.max_hedges <= HedgeOptions::kMaxHedges);
}

std::optional<Duration> HedgePolicy::delay(const LatencyHistogram::Quantiles& quantiles,
                                           Duration per_try) const {
  if (options_.delay) return options_.delay;
  if (quantiles.count < kMinSamples) return std::nullopt;
  return std::clamp(quantiles.p95, kMinDelay, std::max(kMinDelay, per_try / 2));
}

HedgeVerdict HedgePolicy::refuse(const HedgeQuestion& question, Instant now) const {
  if (question.repeatability != Repeatability::Safe) return HedgeVerdict::NotSafe;
  if (question.hedges >= options_.max_hedges) return HedgeVerdict::HedgesUsed;
  if (question.consumer_retries) return HedgeVerdict::ConsumerRetries;
  if (question.advised_against) return HedgeVerdict::AdvisedAgainst;
  if (!question.breaker_closed) return HedgeVerdict::BreakerNotClosed;
  if (question.crowded) return HedgeVerdict::Crowded;
  if (!question.deadline.leaves_time_for(Duration::zero(), question.delay, now)) {
    return HedgeVerdict::NoTime;
  }
  return share_.available(now) == 0 ? HedgeVerdict::ShareUsed : HedgeVerdict::Hedge;
}

HedgeVerdict HedgePolicy::may_hedge(const HedgeQuestion& question, Instant now,
                                    RetryBudget& budget) {
  const HedgeVerdict verdict = refuse(question, now);
  if (verdict != HedgeVerdict::Hedge) return verdict;
  if (!budget.withdraw(now)) return HedgeVerdict::NoBudget;
  // Another worker may have taken the last one since; the owner's token is then lost.
  return share_.withdraw(now) ? HedgeVerdict::Hedge : HedgeVerdict::ShareUsed;
}

}  // namespace usher::policy
