#include "policy/latency_histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "policy/jitter.h"

namespace usher::policy {
namespace {

constexpr Instant kStart{};

TEST(LatencyHistogram, NothingIsKnownAtFirst) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.quantiles(kStart).count, 0u);
  EXPECT_EQ(histogram.quantiles(kStart).p95, 0ms);
}

// Each single value, over the whole range: the quantile is at least as long, and at most an eighth
// (or a unit) longer.
TEST(LatencyHistogram, TheErrorIsAtMostAnEighth) {
  for (Duration took = std::chrono::microseconds(1); took < 60s; took += took / 14) {
    LatencyHistogram histogram;
    histogram.record(took, kStart);
    const Duration p95 = histogram.quantiles(kStart).p95;
    EXPECT_GT(p95, took);
    EXPECT_LE(p95, took + std::max<Duration>(took / 8, std::chrono::microseconds(16)));
    EXPECT_EQ(histogram.quantiles(kStart).median, p95);
  }
}

TEST(LatencyHistogram, BucketsJoinWithoutGaps) {
  Duration last{};
  for (int units = 0; units < 4'000; ++units) {
    LatencyHistogram histogram;
    histogram.record(units * Duration(16'000), kStart);
    const Duration p95 = histogram.quantiles(kStart).p95;
    ASSERT_GE(p95, last);
    last = p95;
  }
}

TEST(LatencyHistogram, ExtremesAreCounted) {
  LatencyHistogram histogram;
  histogram.record(-5ms, kStart);
  EXPECT_EQ(histogram.quantiles(kStart).median, std::chrono::microseconds(16));
  LatencyHistogram other;
  other.record(std::chrono::hours(5), kStart);
  EXPECT_GT(other.quantiles(kStart).median, 60s);
}

TEST(LatencyHistogram, QuantilesOfManyValues) {
  Random random(3);
  LatencyHistogram histogram;
  std::vector<Duration> values;
  for (int i = 0; i < 10'000; ++i) {
    values.push_back(Duration(static_cast<std::int64_t>(-5e6 * std::log(1 - random_unit(random)))));
    histogram.record(values.back(), kStart + i * Duration(1'000'000));
  }
  std::sort(values.begin(), values.end());
  const auto& quantiles = histogram.quantiles(kStart + 10s);
  EXPECT_EQ(quantiles.count, 10'000u);
  EXPECT_GE(quantiles.median, values[4'999]);
  EXPECT_LE(quantiles.median, values[4'999] * 9 / 8 + std::chrono::microseconds(16));
  EXPECT_GE(quantiles.p95, values[9'499]);
  EXPECT_LE(quantiles.p95, values[9'499] * 9 / 8 + std::chrono::microseconds(16));
}

TEST(LatencyHistogram, ForgetsAfterAMinute) {
  LatencyHistogram histogram;
  histogram.record(1s, kStart);
  histogram.record(1ms, kStart + 44s);
  EXPECT_EQ(histogram.quantiles(kStart + 44s).count, 2u);
  EXPECT_EQ(histogram.quantiles(kStart + 59s).count, 2u);
  EXPECT_EQ(histogram.quantiles(kStart + 60s).count, 1u);
  EXPECT_LT(histogram.quantiles(kStart + 62s).p95, 2ms);
  EXPECT_EQ(histogram.quantiles(kStart + 200s).count, 0u);
  histogram.record(1ms, kStart + 201s);
  EXPECT_EQ(histogram.quantiles(kStart + 201s).count, 1u);
}

TEST(LatencyHistogram, CountsAnewOnceASecond) {
  LatencyHistogram histogram;
  EXPECT_EQ(histogram.quantiles(kStart).count, 0u);
  histogram.record(1ms, kStart);
  EXPECT_EQ(histogram.quantiles(kStart + 999ms).count, 0u);
  EXPECT_EQ(histogram.quantiles(kStart + 1s).count, 1u);
}

}  // namespace
}  // namespace usher::policy
