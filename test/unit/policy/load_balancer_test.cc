#include "policy/load_balancer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "policy/outlier_detector.h"

namespace usher::policy {
namespace {

class LoadBalancerTest : public testing::Test {
 protected:
  void use(std::size_t hosts) {
    outliers_.emplace(OutlierOptions{});
    balancer_.emplace();
    present_ = {};
    for (std::size_t host = 0; host < hosts; ++host) {
      outliers_->add(host);
      present_.add(host);
    }
  }
  void eject(std::size_t host) {
    for (int i = 0; i < 5; ++i) outliers_->record(host, Verdict::Failure, now_, random_);
    ASSERT_TRUE(outliers_->is_ejected(host, now_));
  }
  HostSet healthy() { return present_.without(outliers_->ejected(now_)); }
  std::size_t choose() { return balancer_->choose(candidates(healthy(), tried_), random_); }
  bool has_other() { return !healthy().without(tried_).empty(); }

  Instant now_{};
  Random random_{std::uint64_t{1}};
  HostSet present_;
  HostSet tried_;
  std::optional<OutlierDetector> outliers_;
  std::optional<LoadBalancer> balancer_;
};

TEST_F(LoadBalancerTest, OneHostIsAlwaysIt) {
  use(1);
  EXPECT_EQ(choose(), 0u);
  tried_.add(0);
  EXPECT_FALSE(has_other());
  EXPECT_EQ(choose(), 0u);
}

TEST_F(LoadBalancerTest, OfTwoTheOneWithLessToDo) {
  use(2);
  balancer_->started(0);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(choose(), 1u);
  balancer_->started(1);
  balancer_->started(1);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(choose(), 0u);
  balancer_->finished(1);
  balancer_->finished(1);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(choose(), 1u);
}

TEST_F(LoadBalancerTest, EqualHostsGetEqualShares) {
  use(5);
  std::vector<int> chosen(5);
  for (int i = 0; i < 10'000; ++i) ++chosen[choose()];
  for (const int count : chosen) EXPECT_NEAR(count, 2'000, 200);
}

// The busiest never wins against another, so with two distinct choices it is never taken.
TEST_F(LoadBalancerTest, TheBusiestIsNeverTaken) {
  use(5);
  balancer_->started(3);
  for (int i = 0; i < 1'000; ++i) EXPECT_NE(choose(), 3u);
}

TEST_F(LoadBalancerTest, LoadStaysLevel) {
  use(10);
  std::vector<std::size_t> running;
  for (int i = 0; i < 20'000; ++i) {
    running.push_back(choose());
    balancer_->started(running.back());
    if (running.size() <= 100) continue;
    const auto done =
        running.begin() + static_cast<std::ptrdiff_t>(random_.next() % running.size());
    balancer_->finished(*done);
    running.erase(done);
  }
  for (std::size_t host = 0; host < 10; ++host) EXPECT_NEAR(balancer_->active(host), 10, 5);
}

TEST_F(LoadBalancerTest, EjectedHostsAreLeftOut) {
  use(4);
  eject(1);
  eject(2);
  std::vector<int> chosen(4);
  for (int i = 0; i < 1'000; ++i) ++chosen[choose()];
  EXPECT_EQ(chosen[1] + chosen[2], 0);
  EXPECT_GT(chosen[0], 400);
  EXPECT_GT(chosen[3], 400);
}

TEST_F(LoadBalancerTest, ARetryGoesElsewhereWhenItCan) {
  use(3);
  tried_.add(0);
  for (int i = 0; i < 100; ++i) EXPECT_NE(choose(), 0u);
  tried_.add(1);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(choose(), 2u);
  EXPECT_TRUE(has_other());
  tried_.add(2);
  EXPECT_FALSE(has_other());
  std::vector<int> chosen(3);
  for (int i = 0; i < 1'000; ++i) ++chosen[choose()];
  EXPECT_GT(*std::min_element(chosen.begin(), chosen.end()), 200);
}

TEST_F(LoadBalancerTest, RatherTheSameAgainThanOneThatIsOut) {
  use(2);
  eject(1);
  tried_.add(0);
  EXPECT_FALSE(has_other());
  for (int i = 0; i < 100; ++i) EXPECT_EQ(choose(), 0u);
}

TEST_F(LoadBalancerTest, HostsHaveTheirSlots) {
  use(64);
  for (std::size_t host = 1; host < 63; ++host) present_.remove(host);
  std::vector<int> chosen(64);
  for (int i = 0; i < 1'000; ++i) ++chosen[choose()];
  EXPECT_NEAR(chosen[0], 500, 100);
  EXPECT_NEAR(chosen[63], 500, 100);
}

// Random loads, ejections and tried hosts: never an ejected one, never a tried one if another is
// left.
TEST_F(LoadBalancerTest, NeverBreaksItsRules) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    random_ = Random(seed);
    now_ = {};
    const std::size_t hosts = 1 + random_.next() % 8;
    use(hosts);
    for (int i = 0; i < 200; ++i) {
      now_ += std::chrono::milliseconds(random_.next() % 1'000);
      const auto verdict = random_.next() % 3 != 0 ? Verdict::Failure : Verdict::Success;
      outliers_->record(random_.next() % hosts, verdict, now_, random_);
      ASSERT_LE(outliers_->ejected(now_).size() * 2, hosts);
      tried_ = {};
      for (std::size_t host = 0; host < hosts; ++host) {
        if (random_.next() % 2 == 0) tried_.add(host);
      }
      const std::size_t chosen = choose();
      ASSERT_LT(chosen, hosts);
      ASSERT_FALSE(outliers_->is_ejected(chosen, now_));
      ASSERT_EQ(tried_.contains(chosen), !has_other());
      balancer_->started(chosen);
    }
  }
}

}  // namespace
}  // namespace usher::policy
