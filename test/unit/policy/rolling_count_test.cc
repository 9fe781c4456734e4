#include "policy/rolling_count.h"

#include <gtest/gtest.h>

#include <deque>
#include <thread>
#include <vector>

#include "base/random.h"

namespace usher::policy {
namespace {

constexpr Instant kStart{};

TEST(RollingCount, ForgetsAfterTheWindow) {
  RollingCount count(10s);
  EXPECT_EQ(count.sum(kStart), 0u);
  count.add(kStart);
  count.add(kStart + 9s);
  EXPECT_EQ(count.sum(kStart + 9s), 2u);
  EXPECT_EQ(count.sum(kStart + 9999ms), 2u);
  EXPECT_EQ(count.sum(kStart + 10s), 1u);
  EXPECT_EQ(count.sum(kStart + 19s), 0u);
}

TEST(RollingCount, APauseOfAnyLengthEmptiesIt) {
  RollingCount count(10s);
  for (int i = 0; i < 10; ++i) count.add(kStart + std::chrono::seconds(i));
  EXPECT_EQ(count.sum(kStart + 9s), 10u);
  EXPECT_EQ(count.sum(kStart + 100s), 0u);
  count.add(kStart + 100s);
  EXPECT_EQ(count.sum(kStart + 100s), 1u);
}

TEST(RollingCount, ResetForgets) {
  RollingCount count(10s);
  count.add(kStart);
  count.reset(20s);
  EXPECT_EQ(count.sum(kStart), 0u);
  count.add(kStart);
  EXPECT_EQ(count.sum(kStart + 19s), 1u);
  EXPECT_EQ(count.sum(kStart + 20s), 0u);
}

// Against a list of all events, whose step of time is compared.
TEST(RollingCount, AgreesWithAListOfEvents) {
  Random random(11);
  RollingCount count(10s);
  std::deque<std::int64_t> steps;
  Instant now = kStart;
  for (int i = 0; i < 20'000; ++i) {
    now += std::chrono::milliseconds(random.next() % (i % 500 == 0 ? 30'000 : 200));
    const std::int64_t step = now.time_since_epoch() / 1s;
    if (random.next() % 2 == 0) {
      count.add(now);
      steps.push_back(step);
    }
    while (!steps.empty() && steps.front() <= step - 10) steps.pop_front();
    ASSERT_EQ(count.sum(now), steps.size());
  }
}

TEST(RollingCount, LosesNothingBetweenThreads) {
  RollingCount count(10s);
  constexpr int kThreads = 4;
  constexpr int kEvents = 20'000;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&count] {
      for (int i = 0; i < kEvents; ++i) count.add(kStart + i * Duration(100'000));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count.sum(kStart + 2s), std::uint64_t{kThreads} * kEvents);
}

}  // namespace
}  // namespace usher::policy
