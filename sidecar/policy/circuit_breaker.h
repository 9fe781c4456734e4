// CircuitBreaker stops calls to an owner that keeps failing, and probes it again later.
//
//               a trigger                    open time over, on the next call
//     Closed ──────────────> Open ──────────────────────────────────> HalfOpen
//        ^                     ^                                         │ │
//        │                     └──── a probe fails or never answers ─────┘ │
//        └───────────────────────── success_threshold probes in a row ─────┘
//     ForcedOpen, ForcedClosed: the admin port's, until it says reset.
//
// Closed lets calls through, Open refuses them (as in Nygard's book, not as in Linkerd). An attempt
// asks admit() for a permit and gives it back, in every case, by record(). Each change begins a new
// generation; a result of an older one is dropped, so a call that began before the breaker opened
// neither closes nor opens it later.
//
// Owner:  the process, one per endpoint (or service), shared by all workers.  Thread: any.
// Time:   from the caller; there is no timer, an open breaker becomes half-open by the next call.
// Cost:   closed, a success costs three loads and, where a rate is watched, one atomic addition.
//         A lock is taken for failures, for probes, and by the admin port.
// Bounds: failure_threshold <= kMaxFailureThreshold, half_open_calls <= kMaxProbes; fixed memory
//         after construction.
// Source: Nygard, Release It!, ch. 5; gobreaker (generations, what is ignored); Linkerd (two
//         triggers); resilience4j (slow calls, leases answer its issue 1090).
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "policy/breaker_options.h"
#include "policy/outcome.h"
#include "policy/rolling_count.h"

namespace usher::policy {

enum class BreakerState : std::uint8_t { Closed, Open, HalfOpen, ForcedOpen, ForcedClosed };
inline constexpr std::size_t kBreakerStates = 5;
// Why it changed last.
enum class BreakerReason : std::uint8_t {
  Start,
  Consecutive,  // consecutive_failures
  Failures,     // failure_threshold within the window
  FailureRate,
  SlowRate,
  OpenTimeOver,
  ProbeFailed,
  ProbeLost,  // a probe's lease ran out
  ProbesPassed,
  Admin,
};
// As metrics, logs and the admin port spell them: "half_open", "failure_rate", …
std::string_view to_string(BreakerState state);
std::string_view to_string(BreakerReason reason);

// What admit() says of one attempt; the Exchange keeps it until record().
struct BreakerPermit {
  bool granted = false;
  bool probe = false;
  std::uint8_t slot = 0;         // of a probe's lease
  std::uint32_t generation = 0;  // kUncounted: the result changes nothing
  Duration retry_in{};           // of a refusal: when another call may be let through

  static constexpr std::uint32_t kUncounted = 0;
};

struct BreakerResult {
  Verdict verdict = Verdict::Ignored;
  Duration took{};                        // until the answer's head
  std::optional<Duration> retry_after{};  // of the answer
};

struct BreakerChange {
  BreakerState from;
  BreakerState to;
  BreakerReason reason;
  std::uint32_t generation;  // of the new state: tells the order of changes seen by two threads
  Duration open_for;         // of Open
};

class CircuitBreaker;

// Told of each change, on the thread that caused it, after the breaker's lock is gone.
class BreakerObserver {
 public:
  virtual void on_breaker_change(const CircuitBreaker& breaker, const BreakerChange& change) = 0;

 protected:
  ~BreakerObserver() = default;
};

struct BreakerSnapshot {
  BreakerState state;
  BreakerReason reason;
  std::uint32_t generation;
  int opens;  // in a row, without a close between
  int consecutive_failures;
  std::uint64_t calls;     // within the window; 0 where no rate is watched
  std::uint64_t failures;  // within the window
  std::uint64_t slow;      // within the window
  int probes;              // on their way
  int probe_successes;     // in a row
  Duration retry_in;       // of Open
  bool shadow;             // it refuses nothing
};

class CircuitBreaker {
 public:
  static constexpr int kMaxFailureThreshold = 1000;
  static constexpr int kMaxProbes = 16;
  // Beside its per-try timeout an attempt may need this to report.
  static constexpr Duration kLeaseMargin = std::chrono::seconds(1);

