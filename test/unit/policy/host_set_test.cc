#include "policy/host_set.h"

#include <gtest/gtest.h>

#include <vector>

namespace usher::policy {
namespace {

HostSet of(std::initializer_list<std::size_t> hosts) {
  HostSet set;
  for (const std::size_t host : hosts) set.add(host);
  return set;
}

TEST(HostSet, HoldsTheFirstAndTheLastSlot) {
  HostSet set = of({0, 5, 63});
  EXPECT_EQ(set.size(), 3u);
  EXPECT_TRUE(set.contains(0) && set.contains(5) && set.contains(63));
  EXPECT_FALSE(set.contains(1) || set.contains(62));
  EXPECT_EQ(set.at(0), 0u);
  EXPECT_EQ(set.at(1), 5u);
  EXPECT_EQ(set.at(2), 63u);
  set.remove(5);
  set.remove(5);
  EXPECT_EQ(set, of({0, 63}));
}

TEST(HostSet, WithAndWithout) {
  EXPECT_EQ(of({1, 2}).with(of({2, 63})), of({1, 2, 63}));
  EXPECT_EQ(of({1, 2}).without(of({2, 63})), of({1}));
  EXPECT_TRUE(of({1}).without(of({1})).empty());
}

TEST(HostSet, MayChangeWhileItIsVisited) {
  HostSet set = of({3, 4, 40});
  std::vector<std::size_t> visited;
  set.for_each([&](std::size_t host) {
    visited.push_back(host);
    set = {};
  });
  EXPECT_EQ(visited, (std::vector<std::size_t>{3, 4, 40}));
  EXPECT_TRUE(set.empty());
}

}  // namespace
}  // namespace usher::policy
