#include "policy/backoff.h"

#include <gtest/gtest.h>

#include <array>

#include "policy/jitter.h"

namespace usher::policy {
namespace {

TEST(Backoff, BoundsGrowToTheCap) {
  const BackoffOptions options;
  EXPECT_EQ(backoff_bound(options, 1), 25ms);
  EXPECT_EQ(backoff_bound(options, 2), 75ms);
  EXPECT_EQ(backoff_bound(options, 3), 175ms);
  EXPECT_EQ(backoff_bound(options, 4), 250ms);
  EXPECT_EQ(backoff_bound(options, 1'000'000), 250ms);
  EXPECT_EQ(backoff_bound({.initial_delay = 0ms, .max_delay = 1s}, 3), 0ms);
  EXPECT_EQ(backoff_bound({.initial_delay = 5s, .max_delay = 1s}, 1), 1s);
}

TEST(Backoff, SamplesFillTheWholeRange) {
  const BackoffOptions options;
  Random random(7);
  for (int n = 1; n <= 5; ++n) {
    const Duration bound = backoff_bound(options, n);
    constexpr int kSamples = 10'000;
    Duration sum{};
    std::array<int, 10> tenths{};
    for (int i = 0; i < kSamples; ++i) {
      const Duration delay = backoff_delay(options, n, random);
      ASSERT_GE(delay, Duration::zero());
      ASSERT_LT(delay, bound);
      sum += delay;
      ++tenths[static_cast<std::size_t>(delay * 10 / bound)];
    }
    const std::chrono::duration<double> mean = std::chrono::duration<double>(sum) / kSamples;
    EXPECT_NEAR(mean / bound, 0.5, 0.02);
    for (const int count : tenths) EXPECT_NEAR(count, 0.1 * kSamples, 150);
  }
}

TEST(Backoff, TheSeedDecides) {
  Random a(3);
  Random b(3);
  for (int n = 1; n < 100; ++n) EXPECT_EQ(backoff_delay({}, n, a), backoff_delay({}, n, b));
}

TEST(Backoff, Doubled) {
  EXPECT_EQ(doubled(5s, 60s, 1), 5s);
  EXPECT_EQ(doubled(5s, 60s, 4), 40s);
  EXPECT_EQ(doubled(5s, 60s, 5), 60s);
  EXPECT_EQ(doubled(5s, 60s, 500), 60s);
  EXPECT_EQ(doubled(90s, 60s, 1), 90s);
  EXPECT_EQ(doubled(90s, 60s, 3), 90s);
}

TEST(Jitter, OfNothingIsNothing) {
  Random random(1);
  EXPECT_EQ(random_below(random, 0ms), 0ms);
  EXPECT_EQ(random_below(random, -5ms), 0ms);
}

}  // namespace
}  // namespace usher::policy
