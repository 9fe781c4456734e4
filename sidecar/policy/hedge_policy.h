// HedgePolicy: a second attempt at a safe call that takes unusually long; the first answer wins.
//
// The Exchange arms a timer for delay() when it sends the first attempt. When it fires, or when a
// failure that could be retried comes before, it asks may_hedge() and sends a hedge to another
// address. The loser is cancelled and ends as AttemptEnd::Superseded.
//
// Owner: the process, one per endpoint that hedges.  Thread: any.
// Source: Dean and Barroso, "The Tail at Scale", 2013; gRPC A6 (pushback stops hedges).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "policy/deadline.h"
#include "policy/latency_histogram.h"
#include "policy/repeatability.h"
#include "policy/retry_budget.h"

namespace usher::policy {

struct HedgeOptions {
  std::optional<Duration> delay{};  // nothing: the endpoint's p95
  int max_hedges = 1;               // a call, at most kMaxHedges
  double share = 0.05;              // hedges per call, over 10 s

  static constexpr int kMaxHedges = 3;
  bool operator==(const HedgeOptions&) const = default;
};

enum class HedgeVerdict : std::uint8_t {
  Hedge,
  NotSafe,
  HedgesUsed,
  ConsumerRetries,
  AdvisedAgainst,
  BreakerNotClosed,
  Crowded,  // the concurrency limit is nearly reached
  NoTime,
  ShareUsed,  // of this endpoint
  NoBudget,   // of the owner, shared with retries
};
inline constexpr std::size_t kHedgeVerdicts = static_cast<std::size_t>(HedgeVerdict::NoBudget) + 1;
std::string_view to_string(HedgeVerdict verdict);

// What is known when a hedge could be sent.
struct HedgeQuestion {
  Repeatability repeatability = Repeatability::Unsafe;
  int hedges = 0;  // that this call has sent
  bool consumer_retries = false;
  bool advised_against = false;
  bool breaker_closed = true;
  bool crowded = false;  // ConcurrencyLimit::is_crowded
  Duration delay{};      // that the timer was armed for
  Deadline deadline;
};

class HedgePolicy {
 public:
  explicit HedgePolicy(const HedgeOptions& options);

  // How long to wait for the first answer; nothing while too little is known of the endpoint.
  std::optional<Duration> delay(const LatencyHistogram::Quantiles& quantiles,
                                Duration per_try) const;

  // A call of the endpoint is sent for the first time.
  void call(Instant now) { share_.call(now); }

  // Hedge: one token of both shares is spent.
  HedgeVerdict may_hedge(const HedgeQuestion& question, Instant now, RetryBudget& budget);

 private:
  static constexpr std::uint64_t kMinSamples = 100;
  static constexpr Duration kMinDelay = std::chrono::milliseconds(10);

  HedgeVerdict refuse(const HedgeQuestion& question, Instant now) const;

  const HedgeOptions options_;
  RetryBudget share_;
};

}  // namespace usher::policy
