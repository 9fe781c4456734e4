// LatencyHistogram: how long an endpoint's answers took within the last minute, for hedges (p95)
// and for telling whether another attempt can finish (median).
//
// Counts by powers of two, each cut into eight: a quantile is the upper edge of its bucket, at most
// an eighth above the truth. Four slices of 15 s; the oldest is dropped as a whole, so the window
// is between 45 and 60 s long.
//
// Owner: the worker, per endpoint that needs one.  Thread: worker.
// Cost: record() is a bucket's increment; quantiles() counts anew once a second at most.
// Bounds: 2.5 KiB; from 16 µs to 67 s, what is longer counts as that.
// Source: HdrHistogram's bucket layout.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace usher::policy {

class LatencyHistogram {
 public:
  struct Quantiles {
    std::uint64_t count = 0;  // answers within the window; with none the others are zero
    Duration median{};
    Duration p95{};
  };

  void record(Duration took, Instant now);

  // As of the last second.
  const Quantiles& quantiles(Instant now);

 private:
  static constexpr Duration kUnit = std::chrono::microseconds(16);
  static constexpr std::size_t kSubBuckets = 8;
  static constexpr std::size_t kBuckets = 160;
  static constexpr std::size_t kSlices = 4;
  static constexpr Duration kSlice = std::chrono::seconds(15);
  static constexpr Duration kRefresh = std::chrono::seconds(1);

  using Counts = std::array<std::uint32_t, kBuckets>;
  struct Slice {
    std::int64_t stamp = -1;  // which 15 s since the clock began; -1: never used
    Counts counts{};
  };

  static std::size_t bucket_of(Duration took);
  static Duration upper_edge(std::size_t bucket);
  static Duration quantile(const Counts& counts, std::uint64_t total, double share);
  Quantiles compute(Instant now) const;

  std::array<Slice, kSlices> slices_;
  Quantiles cached_;
  Instant refresh_at_{};
};

}  // namespace usher::policy
