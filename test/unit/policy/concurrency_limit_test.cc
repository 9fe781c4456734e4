#include "policy/concurrency_limit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <vector>

#include "base/random.h"

namespace usher::policy {
namespace {

using Entry = ConcurrencyLimit::Entry;

constexpr Instant kStart{};

ConcurrencyOptions limits(std::size_t concurrent, std::size_t queue) {
  return {.max_concurrent = concurrent, .max_queue = queue, .queue_timeout = 100ms};
}

TEST(ConcurrencyLimit, RefusesWhatFindsNeitherPlaceNorQueue) {
  ConcurrencyLimit limit(limits(2, 1));
  LimitWaiter a, b, c, d;
  EXPECT_EQ(limit.enter(a, kStart), Entry::Entered);
  EXPECT_EQ(limit.enter(b, kStart), Entry::Entered);
  EXPECT_EQ(limit.enter(c, kStart), Entry::Queued);
  EXPECT_EQ(limit.enter(d, kStart), Entry::Refused);
  EXPECT_EQ(limit.entered(), 2u);
  EXPECT_EQ(limit.waiting(), 1u);
}

TEST(ConcurrencyLimit, APlacePassesToTheFirstWaiter) {
  ConcurrencyLimit limit(limits(1, 2));
  LimitWaiter a, b, c;
  limit.enter(a, kStart);
  limit.enter(b, kStart);
  limit.enter(c, kStart);
  EXPECT_EQ(limit.leave(), &b);
  EXPECT_FALSE(b.queued());
  EXPECT_EQ(limit.entered(), 1u);
  EXPECT_EQ(limit.leave(), &c);
  EXPECT_EQ(limit.leave(), nullptr);
  EXPECT_EQ(limit.entered(), 0u);
}

TEST(ConcurrencyLimit, AWaiterMayGiveUp) {
  ConcurrencyLimit limit(limits(1, 2));
  LimitWaiter a, b, c;
  limit.enter(a, kStart);
  limit.enter(b, kStart + 1s);
  EXPECT_EQ(b.give_up_at(), kStart + 1100ms);
  limit.enter(c, kStart);
  limit.cancel(b);
  limit.cancel(b);
  EXPECT_EQ(limit.waiting(), 1u);
  EXPECT_EQ(limit.leave(), &c);
}

TEST(ConcurrencyLimit, AWaiterThatIsDestroyedLeaves) {
  ConcurrencyLimit limit(limits(1, 2));
  LimitWaiter a;
  limit.enter(a, kStart);
  {
    LimitWaiter b;
    limit.enter(b, kStart);
  }
  EXPECT_EQ(limit.waiting(), 0u);
  EXPECT_EQ(limit.leave(), nullptr);
}

TEST(ConcurrencyLimit, ZeroIsNoLimit) {
  ConcurrencyLimit limit(limits(0, 0));
  LimitWaiter waiter;
  for (int i = 0; i < 10'000; ++i) EXPECT_EQ(limit.enter(waiter, kStart), Entry::Entered);
  EXPECT_FALSE(limit.is_crowded());
}

TEST(ConcurrencyLimit, WithoutAQueueItRefusesAtOnce) {
  ConcurrencyLimit limit(limits(1, 0));
  LimitWaiter a, b;
  limit.enter(a, kStart);
  EXPECT_EQ(limit.enter(b, kStart), Entry::Refused);
}

TEST(ConcurrencyLimit, NobodyOvertakesWhenTheLimitIsRaised) {
  ConcurrencyLimit limit(limits(1, 4));
  LimitWaiter a, b, c;
  limit.enter(a, kStart);
  limit.enter(b, kStart);
  limit.reconfigure(limits(5, 4));
  EXPECT_EQ(limit.enter(c, kStart), Entry::Queued);
  EXPECT_EQ(limit.leave(), &b);
  EXPECT_EQ(limit.leave(), &c);
}

TEST(ConcurrencyLimit, PlacesAreGivenUpWhenItIsLowered) {
  ConcurrencyLimit limit(limits(3, 4));
  LimitWaiter waiters[4];
  for (LimitWaiter& waiter : waiters) limit.enter(waiter, kStart);
  limit.reconfigure(limits(1, 4));
  EXPECT_EQ(limit.leave(), nullptr);
  EXPECT_EQ(limit.leave(), nullptr);
  EXPECT_EQ(limit.leave(), &waiters[3]);
}

TEST(ConcurrencyLimit, LetsInWhoWaitsWhenItIsRaised) {
  ConcurrencyLimit limit(limits(1, 3));
  LimitWaiter a, b, c, d;
  limit.enter(a, kStart);
  limit.enter(b, kStart);
  limit.enter(c, kStart);
  limit.enter(d, kStart);
  EXPECT_EQ(limit.grant(), nullptr);
  limit.reconfigure(limits(3, 3));
  EXPECT_EQ(limit.grant(), &b);
  EXPECT_EQ(limit.grant(), &c);
  EXPECT_EQ(limit.grant(), nullptr) << "three are in";
  EXPECT_EQ(limit.entered(), 3u);
  EXPECT_EQ(limit.leave(), &d);
}

TEST(ConcurrencyLimit, CrowdedAboveFourFifths) {
  ConcurrencyLimit limit(limits(10, 0));
  LimitWaiter waiter;
  for (int i = 0; i < 8; ++i) limit.enter(waiter, kStart);
  EXPECT_FALSE(limit.is_crowded());
  limit.enter(waiter, kStart);
  EXPECT_TRUE(limit.is_crowded());
}

TEST(ConcurrencyLimit, ShareOfAWorker) {
  EXPECT_EQ(share_of_worker(10, 1), 10u);
  EXPECT_EQ(share_of_worker(10, 4), 3u);
  EXPECT_EQ(share_of_worker(1, 4), 1u);
  EXPECT_EQ(share_of_worker(0, 4), 0u);
}

// Random comings and goings against two lists.
TEST(ConcurrencyLimit, IsFirstComeFirstServedAndNeverExceeded) {
  Random random(5);
  ConcurrencyLimit limit(limits(7, 9));
  std::vector<std::unique_ptr<LimitWaiter>> all;
  std::size_t inside = 0;
  std::deque<LimitWaiter*> queue;
  for (int i = 0; i < 50'000; ++i) {
    const std::uint64_t what = random.next() % 5;
    if (what < 2) {
      all.push_back(std::make_unique<LimitWaiter>());
      const Entry entry = limit.enter(*all.back(), kStart);
      const Entry expected = inside < 7         ? Entry::Entered
                             : queue.size() < 9 ? Entry::Queued
                                                : Entry::Refused;
      ASSERT_EQ(entry, expected);
      if (entry == Entry::Entered) ++inside;
      if (entry == Entry::Queued) queue.push_back(all.back().get());
    } else if (what < 4 && inside > 0) {
      LimitWaiter* const expected = queue.empty() ? nullptr : queue.front();
      ASSERT_EQ(limit.leave(), expected);
      if (expected == nullptr) {
        --inside;
      } else {
        queue.pop_front();
      }
    } else if (!queue.empty()) {
      const auto at = queue.begin() + static_cast<std::ptrdiff_t>(random.next() % queue.size());
      limit.cancel(**at);
      queue.erase(at);
    }
    ASSERT_EQ(limit.entered(), inside);
    ASSERT_EQ(limit.waiting(), queue.size());
  }
}

}  // namespace
}  // namespace usher::policy
