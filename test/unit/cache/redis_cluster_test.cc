// The client and a real cluster of three nodes.

#include <gtest/gtest.h>

#include "cache/redis_slots.h"
#include "support/redis_topology.h"
#include "unit/cache/redis_support.h"

namespace usher::cache {
namespace {

using test::RedisCluster;

class RedisClusterTest : public RealRedis {
 protected:
  explicit RedisClusterTest(test::RedisServerOptions server = {}) : cluster(std::move(server)) {}

  static RedisOptions options_for(RedisCluster& cluster, int seed = 0) {
    RedisOptions options = RealRedis::options_for(cluster.node(seed));
    options.topology = RedisTopology::Cluster;
    return options;
  }
  // A key whose slot is the node's.
  static std::string key_of(int node) {
    for (int i = 0;; ++i) {
      const std::string key = "key" + std::to_string(i);
      if (RedisCluster::owner_of(static_cast<int>(slot_of(key))) == node) return key;
    }
  }
  std::string get(const std::string& key) { return ask({"GET", key}, key); }
  std::string set(const std::string& key, const std::string& value) {
    return ask({"SET", key, value}, key);
  }
  std::uint64_t redirections(int node) {
    const std::string text = cluster.node(node).command({"INFO", "errorstats"});
    std::uint64_t sum = 0;
    for (const char* name : {"errorstat_MOVED:count=", "errorstat_ASK:count="}) {
      const auto at = text.find(name);
      if (at != std::string::npos) sum += std::stoull(text.substr(at + std::string(name).size()));
    }
    return sum;
  }

  RedisCluster cluster;
};

TEST_F(RedisClusterTest, SlotsAreTheServers) {
  for (const std::string key :
       {"", "a", "foo", "{user1000}.following", "foo{}{bar}", "foo{{bar}}zap", "foo{bar}{zap}", "{",
        "}{", "usher:{00ff00ff00ff00ff}:e:x"}) {
    EXPECT_EQ(static_cast<int>(slot_of(key)), RedisCluster::slot_of(cluster.node(0), key)) << key;
  }
}

TEST_F(RedisClusterTest, CommandsGoToTheirNodes) {
  connect(options_for(cluster));
  for (int node = 0; node < RedisCluster::kNodes; ++node) {
    const std::string key = key_of(node);
    EXPECT_EQ(set(key, "value"), "+OK") << "at once";
    EXPECT_EQ(cluster.node(node).command({"GET", key}), "value");
  }
  ASSERT_TRUE(wait_for_connections(6));
  const std::uint64_t before = redirections(0) + redirections(1) + redirections(2);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(set("k" + std::to_string(i), std::to_string(i)), "+OK");
    EXPECT_EQ(get("k" + std::to_string(i)), "$" + std::to_string(i));
  }
  EXPECT_EQ(redirections(0) + redirections(1) + redirections(2), before) << "the map is known";
  EXPECT_EQ(ask({"MGET", "{x}1", "{x}2"}, "{x}1"), "[nil nil]");
}

TEST_F(RedisClusterTest, ASlotMovesWhileCommandsRun) {
  connect(options_for(cluster, 1));
  const int from = 0;
  const int to = 2;
  const std::string tag = "{" + key_of(from) + "}";
  const int slot = static_cast<int>(slot_of(tag));
  for (int i = 0; i < 50; ++i) ASSERT_EQ(set(tag + std::to_string(i), std::to_string(i)), "+OK");
  ASSERT_TRUE(wait_for_connections(6));

  const auto all_are_there = [&] {
    for (int i = 0; i < 50; ++i) {
      EXPECT_EQ(get(tag + std::to_string(i)), "$" + std::to_string(i));
    }
  };
  cluster.announce_move(slot, from, to);
  all_are_there();
  EXPECT_EQ(set(tag + "new", "n"), "+OK") << "a key that is not there yet: ASK";
  EXPECT_EQ(cluster.node(from).command({"GET", tag + "new"}).substr(0, 4), "-ASK");
  EXPECT_EQ(get(tag + "new"), "$n");
  std::vector<Asked> asked(200);
  for (std::size_t i = 0; i < asked.size(); ++i) {  // on their way while the keys move
    const std::string key = tag + std::to_string(i % 50);
    ASSERT_TRUE(client->send(asked[i], key, Args{"GET", key}));
    if (i % 10 == 0) turn();
  }
  cluster.move_keys(slot, from, to);
  ASSERT_TRUE(run_until([&] { return asked.back().told == 1 && asked.front().told == 1; }));
  for (std::size_t i = 0; i < asked.size(); ++i) {
    ASSERT_TRUE(run_until([&] { return asked[i].told == 1; }));
    EXPECT_EQ(asked[i].outcome, "$" + std::to_string(i % 50));
  }
  all_are_there();
  cluster.finish_move(slot, to);
  all_are_there();
  const std::uint64_t before = redirections(from);
  all_are_there();
  EXPECT_EQ(redirections(from), before) << "it knows where they are";
}

TEST_F(RedisClusterTest, CancelledAndGone) {
  connect(options_for(cluster));
  std::vector<Asked> asked(100);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const std::string key = std::to_string(i);
    ASSERT_TRUE(client->send(asked[i], key, Args{"ECHO", key}));
    if (i % 2 == 0) client->cancel(asked[i]);
  }
  for (std::size_t i = 1; i < asked.size(); i += 2) {
    ASSERT_TRUE(run_until([&] { return asked[i].told == 1; }));
    EXPECT_EQ(asked[i].outcome, "$" + std::to_string(i));
  }
  Asked last;
  ASSERT_TRUE(client->send(last, "", Args{"PING"}));
  client.reset();
  EXPECT_EQ(last.told, 0);
  EXPECT_EQ(last.place.errand, nullptr);
  for (std::size_t i = 0; i < asked.size(); i += 2) EXPECT_EQ(asked[i].told, 0);
}