  explicit CircuitBreaker(const BreakerOptions& options, BreakerObserver* observer = nullptr);

  // Asks for one attempt. A probe must report within `per_try` and kLeaseMargin, else it counts as
  // failed. In shadow mode every attempt is granted.
  BreakerPermit admit(Instant now, Duration per_try, Random& random);

  // Ends an attempt that was granted. Once a permit, whatever happened to the attempt.
  void record(const BreakerPermit& permit, const BreakerResult& result, Instant now,
              Random& random);

  // The admin port: "open", "close", and back to a new, closed breaker.
  void force_open();
  void force_closed();
  void reset();

  // A reload. The same options change nothing; others keep the state and clear the window.
  void reconfigure(const BreakerOptions& options);

  bool closed() const { return is_passing(state_of(word_.load(std::memory_order_acquire))); }
  BreakerState state() const { return state_of(word_.load(std::memory_order_relaxed)); }
  BreakerSnapshot snapshot(Instant now) const;

 private:
  using Change = std::optional<BreakerChange>;

  static constexpr unsigned kStateBits = 8;

  static BreakerState state_of(std::uint64_t word) {
    return static_cast<BreakerState>(word & ((1u << kStateBits) - 1));
  }
  static std::uint32_t generation_of(std::uint64_t word) {
    return static_cast<std::uint32_t>(word >> kStateBits);
  }
  static bool is_passing(BreakerState state) {
    return state == BreakerState::Closed || state == BreakerState::ForcedClosed;
  }

  bool is_slow(Duration took) const {
    const std::int64_t limit = slow_call_nanoseconds_.load(std::memory_order_relaxed);
    return limit > 0 && took.count() >= limit;
  }
  BreakerPermit refuse(Duration retry_in) const;
  void apply(const BreakerOptions& options);

  // All of these REQUIRE: mutex_ is held.
  BreakerPermit admit_probe(Instant now, Duration per_try);
  bool lease_ran_out(Instant now) const;
  void record_probe(const BreakerPermit& permit, const BreakerResult& result, Instant now,
                    Random& random, Change& change);
  void count_bad(const BreakerResult& result, bool slow, Instant now);
  BreakerReason trigger(Instant now) const;
  bool rate_reached(double rate, std::uint64_t bad, std::uint64_t calls) const;
  bool failures_within_window(Instant now) const;
  std::uint64_t failures_in_window(Instant now) const;
  void clear_window();
  BreakerChange open(BreakerReason reason, std::optional<Duration> retry_after, Instant now,
                     Random& random);
  BreakerChange move_to(BreakerState state, BreakerReason reason, Duration open_for = {});

  void force(BreakerState state);
  void tell(const Change& change);

  // The first line of the cache: read by every attempt, written when the breaker changes.
  std::atomic<std::uint64_t> word_;  // generation << kStateBits | state
  std::atomic<std::int64_t> open_until_nanoseconds_{0};
  std::atomic<std::int64_t> slow_call_nanoseconds_{0};  // 0: slow calls are not watched
  BreakerObserver* const observer_;
  std::atomic<bool> counts_calls_{false};  // a rate is watched
  std::atomic<bool> shadow_{false};
  BreakerReason reason_ = BreakerReason::Start;  // under the lock, as the next two
  int opens_ = 0;                                // in a row, without a close between
  int probe_successes_ = 0;                      // in a row

  // Written by attempts.
  alignas(64) RollingCount calls_;  // of Closed; where a rate is watched
  RollingCount failures_;
  RollingCount slow_;
  std::atomic<int> consecutive_failures_{0};

  mutable std::mutex mutex_;
  // Under the lock.
  std::vector<Instant> failure_times_;      // the last failure_threshold of them, as a ring
  std::uint64_t failures_seen_ = 0;         // since the window was cleared
  std::array<Instant, kMaxProbes> leases_;  // of the probes on their way; kNever where none is
  BreakerOptions options_;
};

}  // namespace usher::policy
