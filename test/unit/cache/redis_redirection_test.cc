// What nodes of a cluster may say of each other, on a simulated network.

#include <gtest/gtest.h>

#include <map>

#include "cache/redis_cluster.h"
#include "unit/cache/redis_support.h"
#include "unit/cache/scripted_redis.h"

namespace usher::cache {
namespace {

using Session = ScriptedRedis::Session;

class RedisRedirectionTest : public testing::Test {
 protected:
  static constexpr int kPorts[] = {7001, 7002, 7003};

  RedisRedirectionTest() {
    for (const int port : kPorts) {
      network.listen(*net::SocketAddress::from_ip("127.0.0.1", static_cast<std::uint16_t>(port)),
                     nodes[port]);
      nodes[port].script = [this, port](Session& session, const auto& args) {
        if (args[0] == "CLUSTER") {
          ++maps_read;
          session.say(map);
        } else if (args[0] == "GET" && !answers[port].empty()) {
          session.say(answers[port]);
        } else {
          ScriptedRedis::polite(session, args);
        }
      };
    }
    options.topology = RedisTopology::Cluster;
    options.addresses = {{"127.0.0.1", 7001, ""}};
    options.connections = 1;
    map = map_of({7001});
  }

  // All slots in equal parts.
  static std::string map_of(const std::vector<int>& ports) {
    std::string text = "*" + std::to_string(ports.size()) + "\r\n";
    const std::size_t each = kRedisSlots / ports.size();
    for (std::size_t i = 0; i < ports.size(); ++i) {
      const std::size_t last = i + 1 == ports.size() ? kRedisSlots - 1 : (i + 1) * each - 1;
      text += "*3\r\n:" + std::to_string(i * each) + "\r\n:" + std::to_string(last) +
              "\r\n*2\r\n$9\r\n127.0.0.1\r\n:" + std::to_string(ports[i]) + "\r\n";
    }
    return text;
  }
  void connect() {
    client.emplace(network, options);
    network.advance(std::chrono::milliseconds(20));
  }
  std::string get() {
    Asked asked;
    if (!client->send(asked, "key", Args{"GET", "key"})) return "not sent";
    network.advance(std::chrono::milliseconds(100));
    return asked.outcome;
  }
  std::size_t gets(int port) {
    const std::size_t before = std::exchange(gets_seen[port], nodes[port].commands);
    return nodes[port].commands - before;
  }

  sim::SimNetwork network{11};
  std::map<int, ScriptedRedis> nodes;
  std::map<int, std::string> answers;
  std::map<int, std::size_t> gets_seen;
  std::string map;
  int maps_read = 0;
  RedisOptions options;
  std::optional<RedisClient> client;
};

TEST_F(RedisRedirectionTest, InCirclesAFewTimes) {
  answers[7001] = "-MOVED 1 127.0.0.1:7002\r\n";
  answers[7002] = "-MOVED 1 127.0.0.1:7001\r\n";
  connect();
  const std::size_t before = nodes[7001].commands + nodes[7002].commands;
  EXPECT_EQ(get(), "unreachable");
  const std::size_t after = nodes[7001].commands + nodes[7002].commands;
  EXPECT_LE(after - before, RedisCluster::kHopsMax + 5u) << "with a greeting and maps";
}

TEST_F(RedisRedirectionTest, ToNobody) {
  answers[7001] = "-MOVED 12539 127.0.0.1:9999\r\n";
  connect();
  EXPECT_EQ(get(), "unreachable");
  answers[7001] = "";
  network.advance(std::chrono::seconds(2));
  EXPECT_EQ(get(), "$key") << "the map is as it was";
}

TEST_F(RedisRedirectionTest, AskIsForOnce) {
  answers[7001] = "-ASK 12539 127.0.0.1:7002\r\n";
  connect();
  EXPECT_EQ(get(), "$key");
  answers[7001] = "";
  const std::size_t before = nodes[7002].commands;
  EXPECT_EQ(get(), "$key");
  EXPECT_EQ(nodes[7002].commands, before);
}

TEST_F(RedisRedirectionTest, AClusterThatIsDownIsLookedAtAgain) {
  connect();
  const int before = maps_read;
  answers[7001] = "-CLUSTERDOWN Hash slot not served\r\n";
  EXPECT_EQ(get(), "refused");
  EXPECT_EQ(maps_read, before + 1);
}

// A node that has no slots any more is left, and its commands hear of it.
TEST_F(RedisRedirectionTest, CommandsOfANodeThatIsLeft) {
  map = map_of({7001, 7002, 7003});
  connect();
  network.advance(std::chrono::milliseconds(200));
  EXPECT_EQ(client->facts().connections, 3u);
  // "key" is 7003's.
  nodes[7003].script = [](Session&, const auto&) {};
  options.timeout = std::chrono::seconds(10);
  Asked waiting;
  ASSERT_TRUE(client->send(waiting, "key", Args{"GET", "key"}));
  map = map_of({7001, 7002});
  Asked moved;
  answers[7001] = "-MOVED 0 127.0.0.1:7002\r\n";
  ASSERT_TRUE(client->send(moved, "{06S}", Args{"GET", "x"}));  // slot 0
  network.advance(std::chrono::milliseconds(300));
  EXPECT_EQ(waiting.outcome, "unreachable");
  EXPECT_EQ(client->facts().connections, 2u);
  EXPECT_EQ(nodes[7003].open_sessions(), 0u);
  EXPECT_EQ(get(), "$key") << "from who has it now";
}

TEST_F(RedisRedirectionTest, MapsThatAreNone) {
  for (const char* wrong : {"*0\r\n", "-ERR This instance has cluster support disabled\r\n",
                            ":1\r\n", "*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\nx\r\n:1\r\n"}) {
    map = wrong;
    connect();
    EXPECT_EQ(get(), "$key") << wrong << "the seed may know better";
  }
}

// Slots that nobody has are not asked for, until somebody has them.
TEST_F(RedisRedirectionTest, HolesInTheMap) {
  map = "*1\r\n*3\r\n:0\r\n:100\r\n*2\r\n$9\r\n127.0.0.1\r\n:7001\r\n";
  connect();
  network.advance(std::chrono::seconds(1));
  EXPECT_EQ(get(), "not sent");
  EXPECT_TRUE(client->is_available());
  const int before = maps_read;
  map = map_of({7001, 7002});
  network.advance(std::chrono::seconds(10));
  EXPECT_EQ(get(), "$key");
  EXPECT_EQ(maps_read, before + 1) << "and no more";
}

TEST_F(RedisRedirectionTest, AMapThatIsFullOfStrangers) {
  map = "*1000\r\n";
  for (int i = 0; i < 1000; ++i) {
    map += "*3\r\n:" + std::to_string(16 * i) + "\r\n:" + std::to_string(16 * i + 15) +
           "\r\n*2\r\n$9\r\n127.0.0.1\r\n:" + std::to_string(20'000 + i) + "\r\n";
  }
  connect();
  network.advance(std::chrono::milliseconds(500));
  EXPECT_LE(network.open_streams(), 2 * RedisCluster::kNodesMax);
  EXPECT_EQ(get(), "not sent");
}

}  // namespace
}  // namespace usher::cache