TEST_F(RedisClusterTest, AnySeedThatIsThere) {
  RedisOptions wanted = options_for(cluster);
  const RedisAddress real = wanted.addresses.front();
  wanted.addresses = {{"127.0.0.1", static_cast<std::uint16_t>(test::free_port()), ""}, real};
  connect(wanted);
  EXPECT_TRUE(ask_until({"SET", "key", "value"}, "+OK", "key"));
  EXPECT_TRUE(wait_for_connections(6));
  EXPECT_EQ(get("key"), "$value");
}

// A seed that is called by a name is a node that the map calls by its address.
TEST_F(RedisClusterTest, NoNodeTwice) {
  RedisOptions wanted = options_for(cluster);
  wanted.addresses.front().host = "localhost";
  connect(wanted);
  // A node is there when its connections are.
  for (int i = 0; i < 100; ++i) {
    EXPECT_TRUE(ask_until({"SET", std::to_string(i), "x"}, "+OK", std::to_string(i))) << i;
  }
  EXPECT_TRUE(wait_for_connections(6));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(get(std::to_string(i)), "$x");
}

class PartialCluster : public RedisClusterTest {
 protected:
  PartialCluster() : RedisClusterTest({{"cluster-require-full-coverage no"}}) {}
};

TEST_F(PartialCluster, ANodeDiesAndComesBack) {
  connect(options_for(cluster, 2));
  ASSERT_TRUE(ask_until({"SET", key_of(2), "value"}, "+OK", key_of(2)));
  ASSERT_TRUE(wait_for_connections(6));
  cluster.node(2).kill();
  ASSERT_TRUE(run_until([&] {
    Asked asked;
    if (!client->send(asked, key_of(2), Args{"GET", key_of(2)})) return true;
    EXPECT_TRUE(run_until([&] { return asked.told > 0; }));
    return false;
  })) << "left alone";
  EXPECT_TRUE(client->is_available());
  for (int node = 0; node < 2; ++node) {
    for (int i = 0; i < 20; ++i) EXPECT_EQ(get(key_of(node)), "nil") << "the others answer";
  }
  cluster.node(2).start();
  EXPECT_TRUE(ask_until({"GET", key_of(2)}, "nil", key_of(2)));
  EXPECT_TRUE(wait_for_connections(6));
}

