// The client and a master that sentinels watch.

#include <gtest/gtest.h>

#include "cache/redis_locator.h"
#include "support/redis_topology.h"
#include "unit/cache/redis_support.h"
#include "unit/cache/scripted_redis.h"

namespace usher::cache {
namespace {

using test::RedisSentinels;
using test::RedisServer;

class RedisSentinelTest : public RealRedis {
 protected:
  static RedisAddress address_of(const RedisServer& server) {
    return {"127.0.0.1", static_cast<std::uint16_t>(server.port()), ""};
  }
  static RedisOptions options_for(RedisSentinels& sentinels) {
    RedisOptions options = RealRedis::options_for(sentinels.sentinel(0));
    options.addresses.clear();
    for (int i = 0; i < RedisSentinels::kSentinels; ++i) {
      options.addresses.push_back(address_of(sentinels.sentinel(i)));
    }
    options.topology = RedisTopology::Sentinel;
    options.sentinel_master = RedisSentinels::kName;
    return options;
  }
};

TEST_F(RedisSentinelTest, FollowsAFailover) {
  RedisSentinels sentinels("secret", "othersecret");
  RedisOptions wanted = options_for(sentinels);
  wanted.password = "secret";
  wanted.sentinel_password = "othersecret";
  wanted.database = 2;
  connect(wanted);
  EXPECT_TRUE(ask_until({"SET", "key", "first"}, "+OK"));
  EXPECT_TRUE(wait_for_connections(2));
  EXPECT_EQ(ask({"GET", "key"}), "$first");

  sentinels.fail_over();
  EXPECT_TRUE(ask_until({"SET", "key", "second"}, "+OK"));
  RedisServer& master = sentinels.server(1);
  master.command({"SELECT", "2"});
  EXPECT_EQ(master.command({"GET", "key"}), "second");

  master.kill();  // nobody asks the sentinels to do something: they vote, at times twice
  EXPECT_TRUE(ask_until({"SET", "key", "third"}, "+OK") ||
              ask_until({"SET", "key", "third"}, "+OK"));
  sentinels.server(0).command({"SELECT", "2"});
  EXPECT_EQ(sentinels.server(0).command({"GET", "key"}), "third");
}

TEST_F(RedisSentinelTest, AnySentinelThatKnows) {
  RedisSentinels sentinels;
  RedisServer other({{"sentinel monitor other-name 127.0.0.1 1 2"}, "", {}, true});
  RedisOptions wanted = options_for(sentinels);
  const RedisAddress good = wanted.addresses.front();
  const RedisAddress nobody = {"127.0.0.1", static_cast<std::uint16_t>(test::free_port()), ""};
  wanted.addresses = {nobody, address_of(other), good};
  connect(wanted);
  EXPECT_TRUE(ask_until({"SET", "key", "value"}, "+OK"));

  wanted.addresses = {nobody, address_of(other)};
  connect(wanted);
  EXPECT_TRUE(run_until(
      [&] { return client->facts().failures[static_cast<int>(RedisFailure::Unreachable)] >= 3; }));
  EXPECT_FALSE(client->is_available());
}

// --- what real ones seldom do -------------------------------------------------------------------

class ScriptedSentinelTest : public testing::Test {
 protected:
  ScriptedSentinelTest() {
    network.listen(*net::SocketAddress::from_ip("127.0.0.1", 26379), sentinel);
    network.listen(*net::SocketAddress::from_ip("127.0.0.1", 7001), one);
    network.listen(*net::SocketAddress::from_ip("127.0.0.1", 7002), two);
    options.topology = RedisTopology::Sentinel;
    options.sentinel_master = "main";
    options.addresses = {{"127.0.0.1", 26379, ""}};
    options.connections = 1;
    point_to(7001);
    one.script = as("master", "one");
    two.script = as("master", "two");
  }

