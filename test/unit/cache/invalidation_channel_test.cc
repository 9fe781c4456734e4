#include "cache/invalidation_channel.h"

#include <gtest/gtest.h>

#include "cache/invalidation_message.h"
#include "support/redis_topology.h"
#include "unit/cache/redis_tier_fixture.h"

namespace usher::cache {
namespace {

class Channel : public RedisTierTest {
 protected:
  Channel() { options.tenant_channel = "tenant:cache:invalidate"; }

  void start() {
    channel =
        std::make_unique<InvalidationChannel>(network, options, one->tags, &one->open, &one->tier);
    channel->start();
    ASSERT_TRUE(run_until([&] { return channel->is_connected(); }));
  }
  bool is_good(std::uint64_t begun, std::string_view text) {
    return one->tags.is_good(begun, tags_of({text}));
  }

  std::unique_ptr<Sidecar> one = make_sidecar();
  std::unique_ptr<Sidecar> two = make_sidecar();
  RedisOptions options = redis_options(server);
  std::unique_ptr<InvalidationChannel> channel;
};

// --- what arrives ---

TEST_F(Channel, BringsWhatOthersInvalidate) {
  start();
  const std::uint64_t begun = one->tags.now();
  ASSERT_TRUE(invalidate(*two, {"a", "b"}));
  ASSERT_TRUE(run_until([&] { return channel->messages() == 1; }));
  EXPECT_FALSE(is_good(begun, "a"));
  EXPECT_FALSE(is_good(begun, "b"));
  EXPECT_TRUE(is_good(begun, "c"));
  EXPECT_TRUE(is_good(one->tags.now(), "a"));
  const ScopeId other{5};
  const Tag elsewhere = make_tag(hasher, other, "a");
  EXPECT_TRUE(one->tags.is_good(begun, std::span(&elsewhere, 1)));
}

TEST_F(Channel, BringsATextOfEveryScope) {
  start();
  const std::uint64_t begun = one->tags.now();
  two->tier.invalidate_everywhere("a", [](bool, std::size_t) {});
  ASSERT_TRUE(run_until([&] { return channel->messages() == 1; }));
  const Tag elsewhere = make_tag(hasher, ScopeId{5}, "a");
  EXPECT_FALSE(one->tags.is_good(begun, std::span(&elsewhere, 1)));
  EXPECT_TRUE(is_good(begun, "b"));
}

// The table was told when Redis had it; what was begun since is good.
TEST_F(Channel, PassesOverItsOwnProcess) {
  start();
  ASSERT_TRUE(invalidate(*one, {"a"}));
  const std::uint64_t begun = one->tags.now();
  ASSERT_TRUE(invalidate(*two, {"b"}));
  ASSERT_TRUE(run_until([&] { return channel->messages() == 1; }));
  EXPECT_FALSE(is_good(begun, "b"));
  EXPECT_TRUE(is_good(begun, "a"));
}

TEST_F(Channel, TakesWhatItCannotReadForEverything) {
  start();
  std::uint64_t unreadable = 0;
  for (const std::string text :
       {"", "x", "2 0123456789abcdef tags 1", "1 x tags", "1 0123456789abcdef other 1",
        "1 0123456789abcdef tags 12", "1 0123456789abcdef text", "1 0123456789abcdef text 1"}) {
    const std::uint64_t begun = one->tags.now();
    server.command({"PUBLISH", "test:i", text});
    ++unreadable;
    ASSERT_TRUE(run_until([&] { return channel->unreadable() == unreadable; })) << text;
    EXPECT_FALSE(is_good(begun, "a")) << text;
    EXPECT_TRUE(is_good(one->tags.now(), "a")) << text;
  }
  EXPECT_TRUE(channel->is_connected());
  EXPECT_EQ(channel->losses(), 0U);
}

TEST_F(Channel, TakesATenantForAllOfItsAnswers) {
  const std::string tenant = "0d5f0c2e-7f3a-4a43-9d0e-3f1f9a3c1c11";
  scope = scope_of(hasher, policy::CacheScope::Tenant, tenant);
  ASSERT_TRUE(fill(*two, "a", "old", {"", "t"}));
  start();
  const std::uint64_t begun = one->tags.now();
  server.command({"PUBLISH", "tenant:cache:invalidate", tenant});
  ASSERT_TRUE(run_until([&] { return one->tier.facts().invalidations == 1; }));
  EXPECT_FALSE(is_good(begun, ""));
  EXPECT_TRUE(is_good(begun, "t"));
  const Tag elsewhere = make_tag(hasher, ScopeId{5}, "");
  EXPECT_TRUE(one->tags.is_good(begun, std::span(&elsewhere, 1)));
  EXPECT_EQ(body_of(*two, "a"), "(none)");
}

TEST_F(Channel, TakesATenantInMemoryAloneWhereThereIsNoTier) {
  channel = std::make_unique<InvalidationChannel>(network, options, one->tags);
  channel->start();
  ASSERT_TRUE(run_until([&] { return channel->is_connected(); }));
  scope = scope_of(hasher, policy::CacheScope::Tenant, "a tenant");
  const std::uint64_t begun = one->tags.now();
  server.command({"PUBLISH", "tenant:cache:invalidate", "a tenant"});
  EXPECT_TRUE(run_until([&] { return !is_good(begun, ""); }));
  EXPECT_TRUE(is_good(begun, "t"));
}

TEST_F(Channel, TakesNoTenantForEverything) {
  start();
  for (const std::string& tenant : {std::string(), std::string(257, 'x')}) {
    const std::uint64_t begun = one->tags.now();
    server.command({"PUBLISH", "tenant:cache:invalidate", tenant});
    ASSERT_TRUE(run_until([&] { return !is_good(begun, "a"); }));
  }
  EXPECT_EQ(channel->unreadable(), 2U);
}

TEST_F(Channel, ListensToTenantsOnlyWhereItIsTold) {
  options.tenant_channel.clear();
  start();
  EXPECT_EQ(server.command({"PUBSUB", "NUMSUB", "tenant:cache:invalidate"}),
            "tenant:cache:invalidate\n0\n");
  EXPECT_EQ(server.command({"PUBSUB", "NUMSUB", "test:i"}), "test:i\n1\n");
}

// --- whether it is there ---

TEST_F(Channel, IsNotTrustedBeforeItIsThere) {
  const std::uint64_t begun = one->tags.now();
  server.stop();
  channel = std::make_unique<InvalidationChannel>(network, options, one->tags);
  EXPECT_TRUE(one->tags.is_trusted());
  channel->start();
  EXPECT_FALSE(one->tags.is_trusted());
  EXPECT_FALSE(is_good(one->tags.now(), "a"));
  server.start();
  ASSERT_TRUE(run_until([&] { return channel->is_connected(); }));
  EXPECT_TRUE(one->tags.is_trusted());
  EXPECT_FALSE(is_good(begun, "a"));
  EXPECT_TRUE(is_good(one->tags.now(), "a"));
  EXPECT_EQ(channel->losses(), 0U);
}

TEST_F(Channel, IsMissedAtOnceWhenRedisIsKilled) {
  start();
  const std::uint64_t begun = one->tags.now();
  ASSERT_TRUE(is_good(begun, "a"));
  server.kill();
  ASSERT_TRUE(run_until([&] { return !one->tags.is_trusted(); }));
  EXPECT_FALSE(channel->is_connected());
  EXPECT_EQ(channel->losses(), 1U);
  EXPECT_FALSE(is_good(one->tags.now(), "a"));
  const std::uint64_t meanwhile = one->tags.now();
  server.start();
  ASSERT_TRUE(run_until([&] { return channel->is_connected(); }));
  EXPECT_FALSE(is_good(begun, "a"));
  EXPECT_FALSE(is_good(meanwhile, "a"));
  EXPECT_TRUE(is_good(one->tags.now(), "a"));
  ASSERT_TRUE(invalidate(*two, {"a"}));
  EXPECT_TRUE(run_until([&] { return channel->messages() == 1; }));
}

TEST_F(Channel, IsMissedWhenRedisStopsAnswering) {
  start();
  const std::uint64_t begun = one->tags.now();
  const Instant frozen = network.now();
  server.freeze();
  ASSERT_TRUE(run_until([&] { return !one->tags.is_trusted(); }));
  EXPECT_LT(network.now() - frozen, 10s);
  server.thaw();
  ASSERT_TRUE(run_until([&] { return channel->is_connected(); }));
  EXPECT_FALSE(is_good(begun, "a"));
  EXPECT_TRUE(is_good(one->tags.now(), "a"));
}

// Redis cuts it when messages pile up, or when somebody says so.
TEST_F(Channel, IsBackAfterItsConnectionWasCut) {
  start();
  const std::uint64_t begun = one->tags.now();
  ASSERT_EQ(server.command({"CLIENT", "KILL", "TYPE", "pubsub"}), "1");
  ASSERT_TRUE(run_until([&] { return channel->losses() == 1 && channel->is_connected(); }));
  EXPECT_FALSE(is_good(begun, "a"));
}

TEST_F(Channel, LivesThroughManyBeats) {
  start();
  const std::uint64_t begun = one->tags.now();
  const Instant until = network.now() + InvalidationChannel::kBeat * 5 / 2;
  ASSERT_TRUE(run_until([&] { return network.now() > until; }));
  EXPECT_EQ(channel->losses(), 0U);
  EXPECT_TRUE(is_good(begun, "a"));
}

TEST_F(Channel, IsNotThereWithoutTheRightToIt) {
  server.command({"ACL", "SETUSER", "nobody", "on", ">secret", "+@all", "~*"});
  options.username = "nobody";
  options.password = "secret";
  channel = std::make_unique<InvalidationChannel>(network, options, one->tags);
  channel->start();
  const Instant until = network.now() + 300ms;
  ASSERT_TRUE(run_until([&] { return network.now() > until; }));
  EXPECT_FALSE(one->tags.is_trusted());
  server.command({"ACL", "SETUSER", "nobody", "&test:*", "&tenant:*"});
  EXPECT_TRUE(run_until([&] { return channel->is_connected(); }));
}

TEST_F(Channel, EndsWhenItIsShut) {
  start();
  channel->shut();
  EXPECT_FALSE(channel->is_connected());
  EXPECT_FALSE(one->tags.is_trusted());
  ASSERT_TRUE(run_until([&] {
    return server.command({"PUBSUB", "NUMSUB", "test:i"}) == "test:i\n0\n";
  }));
  channel->start();
  EXPECT_TRUE(run_until([&] { return channel->is_connected(); }));
}

// --- more than one server ---

class ChannelOfMany : public Channel {
 protected:
  void start_with(const RedisOptions& wanted) {
    options = wanted;
    channel = std::make_unique<InvalidationChannel>(network, options, one->tags);
    channel->start();
    ASSERT_TRUE(run_until([&] { return channel->is_connected(); }));
  }
  // A message that makes everything invalid, sent by way of `node`, arrives.
  void expect_message_from(test::RedisServer& node) {
    const std::uint64_t before = channel->messages();
    EXPECT_TRUE(run_until([&] {
      node.command({"PUBLISH", "test:i", "x"});
      const Instant soon = network.now() + 50ms;
      run_until([&] { return channel->messages() > before || network.now() > soon; });
      return channel->messages() > before;
    }));
  }
  static RedisAddress address_of(const test::RedisServer& node) {
    return {"127.0.0.1", static_cast<std::uint16_t>(node.port()), ""};
  }
};

TEST_F(ChannelOfMany, HearsEveryNodeOfAClusterByAnyAndGoesToAnotherWhenItsOwnIsGone) {
  test::RedisCluster cluster;
  options.topology = RedisTopology::Cluster;
  options.addresses.clear();
  for (int i = 0; i < test::RedisCluster::kNodes; ++i) {
    options.addresses.push_back(address_of(cluster.node(i)));
  }
  start_with(options);
  for (int i = 0; i < test::RedisCluster::kNodes; ++i) expect_message_from(cluster.node(i));
  for (int i = 0; i < test::RedisCluster::kNodes; ++i) {
    if (cluster.node(i).command({"PUBSUB", "NUMSUB", "test:i"}) == "test:i\n0\n") continue;
    cluster.node(i).kill();
    ASSERT_TRUE(run_until([&] { return channel->losses() == 1 && channel->is_connected(); }));
    for (int other = 0; other < test::RedisCluster::kNodes; ++other) {
      if (other != i) expect_message_from(cluster.node(other));
    }
    return;
  }
  FAIL() << "no node has the subscriber";
}

TEST_F(ChannelOfMany, FollowsTheMasterThatSentinelsKnow) {
  test::RedisSentinels sentinels;
  options.topology = RedisTopology::Sentinel;
  options.sentinel_master = test::RedisSentinels::kName;
  options.addresses.clear();
  for (int i = 0; i < test::RedisSentinels::kSentinels; ++i) {
    options.addresses.push_back(address_of(sentinels.sentinel(i)));
  }
  start_with(options);
  expect_message_from(sentinels.server(0));
  const std::uint64_t begun = one->tags.now();
  sentinels.fail_over();
  expect_message_from(sentinels.server(1));
  EXPECT_GE(channel->losses(), 1U);
  EXPECT_TRUE(run_until([&] { return channel->is_connected(); }));
  EXPECT_FALSE(is_good(begun, "a"));
}

}  // namespace
}  // namespace usher::cache
