// RetryBudget: retries and hedges to one owner are at most a share of the calls to it.
//
// Over any window the extra attempts are at most share * calls, or the floor where that is more.
// An attempt that the share pays for is never older than the calls that paid, so over the whole
// life of the process, too, the extra attempts are at most share * calls, but for what the floor
// gave while there was little traffic. The floor is not added to the share: an owner that fails
// every one of 1000 calls sees 1200 attempts, not 1200 and a reserve.
//
// Owner: the process, one per service.  Thread: any. call() takes no lock; withdraw() does, since
// two workers must not spend the same token, and is called for repeats only.
// Source: Finagle's RetryBudget and Linkerd's retry budget (share, ttl, minimum), but for the
// floor, which is additive there.
#pragma once

#include <cstdint>
#include <mutex>

#include "base/clock.h"
#include "policy/rolling_count.h"

namespace usher::policy {

struct RetryBudgetOptions {
  double share = 0.2;           // extra attempts per call
  double floor_per_second = 1;  // granted over the window whatever the traffic; 0 is none
  Duration window = std::chrono::seconds(10);

  bool operator==(const RetryBudgetOptions&) const = default;
};

class RetryBudget {
 public:
  explicit RetryBudget(const RetryBudgetOptions& options);

  // A call is sent for the first time. Not for cache hits, local refusals, or the repeats of a
  // consumer that retries by itself (those withdraw).
  void call(Instant now) { calls_.add(now); }

  // Takes one token; false when there is none. When a consumer's own repeat finds none it is sent
  // all the same.
  bool withdraw(Instant now);

  // What withdraw() would still grant at `now`.
  std::uint64_t available(Instant now) const;

 private:
  const RetryBudgetOptions options_;
  RollingCount calls_;
  RollingCount repeats_;
  std::mutex withdrawing_;
};

}  // namespace usher::policy
