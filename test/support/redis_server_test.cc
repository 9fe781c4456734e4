// The servers that other tests rely on do what those tests say of them.

#include "support/redis_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "support/redis_topology.h"

namespace usher::test {
namespace {

TEST(RedisServer, AnswersAndComesBackOnItsPort) {
  RedisServer server({{"maxmemory 3mb"}, "secret"});
  EXPECT_EQ(server.command({"PING"}), "PONG");
  EXPECT_EQ(server.command({"CONFIG", "GET", "maxmemory"}), "maxmemory\n3145728\n");
  EXPECT_EQ(server.command({"CONFIG", "GET", "port"}),
            "port\n" + std::to_string(server.port()) + "\n");
  const int port = server.port();
  server.kill();
  EXPECT_FALSE(server.is_running());
  EXPECT_THROW(server.command({"PING"}), std::runtime_error);
  server.start();
  EXPECT_EQ(server.port(), port);
  EXPECT_EQ(server.command({"GET", "x"}), "");
}

TEST(RedisServer, SaysWhyItDoesNotStart) {
  try {
    RedisServer server({{"no-such-option 1"}});
    FAIL() << "it starts";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("no-such-option"));
  }
}

TEST(RedisCluster, MovesASlot) {
  RedisCluster cluster;
  RedisServer& first = cluster.node(0);
  const int slot = RedisCluster::slot_of(first, "{a}1");
  const int from = RedisCluster::owner_of(slot);
  const int to = (from + 1) % RedisCluster::kNodes;
  EXPECT_EQ(cluster.node(from).command({"SET", "{a}1", "one"}), "OK");
  EXPECT_TRUE(cluster.node(to).command({"GET", "{a}1"}).starts_with("-MOVED"));
  cluster.announce_move(slot, from, to);
  EXPECT_TRUE(cluster.node(from).command({"GET", "{a}2"}).starts_with("-ASK"));
  cluster.move_keys(slot, from, to);
  cluster.finish_move(slot, to);
  EXPECT_EQ(cluster.node(to).command({"GET", "{a}1"}), "one");
  EXPECT_TRUE(cluster.node(from).command({"GET", "{a}1"}).starts_with("-MOVED"));
}

TEST(RedisSentinels, FailOver) {
  RedisSentinels sentinels("secret", "other");
  EXPECT_EQ(sentinels.master_port(), sentinels.server(0).port());
  sentinels.fail_over();
  EXPECT_EQ(sentinels.master_port(), sentinels.server(1).port());
  EXPECT_TRUE(sentinels.server(0).command({"SET", "x", "1"}).starts_with("-READONLY"));
}

}  // namespace
}  // namespace usher::test