// All slots of a node go to another one, and then the node goes.
TEST_F(PartialCluster, ANodeIsNotNeededAnyMore) {
  connect(options_for(cluster));
  ASSERT_TRUE(ask_until({"SET", key_of(1), "value"}, "+OK", key_of(1)));
  ASSERT_TRUE(wait_for_connections(6));
  const int slot = static_cast<int>(slot_of(key_of(1)));
  cluster.announce_move(slot, 1, 0);
  cluster.move_keys(slot, 1, 0);
  cluster.finish_move(slot, 0);
  // The rest is empty and needs no moving.
  const std::string id = cluster.id_of(0);
  for (int node : {0, 2, 1}) {
    for (int other = 0; other < RedisCluster::kSlots; ++other) {
      if (RedisCluster::owner_of(other) != 1 || other == slot) continue;
      cluster.node(node).command({"CLUSTER", "SETSLOT", std::to_string(other), "NODE", id});
    }
  }
  EXPECT_EQ(get(key_of(1)), "$value");
  EXPECT_TRUE(wait_for_connections(4)) << "nothing to do for node 1";
  cluster.node(1).kill();
  EXPECT_EQ(get(key_of(1)), "$value");
}

class WholeCluster : public RedisClusterTest {};

TEST_F(WholeCluster, IsDownWhenANodeIs) {
  connect(options_for(cluster));
  ASSERT_TRUE(ask_until({"GET", key_of(0)}, "nil", key_of(0)));
  ASSERT_TRUE(wait_for_connections(6));
  cluster.node(2).kill();
  EXPECT_TRUE(ask_until({"GET", key_of(0)}, "refused", key_of(0))) << "CLUSTERDOWN";
  cluster.node(2).start();
  EXPECT_TRUE(ask_until({"SET", key_of(0), "x"}, "+OK", key_of(0)));
}

// It is in the map from then on, by an election of the others.
TEST_F(WholeCluster, AReplicaTakesAMastersPlace) {
  cluster.add_replica_of(1);
  connect(options_for(cluster, 1));
  ASSERT_TRUE(ask_until({"SET", key_of(1), "value"}, "+OK", key_of(1)));
  ASSERT_TRUE(wait_for_connections(6));
  test::wait_until("the replica has it",
                   [&] { return cluster.node(3).command({"DBSIZE"}) == "1"; });
  cluster.node(1).kill();
  EXPECT_TRUE(ask_until({"GET", key_of(1)}, "$value", key_of(1)));
  EXPECT_EQ(set(key_of(1), "new"), "+OK");
  EXPECT_EQ(cluster.node(3).command({"GET", key_of(1)}), "new");
}

class SecretCluster : public RedisClusterTest {
 protected:
  SecretCluster() : RedisClusterTest({{"masterauth secret"}, "secret"}) {}
};

TEST_F(SecretCluster, WithAPasswordAndNoDatabases) {
  RedisOptions wanted = options_for(cluster);
  wanted.password = "secret";
  wanted.database = 5;  // a cluster has none
  connect(wanted);
  for (int node = 0; node < RedisCluster::kNodes; ++node) {
    EXPECT_EQ(set(key_of(node), "value"), "+OK");
  }
}

class TlsCluster : public RedisClusterTest {
 protected:
  TlsCluster() : RedisClusterTest({{}, "", authority().issue()}) {}
  static test::CertificateAuthority& authority() {
    static test::CertificateAuthority made;
    return made;
  }
};

TEST_F(TlsCluster, EveryNodeIsAskedByTls) {
  RedisOptions wanted = options_for(cluster);
  wanted.tls = {true, authority().file(), "", "", "", true};
  connect(wanted);
  for (int node = 0; node < RedisCluster::kNodes; ++node) {
    EXPECT_EQ(set(key_of(node), "value"), "+OK");
    EXPECT_EQ(get(key_of(node)), "$value");
  }
}

}  // namespace
}  // namespace usher::cache
