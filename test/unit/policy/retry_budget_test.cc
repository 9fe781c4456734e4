#include "policy/retry_budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <deque>
#include <thread>
#include <vector>

#include "base/random.h"

namespace usher::policy {
namespace {

constexpr Instant kStart{};
constexpr RetryBudgetOptions kNoFloor{.share = 0.2, .floor_per_second = 0, .window = 10s};

TEST(RetryBudget, FiveCallsPayForOneRepeat) {
  RetryBudget budget(kNoFloor);
  for (int i = 0; i < 4; ++i) budget.call(kStart);
  EXPECT_FALSE(budget.withdraw(kStart));
  budget.call(kStart);
  EXPECT_TRUE(budget.withdraw(kStart));
  EXPECT_FALSE(budget.withdraw(kStart));
}

TEST(RetryBudget, DepositsExpire) {
  RetryBudget budget(kNoFloor);
  for (int i = 0; i < 10; ++i) budget.call(kStart);
  EXPECT_EQ(budget.available(kStart + 9s), 2u);
  EXPECT_EQ(budget.available(kStart + 10s), 0u);
}

TEST(RetryBudget, TheFloorIsThereWithoutTraffic) {
  RetryBudget budget({.share = 0.2, .floor_per_second = 1, .window = 10s});
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(budget.withdraw(kStart)) << i;
  EXPECT_FALSE(budget.withdraw(kStart));
  EXPECT_FALSE(budget.withdraw(kStart + 9s));
  EXPECT_TRUE(budget.withdraw(kStart + 10s));
}

TEST(RetryBudget, TheFloorIsNotAddedToTheShare) {
  RetryBudget budget({});
  for (int i = 0; i < 1000; ++i) budget.call(kStart);
  EXPECT_EQ(budget.available(kStart), 200u);
}

TEST(RetryBudget, ZeroOfBothGrantsNothing) {
  RetryBudget budget({.share = 0, .floor_per_second = 0, .window = 10s});
  for (int i = 0; i < 1000; ++i) budget.call(kStart);
  EXPECT_FALSE(budget.withdraw(kStart));
}

// An owner that fails always, at several rates and for longer than the window: it never sees more
// than 1.2 times its calls.
TEST(RetryBudget, AFailingOwnerSeesNoStorm) {
  for (const int calls_per_second : {10, 33, 100, 1000}) {
    RetryBudget budget({});
    int calls = 0;
    int repeats = 0;
    for (; calls < 1000 || calls < 60 * calls_per_second; ++calls) {
      const Instant now = kStart + calls * (Duration(1s) / calls_per_second);
      budget.call(now);
      while (budget.withdraw(now)) ++repeats;
    }
    EXPECT_LE(repeats, calls / 5) << calls_per_second;
    EXPECT_GT(repeats, calls / 6) << calls_per_second;
  }
}

// Any mixture of calls, repeats and pauses: over the whole run repeats stay below the share, and
// whenever one is granted, those of its window are within the larger of share and floor.
TEST(RetryBudget, IsNeverExceeded) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Random random(seed);
    const bool has_floor = seed % 2 == 0;
    const RetryBudgetOptions options{
        .share = 0.2, .floor_per_second = has_floor ? 1.0 : 0.0, .window = 10s};
    RetryBudget budget(options);
    Instant now = kStart;
    std::deque<Instant> calls;
    std::deque<Instant> repeats;
    std::size_t all_calls = 0;
    std::size_t all_repeats = 0;
    for (int i = 0; i < 5'000; ++i) {
      now += std::chrono::milliseconds(random.next() % (i % 100 == 0 ? 15'000 : 20));
      if (random.next() % 4 != 0) {
        budget.call(now);
        calls.push_back(now);
        ++all_calls;
        continue;
      }
      if (!budget.withdraw(now)) continue;
      repeats.push_back(now);
      ++all_repeats;
      while (!calls.empty() && calls.front() <= now - 10s) calls.pop_front();
      while (!repeats.empty() && repeats.front() <= now - 9s) repeats.pop_front();
      const double floor = has_floor ? 10 : 0;
      ASSERT_LE(static_cast<double>(repeats.size()),
                std::max(0.2 * static_cast<double>(calls.size()), floor));
      if (!has_floor) {
        ASSERT_LE(all_repeats * 5, all_calls);
      }
    }
  }
}

// The race is for the last token, so there are many last tokens.
TEST(RetryBudget, ThreadsDoNotSpendATokenTwice) {
  constexpr int kTokens = 100;
  for (int round = 0; round < 500; ++round) {
    RetryBudget budget(kNoFloor);
    for (int i = 0; i < 5 * kTokens; ++i) budget.call(kStart);
    std::atomic<int> granted{0};
    std::barrier start(4);
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&budget, &granted, &start] {
        start.arrive_and_wait();
        while (budget.withdraw(kStart)) ++granted;
      });
    }
    for (std::thread& thread : threads) thread.join();
    ASSERT_EQ(granted, kTokens);
  }
}

}  // namespace
}  // namespace usher::policy
