#include "support/redis_topology.h"

#include <stdexcept>

namespace usher::test {
namespace {

// A replica that comes does not wait for others.
constexpr const char* kAtOnce = "repl-diskless-sync-delay 0";

void must_be_ok(const std::string& reply) {
  if (reply != "OK") throw std::runtime_error("redis-server says " + reply);
}

// Is it a replica that has all of its master?
bool follows(RedisServer& server) {
  return server.command({"INFO", "replication"}).find("master_link_status:up") != std::string::npos;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

std::string port_of(const RedisServer& server) {
  return std::to_string(server.port());
}

}  // namespace

// --- a cluster ----------------------------------------------------------------------------------

RedisCluster::RedisCluster(RedisServerOptions options) : options_(std::move(options)) {
  for (int i = 0; i < kNodes; ++i) add_node();
  for (int i = 0; i < kNodes; ++i) {
    const int last = i == kNodes - 1 ? kSlots - 1 : (i + 1) * kSlotsEach - 1;
    must_be_ok(node(i).command({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)}));
    must_be_ok(node(i).command(
        {"CLUSTER", "ADDSLOTSRANGE", std::to_string(i * kSlotsEach), std::to_string(last)}));
  }
  for (int i = 1; i < kNodes; ++i) meet(i);
  wait_until_agreed();
}

void RedisCluster::add_node() {
  RedisServerOptions node = options_;
  buses_.push_back(std::to_string(free_port()));
  node.config.insert(node.config.end(),
                     {"cluster-enabled yes", "cluster-port " + buses_.back(), kAtOnce,
                      "cluster-node-timeout 1000", "cluster-config-file nodes.conf"});
  if (node.tls) node.config.insert(node.config.end(), {"tls-cluster yes", "tls-replication yes"});
  nodes_.push_back(std::make_unique<RedisServer>(std::move(node)));
}

void RedisCluster::meet(int index) {
  must_be_ok(node(0).command({"CLUSTER", "MEET", "127.0.0.1", port_of(node(index)),
                              buses_[static_cast<std::size_t>(index)]}));
}

void RedisCluster::wait_until_agreed() {
  const std::string known = "cluster_known_nodes:" + std::to_string(nodes_.size());
  for (const auto& node : nodes_) {
    wait_until("the cluster agrees", [&] {
      const std::string info = node->command({"CLUSTER", "INFO"});
      return info.find("cluster_state:ok") != std::string::npos &&
             info.find("cluster_slots_ok:" + std::to_string(kSlots)) != std::string::npos &&
             info.find(known) != std::string::npos;
    });
  }
}

void RedisCluster::add_replica_of(int master) {
  add_node();
  meet(kNodes);
  RedisServer& replica = node(kNodes);
  wait_until("the replica knows its master", [&] {
    return replica.command({"CLUSTER", "REPLICATE", id_of(master)}) == "OK";
  });
  wait_until("the replica follows", [&] { return follows(replica); });
  wait_until_agreed();
}

int RedisCluster::slot_of(RedisServer& server, const std::string& key) {
  return std::stoi(server.command({"CLUSTER", "KEYSLOT", key}));
}

void RedisCluster::announce_move(int slot, int from, int to) {
  const std::string number = std::to_string(slot);
  must_be_ok(node(to).command({"CLUSTER", "SETSLOT", number, "IMPORTING", id_of(from)}));
  must_be_ok(node(from).command({"CLUSTER", "SETSLOT", number, "MIGRATING", id_of(to)}));
}

void RedisCluster::move_keys(int slot, int from, int to) {
  for (;;) {
    const auto keys =
        lines_of(node(from).command({"CLUSTER", "GETKEYSINSLOT", std::to_string(slot), "100"}));
    if (keys.empty()) return;
    std::vector<std::string> migrate = {"MIGRATE", "127.0.0.1", port_of(node(to)), "",
                                        "0",       "5000",      "REPLACE"};
    if (!options_.password.empty()) migrate.insert(migrate.end(), {"AUTH", options_.password});
    migrate.push_back("KEYS");
    migrate.insert(migrate.end(), keys.begin(), keys.end());
    must_be_ok(node(from).command(migrate));
  }
}

void RedisCluster::finish_move(int slot, int to) {
  const std::string id = id_of(to);
  must_be_ok(node(to).command({"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", id}));
  for (int i = 0; i < kNodes; ++i) {
    if (i == to) continue;
    must_be_ok(node(i).command({"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", id}));
  }
}

// --- sentinels ----------------------------------------------------------------------------------

RedisSentinels::RedisSentinels(const std::string& password, const std::string& sentinel_password) {
  const std::string auth = password.empty() ? "" : "masterauth " + password;
  first_ = std::make_unique<RedisServer>(RedisServerOptions{{auth, kAtOnce}, password});
  second_ = std::make_unique<RedisServer>(
      RedisServerOptions{{auth, kAtOnce, "replicaof 127.0.0.1 " + port_of(*first_)}, password});
  wait_until("the replica follows", [this] { return follows(*second_); });
  const std::string name = kName;
  RedisServerOptions options{{"sentinel monitor " + name + " 127.0.0.1 " + port_of(*first_) + " 2",
                              "sentinel down-after-milliseconds " + name + " 1000",
                              "sentinel failover-timeout " + name + " 1000"},
                             sentinel_password};
  if (!password.empty()) options.config.push_back("sentinel auth-pass " + name + " " + password);
  if (!sentinel_password.empty()) {
    options.config.push_back("sentinel sentinel-pass " + sentinel_password);
  }
  options.is_sentinel = true;
  for (int i = 0; i < kSentinels; ++i) {
    sentinels_.push_back(std::make_unique<RedisServer>(options));
  }
  for (const auto& sentinel : sentinels_) {  // they are patient otherwise
    must_be_ok(sentinel->command({"SENTINEL", "DEBUG", "info-period", "100", "ping-period", "100",
                                  "publish-period", "500"}));
  }
  for (const auto& sentinel : sentinels_) {
    wait_until("the sentinels agree", [&sentinel, &name] {
      return sentinel->command({"SENTINEL", "CKQUORUM", name}).starts_with("OK 3") &&
             sentinel->command({"SENTINEL", "REPLICAS", name}).find("\nok\n") != std::string::npos;
    });
  }
}

int RedisSentinels::master_port() {
  return std::stoi(
      lines_of(sentinels_[0]->command({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", kName}))[1]);
}

void RedisSentinels::fail_over() {
  const int old = master_port();
  RedisServer& next = old == first_->port() ? *second_ : *first_;
  RedisServer& previous = old == first_->port() ? *first_ : *second_;
  must_be_ok(sentinels_[0]->command({"SENTINEL", "FAILOVER", kName}));
  wait_until("the other one is the master", [&] {
    return master_port() == next.port() && next.command({"ROLE"}).starts_with("master") &&
           (!previous.is_running() || follows(previous));
  });
}

}  // namespace usher::test
