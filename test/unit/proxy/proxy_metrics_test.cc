#include "proxy/proxy_metrics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace usher::proxy {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// The only bucket that a duration is counted in.
std::size_t bucket_of(Duration duration) {
  EndpointMetrics metrics;
  metrics.record(Outcome::status(200), duration);
  const auto one = [](const Counter& counter) { return counter.value() == 1; };
  EXPECT_EQ(std::count_if(metrics.latency.begin(), metrics.latency.end(), one), 1);
  return static_cast<std::size_t>(
      std::find_if(metrics.latency.begin(), metrics.latency.end(), one) - metrics.latency.begin());
}

TEST(ProxyMetrics, BucketsHoldTheirUpperBound) {
  EXPECT_EQ(bucket_of(Duration::zero()), 0u);
  for (std::size_t i = 0; i < kLatencyBounds.size(); ++i) {
    EXPECT_EQ(bucket_of(kLatencyBounds[i] - Duration(1)), i);
    EXPECT_EQ(bucket_of(kLatencyBounds[i]), i);
    EXPECT_EQ(bucket_of(kLatencyBounds[i] + Duration(1)), i + 1);
  }
  EXPECT_EQ(bucket_of(std::chrono::hours(1)), kLatencyBounds.size());
  EXPECT_TRUE(std::is_sorted(kLatencyBounds.begin(), kLatencyBounds.end()));
}

TEST(ProxyMetrics, OutcomesAreToldApart) {
  std::set<std::size_t> seen;
  for (const int status : {100, 200, 302, 404, 503}) {
    EXPECT_TRUE(seen.insert(Outcome::status(status).index()).second) << status;
  }
  EXPECT_EQ(Outcome::status(200).index(), Outcome::status(299).index());
  for (int code = 0; code < kErrorCodes; ++code) {
    EXPECT_TRUE(seen.insert(Outcome::error(static_cast<ErrorCode>(code)).index()).second) << code;
  }
  EXPECT_TRUE(seen.insert(Outcome::consumer_gone().index()).second);
  EXPECT_EQ(seen.size(), Outcome::kCount);
  EXPECT_EQ(*seen.rbegin(), Outcome::kCount - 1);
}

TEST(ProxyMetrics, RecordsACall) {
  EndpointMetrics metrics;
  metrics.record(Outcome::error(ErrorCode::Overloaded), milliseconds(3));
  metrics.record(Outcome::error(ErrorCode::Overloaded), microseconds(1));
  EXPECT_EQ(metrics.outcomes[Outcome::error(ErrorCode::Overloaded).index()].value(), 2u);
  EXPECT_EQ(metrics.latency_sum_ns.value(), 3'001'000u);
}

TEST(ProxyMetrics, CallsThatMatchNoneAreApart) {
  ProxyMetrics metrics(2);
  metrics.unmatched().attempts.add();
  EXPECT_EQ(metrics.unmatched().attempts.value(), 1u);
  EXPECT_EQ(metrics.endpoint(0).attempts.value() + metrics.endpoint(1).attempts.value(), 0u);
}

TEST(Counter, AddsAndSubtracts) {
  Counter counter;
  counter.add(5);
  counter.subtract();
  EXPECT_EQ(counter.value(), 4u);
}

}  // namespace
}  // namespace usher::proxy
