// ProxyMetrics: one worker's counters of calls, per endpoint, and its gauges.
//
// Written by the worker, read by whoever scrapes: relaxed atomics, no read-modify-write, since
// there is one writer.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "policy/freshness.h"
#include "policy/hedge_policy.h"
#include "policy/retry_policy.h"
#include "proxy/cache_metrics.h"

namespace usher::proxy {

// A number that one thread changes and any reads.
class Counter {
 public:
  void add(std::uint64_t amount = 1) { value_.store(value() + amount, std::memory_order_relaxed); }
  void subtract(std::uint64_t amount = 1) {
    value_.store(value() - amount, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// How a call ended: with an owner's answer of a status class, with an error of Usher's own, or
// without a consumer.
class Outcome {
 public:
  static constexpr std::size_t kCount = 5 + kErrorCodes + 1;

  static Outcome status(int status) { return Outcome(static_cast<std::size_t>(status / 100 - 1)); }
  static Outcome error(ErrorCode code) { return Outcome(5 + static_cast<std::size_t>(code)); }
  static Outcome consumer_gone() { return Outcome(kCount - 1); }

  std::size_t index() const { return index_; }

 private:
  explicit Outcome(std::size_t index) : index_(index) {}
  std::size_t index_;
};

// The upper bounds of usher_request_duration_seconds' buckets; one more bucket has none.
inline constexpr std::array<Duration, 14> kLatencyBounds = {
    std::chrono::microseconds(500), std::chrono::milliseconds(1),   std::chrono::microseconds(2500),
    std::chrono::milliseconds(5),   std::chrono::milliseconds(10),  std::chrono::milliseconds(25),
    std::chrono::milliseconds(50),  std::chrono::milliseconds(100), std::chrono::milliseconds(250),
    std::chrono::milliseconds(500), std::chrono::seconds(1),        std::chrono::milliseconds(2500),
    std::chrono::seconds(5),        std::chrono::seconds(10)};

struct EndpointMetrics {
  std::array<Counter, Outcome::kCount> outcomes;
  std::array<Counter, kLatencyBounds.size() + 1> latency;  // not cumulative
  Counter latency_sum_ns;
  Counter attempts;
  Counter
      stale_connections;  // attempts repeated because a kept-alive connection had just been closed
  std::array<Counter, policy::kRetryVerdicts> retries;     // what was decided after failed attempts
  std::array<Counter, policy::kHedgeVerdicts> hedges;      // what was decided about hedges
  Counter hedges_won;                                      // those whose answer came first
  Counter fallbacks;                                       // fixed answers given
  std::array<Counter, kCacheResults> cache;                // calls of an endpoint with `cache`
  std::array<Counter, kCacheInvalidations> invalidations;  // calls that made answers stale
  std::array<Counter, policy::kNotStored> not_stored;      // owners' answers, by why not

  void record(Outcome outcome, Duration latency);
};

// At what a call was refused as OVERLOADED.
enum class ShedReason : std::uint8_t {
  Memory,      // a new call, for want of memory
  HeldBody,    // a body that is held, likewise
  Place,       // no place among the calls of its endpoint or its owner
  Connection,  // no connection to its owner, nor a place in the queue for one
};
inline constexpr std::size_t kShedReasons = 4;

// One worker's counters of each endpoint, by Endpoint::index. Calls that began under an older
// Snapshot go on counting in those that they began with.
using EndpointCounters = std::vector<std::shared_ptr<EndpointMetrics>>;

class ProxyMetrics {
 public:
  ProxyMetrics() = default;
  // With fresh counters of that many endpoints.
  explicit ProxyMetrics(std::size_t endpoints) {
    for (std::size_t i = 0; i < endpoints; ++i) {
      endpoints_.push_back(std::make_shared<EndpointMetrics>());
    }
  }

  // Those of the Snapshot in use. Thread: main, as for endpoint().
  void set_endpoints(EndpointCounters counters) { endpoints_ = std::move(counters); }
  const EndpointCounters& endpoints() const { return endpoints_; }
  EndpointMetrics& endpoint(std::size_t index) { return *endpoints_[index]; }
  const EndpointMetrics& endpoint(std::size_t index) const { return *endpoints_[index]; }
  // Of calls that match none.
  EndpointMetrics& unmatched() { return unmatched_; }
  const EndpointMetrics& unmatched() const { return unmatched_; }

  Counter connections;          // of consumers, open now
  Counter connections_total;    // of consumers, since the start
  Counter connections_refused;  // answered 503, for want of room
  Counter accept_failures;      // for want of a descriptor or of memory
  Counter calls_active;
  Counter passed_through;    // calls that are no endpoint's, to their destination as they were
  Counter tunnels;           // open now
  Counter tunnels_total;     // since the start
  Counter tunnel_bytes_out;  // from consumers, of tunnels that have ended
  Counter tunnel_bytes_in;   // to consumers, likewise
  Counter loops;             // connections of this very process, refused
  std::array<Counter, kShedReasons> calls_shed;

  Counter& timeout(Timeout which) { return timeouts_[static_cast<std::size_t>(which)]; }
  const Counter& timeout(Timeout which) const { return timeouts_[static_cast<std::size_t>(which)]; }

 private:
  std::array<Counter, kTimeouts> timeouts_;
  EndpointCounters endpoints_;
  EndpointMetrics unmatched_;
};

}  // namespace usher::proxy
