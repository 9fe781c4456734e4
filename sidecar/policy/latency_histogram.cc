#include "policy/latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace usher::policy {

std::size_t LatencyHistogram::bucket_of(Duration took) {
  const auto units = static_cast<std::uint64_t>(std::max(took / kUnit, std::int64_t{0}));
  if (units < kSubBuckets) return static_cast<std::size_t>(units);
  const auto exponent = static_cast<std::size_t>(std::bit_width(units / kSubBuckets)) - 1;
  const std::size_t bucket = exponent * kSubBuckets + static_cast<std::size_t>(units >> exponent);
  return std::min(bucket, kBuckets - 1);
}

Duration LatencyHistogram::upper_edge(std::size_t bucket) {
  if (bucket < kSubBuckets) return kUnit * static_cast<std::int64_t>(bucket + 1);
  const std::size_t exponent = bucket / kSubBuckets - 1;
  const std::size_t mantissa = bucket % kSubBuckets + kSubBuckets;
  return kUnit * static_cast<std::int64_t>((mantissa + 1) << exponent);
}

void LatencyHistogram::record(Duration took, Instant now) {
  const std::int64_t stamp = now.time_since_epoch() / kSlice;
  Slice& slice = slices_[static_cast<std::size_t>(stamp) % kSlices];
  if (slice.stamp != stamp) slice = {.stamp = stamp, .counts = {}};
  ++slice.counts[bucket_of(took)];
}

const LatencyHistogram::Quantiles& LatencyHistogram::quantiles(Instant now) {
  if (now >= refresh_at_) {
    cached_ = compute(now);
    refresh_at_ = now + kRefresh;
  }
  return cached_;
}

LatencyHistogram::Quantiles LatencyHistogram::compute(Instant now) const {
  const std::int64_t newest = now.time_since_epoch() / kSlice;
  Counts counts{};
  std::uint64_t total = 0;
  for (const Slice& slice : slices_) {
    if (slice.stamp < 0 || slice.stamp + static_cast<std::int64_t>(kSlices) <= newest) continue;
    for (std::size_t i = 0; i < kBuckets; ++i) {
      counts[i] += slice.counts[i];
      total += slice.counts[i];
    }
  }
  if (total == 0) return {};
  return {
      .count = total, .median = quantile(counts, total, 0.5), .p95 = quantile(counts, total, 0.95)};
}

Duration LatencyHistogram::quantile(const Counts& counts, std::uint64_t total, double share) {
  auto rank = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total)));
  for (std::size_t i = 0; i < kBuckets; ++i) {
    if (rank <= counts[i]) return upper_edge(i);
    rank -= counts[i];
  }
  return upper_edge(kBuckets - 1);
}

}  // namespace usher::policy
