// Several redis-servers that work together: a cluster, and a master that sentinels watch.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/redis_server.h"

namespace usher::test {

// Three masters without replicas; each has a third of the slots. Waits until all agree.
class RedisCluster {
 public:
  static constexpr int kNodes = 3;
  static constexpr int kSlots = 16384;

  // `config` is each node's. With "cluster-require-full-coverage no" the others answer when one is
  // gone.
  explicit RedisCluster(RedisServerOptions options = {});

  RedisServer& node(int index) { return *nodes_[static_cast<std::size_t>(index)]; }
  // Which node had the slot at the start.
  static int owner_of(int slot) {
    return slot / kSlotsEach < kNodes ? slot / kSlotsEach : kNodes - 1;
  }
  std::string id_of(int index) { return node(index).command({"CLUSTER", "MYID"}); }
  static int slot_of(RedisServer& server, const std::string& key);

  // Another node, which follows a master and takes its place when that is gone: node(kNodes). At
  // most one.
  void add_replica_of(int master);

  // Moves a slot as redis-cli does: announces it at both, moves its keys, then tells all nodes.
  // The three can be called apart, to see what happens between.
  void announce_move(int slot, int from, int to);
  void move_keys(int slot, int from, int to);
  void finish_move(int slot, int to);

 private:
  static constexpr int kSlotsEach = kSlots / kNodes;

  void add_node();
  void meet(int index);
  void wait_until_agreed();

  RedisServerOptions options_;
  std::vector<std::string> buses_;
  std::vector<std::unique_ptr<RedisServer>> nodes_;
};

// A master, a replica and three sentinels, which know the master as kName.
class RedisSentinels {
 public:
  static constexpr const char* kName = "usher-test";
  static constexpr int kSentinels = 3;

  // `password`: of master and replica; `sentinel_password`: of the sentinels.
  explicit RedisSentinels(const std::string& password = "",
                          const std::string& sentinel_password = "");

  RedisServer& sentinel(int index) { return *sentinels_[static_cast<std::size_t>(index)]; }
  // The two servers; at the start the first is the master.
  RedisServer& server(int index) { return index == 0 ? *first_ : *second_; }
  // Whom the sentinels take for the master: its port.
  int master_port();
  // SENTINEL FAILOVER; waits until the other one is the master and the old one its replica.
  void fail_over();

 private:
  std::unique_ptr<RedisServer> first_;
  std::unique_ptr<RedisServer> second_;
  std::vector<std::unique_ptr<RedisServer>> sentinels_;
};

}  // namespace usher::test
