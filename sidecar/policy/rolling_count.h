// RollingCount: how often something happened within the last window, shared by all workers.
//
// A ring of kBuckets counters, each a tenth of the window long and stamped with the step of time it
// counts; a bucket whose stamp is out of date counts as empty, so a pause needs no clearing. The
// sum covers between nine and ten tenths of the window.
//
// Thread: any; no lock. add() is a load and an atomic addition. Workers may disagree on the time
// by less than a window.
// Bounds: 2^32 - 1 events a bucket; 2^32 steps of time (13 years at a window of 1 s).
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace usher::policy {

class RollingCount {
 public:
  static constexpr std::size_t kBuckets = 10;

  // REQUIRES: window >= 10 ns.
  explicit RollingCount(Duration window) { reset(window); }

  // Forgets everything; counts over `window` from now on. An add() at the same time may be lost.
  void reset(Duration window) {
    step_nanoseconds_.store(window.count() / static_cast<std::int64_t>(kBuckets),
                            std::memory_order_relaxed);
    for (auto& bucket : buckets_) bucket.store(0, std::memory_order_relaxed);
  }

  void add(Instant now) {
    const std::uint64_t stamp = stamp_at(now);
    std::atomic<std::uint64_t>& bucket = buckets_[stamp % kBuckets];
    std::uint64_t word = bucket.load(std::memory_order_relaxed);
    while (word >> kCountBits != stamp) {
      if (bucket.compare_exchange_weak(word, (stamp << kCountBits) + 1,
                                       std::memory_order_relaxed)) {
        return;
      }
    }
    bucket.fetch_add(1, std::memory_order_relaxed);
  }

  std::uint64_t sum(Instant now) const {
    const std::uint64_t newest = stamp_at(now);
    std::uint64_t total = 0;
    for (const auto& bucket : buckets_) {
      const std::uint64_t word = bucket.load(std::memory_order_relaxed);
      const std::uint64_t stamp = word >> kCountBits;
      // A stamp ahead of `now` is another worker's later time.
      if (stamp + kBuckets > newest) total += word & kCountMask;
    }
    return total;
  }

 private:
  static constexpr unsigned kCountBits = 32;
  static constexpr std::uint64_t kCountMask = (std::uint64_t{1} << kCountBits) - 1;

  // Never 0 for a bucket in use, since the clock's first window counts from kBuckets.
  std::uint64_t stamp_at(Instant now) const {
    const std::int64_t step = step_nanoseconds_.load(std::memory_order_relaxed);
    const auto steps = static_cast<std::uint64_t>(now.time_since_epoch().count() / step);
    return (steps + kBuckets) & kCountMask;
  }

  std::atomic<std::int64_t> step_nanoseconds_;
  std::array<std::atomic<std::uint64_t>, kBuckets> buckets_;
};

}  // namespace usher::policy