  void point_to(int port) {
    answer = "*2\r\n$9\r\n127.0.0.1\r\n$4\r\n" + std::to_string(port) + "\r\n";
    sentinel.script = [this](ScriptedRedis::Session& session, const auto& args) {
      args[0] == "SENTINEL" ? session.say(answer) : ScriptedRedis::polite(session, args);
    };
  }
  // A server that says who it is.
  static ScriptedRedis::Script as(const std::string& role, const std::string& name) {
    return [role, name](ScriptedRedis::Session& session, const std::vector<std::string>& args) {
      if (args[0] == "ROLE") {
        session.say("*2\r\n$" + std::to_string(role.size()) + "\r\n" + role + "\r\n:0\r\n");
      } else if (args[0] == "SET" && role != "master") {
        session.say("-READONLY You can't write against a read only replica.\r\n");
      } else if (args[0] == "GET" || args[0] == "SET") {
        session.say("+" + name + "\r\n");
      } else {
        session.say("+OK\r\n");
      }
    };
  }
  std::string ask(const char* word) {
    Asked asked;
    if (!client->send(asked, "", Args{word, "key"})) return "not sent";
    network.run_until_idle();
    return asked.outcome;
  }

  sim::SimNetwork network{3};
  ScriptedRedis sentinel;
  ScriptedRedis one;
  ScriptedRedis two;
  std::string answer;
  RedisOptions options;
  std::optional<RedisClient> client;
};

// A sentinel that was cut off knows the master of yesterday.
TEST_F(ScriptedSentinelTest, AReplicaIsNoMaster) {
  one.script = as("slave", "one");
  client.emplace(network, options);
  network.advance(std::chrono::seconds(1));
  EXPECT_FALSE(client->is_available());
  EXPECT_EQ(client->facts().connections, 0u);
  point_to(7002);
  network.advance(std::chrono::seconds(3));
  EXPECT_EQ(ask("SET"), "+two");
}

TEST_F(ScriptedSentinelTest, AMasterThatBecomesAReplicaIsLeft) {
  client.emplace(network, options);
  network.advance(std::chrono::seconds(1));
  EXPECT_EQ(ask("SET"), "+one");
  one.script = as("slave", "one");
  point_to(7002);
  EXPECT_EQ(ask("SET"), "refused");
  network.advance(std::chrono::seconds(1));
  EXPECT_EQ(ask("SET"), "+two");
  EXPECT_EQ(one.open_sessions(), 0u);
}

TEST_F(ScriptedSentinelTest, OnlyWhoMayBeAskedIsAsked) {
  one.script = [](ScriptedRedis::Session& session, const auto& args) {
    args[0] == "ROLE" ? session.say("-NOPERM no\r\n") : as("master", "one")(session, args);
  };
  client.emplace(network, options);
  network.advance(std::chrono::seconds(1));
  EXPECT_EQ(ask("SET"), "+one") << "a user that may not ask for the role";
}

TEST_F(ScriptedSentinelTest, AnswersThatAreNone) {
  for (const char* wrong :
       {"*-1\r\n", "-ERR no\r\n", "-NOAUTH no\r\n", ":1\r\n", "*2\r\n$0\r\n\r\n$4\r\n7001\r\n",
        "*2\r\n$9\r\n127.0.0.1\r\n$1\r\n0\r\n", "*2\r\n$9\r\n127.0.0.1\r\n$5\r\n65536\r\n",
        "*1\r\n$9\r\n127.0.0.1\r\n", "*2\r\n:1\r\n*0\r\n", "rubbish\r\n"}) {
    answer = wrong;
    client.emplace(network, options);
    network.advance(std::chrono::seconds(3));
    EXPECT_FALSE(client->is_available()) << wrong;
    EXPECT_EQ(one.sessions.size(), 0u) << wrong;
  }
  point_to(7001);
  network.advance(std::chrono::seconds(3));
  EXPECT_EQ(ask("GET"), "+one");
}

// Cancelled at every moment, it says nothing, and can be asked again.
TEST_F(ScriptedSentinelTest, TheLocatorCancels) {
  struct Seeker final : RedisLocateEvents {
    std::optional<RedisAddress> found;
    int told = 0;
    void on_located(const std::optional<RedisAddress>& address) override {
      found = address;
      ++told;
    }
  } seeker;
  RedisTransport transport(network, options);
  RedisLocator locator(transport, seeker);
  for (int steps = 0; steps < 30; ++steps) {
    const int before = seeker.told;
    locator.locate();
    for (int i = 0; i < steps && network.step(); ++i) {
    }
    if (seeker.told == before) {
      locator.cancel();
      network.run_until_idle();
      EXPECT_EQ(seeker.told, before) << steps;
    }
  }
  EXPECT_GT(seeker.told, 0);
  EXPECT_EQ(seeker.found, (RedisAddress{"127.0.0.1", 7001, ""}));
}

}  // namespace
}  // namespace usher::cache
