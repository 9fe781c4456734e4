// Two sidecars on a cluster, and on a master that sentinels watch.
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "cache/invalidation_channel.h"
#include "cache/redis_tier.h"
#include "support/redis_topology.h"
#include "unit/cache/redis_tier_fixture.h"

namespace usher::cache {
namespace {

class RedisTierTopology : public RedisTierTest {
 protected:
  void start(RedisTopology topology, std::vector<test::RedisServer*> servers) {
    RedisOptions options = redis_options(*servers[0]);
    options.topology = topology;
    options.sentinel_master = test::RedisSentinels::kName;
    options.addresses.clear();
    for (test::RedisServer* each : servers) {
      options.addresses.push_back({"127.0.0.1", static_cast<std::uint16_t>(each->port()), ""});
    }
    one = std::make_unique<Sidecar>(network, options);
    two = std::make_unique<Sidecar>(network, options);
    ASSERT_TRUE(run_until([&] { return one->tier.is_available() && two->tier.is_available(); }));
  }
  // All of the above on scopes that are on different nodes, or on one.
  void expect_that_it_works() {
    for (std::uint64_t i = 1; i <= 20; ++i) {
      scope = ScopeId{i};
      EXPECT_TRUE(fill(*one, "a", "old", {"t", "u"}));
      EXPECT_EQ(body_of(*two, "a"), "old");
      const std::uint64_t generation = look_up(*one, key("a")).generation;
      EXPECT_TRUE(invalidate(*two, {"t"}));
      EXPECT_FALSE(store(*one, make_entry("a", generation, "old", {"t", "u"})));
      EXPECT_EQ(body_of(*one, "a"), "(none)");
      EXPECT_TRUE(fill(*two, "a", "new", {"t", "u"}));
      EXPECT_EQ(look_up(*one, key("a"), tags_of({"t"})).body(), "new");
    }
  }

  std::unique_ptr<Sidecar> one;
  std::unique_ptr<Sidecar> two;
};

TEST_F(RedisTierTopology, OfAClusterIsAsOfOneServer) {
  test::RedisCluster cluster;
  start(RedisTopology::Cluster, {&cluster.node(0), &cluster.node(1), &cluster.node(2)});
  InvalidationChannel channel(network, one->options, one->tags, &one->open, &one->tier);
  channel.start();
  ASSERT_TRUE(run_until([&] { return channel.is_connected(); }));
  expect_that_it_works();
  EXPECT_TRUE(run_until([&] { return channel.messages() == 20; }));

  bool is_done = false;
  one->tier.invalidate_everywhere("u", [&](bool complete, std::size_t scopes) {
    EXPECT_TRUE(complete);
    EXPECT_EQ(scopes, 20U);
    is_done = true;
  });
  ASSERT_TRUE(run_until([&] { return is_done; }));
  for (std::uint64_t i = 1; i <= 20; ++i) {
    scope = ScopeId{i};
    EXPECT_EQ(body_of(*two, "a"), "(none)");
  }
}

TEST_F(RedisTierTopology, OfAMasterThatFailsOverGoesOn) {
  test::RedisSentinels sentinels;
  start(RedisTopology::Sentinel,
        {&sentinels.sentinel(0), &sentinels.sentinel(1), &sentinels.sentinel(2)});
  expect_that_it_works();
  sentinels.fail_over();
  for (Sidecar* sidecar : {one.get(), two.get()}) {
    EXPECT_TRUE(run_until([&] { return fill(*sidecar, "back", "x", {"t"}); }));
  }
  expect_that_it_works();
}

}  // namespace
}  // namespace usher::cache
