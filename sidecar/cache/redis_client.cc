#include "cache/redis_client.h"

#include <optional>

#include "cache/redis_cluster.h"
#include "cache/redis_node.h"

namespace usher::cache {
namespace {

// Nothing: it has to be asked for.
std::optional<RedisAddress> known_address(const RedisOptions& options) {
  if (options.topology != RedisTopology::Single || options.addresses.empty()) return std::nullopt;
  return options.addresses.front();
}

}  // namespace

struct RedisClient::State {
  State(net::Network& network, const RedisOptions& options)
      : transport(network, options),
        random(static_cast<std::uint64_t>(network.now().time_since_epoch().count())) {
    if (options.topology == RedisTopology::Cluster) {
      cluster.emplace(transport, counters, random);
    } else {
      server.emplace(transport, known_address(options), counters, random);
    }
  }

  RedisTransport transport;
  Random random;  // of jitter
  RedisCounters counters;
  // One of the two, until shut().
  std::optional<RedisNode> server;
  std::optional<RedisCluster> cluster;
};

RedisClient::RedisClient(net::Network& network, const RedisOptions& options)
    : state_(std::make_unique<State>(network, options)) {}
RedisClient::~RedisClient() = default;

bool RedisClient::is_available() const {
  if (state_->cluster) return state_->cluster->is_available();
  return state_->server && state_->server->is_available();
}

bool RedisClient::send(RedisCommand& command, std::string_view key,
                       std::span<const std::string_view> args) {
  if (state_->cluster) return state_->cluster->send(command, key, args);
  return state_->server && state_->server->send(command, args);
}

void RedisClient::cancel(RedisCommand& command) {
  if (command.place.errand != nullptr) {
    RedisCluster::cancel(command);
  } else if (command.place.connection != nullptr) {
    RedisConnection::cancel(command);
  }
}

void RedisClient::shut() {
  state_->cluster.reset();
  state_->server.reset();
}

RedisFacts RedisClient::facts() const {
  const RedisCounters& counters = state_->counters;
  const auto read = [](const RedisCounters::Count& count) {
    return count.load(std::memory_order_relaxed);
  };
  RedisFacts facts;
  facts.connections = static_cast<unsigned>(read(counters.connections));
  facts.available = facts.connections > 0 && read(counters.nodes_left_alone) < read(counters.nodes);
  facts.commands = read(counters.commands);
  for (int i = 0; i < kRedisFailures; ++i) {
    facts.failures[i] = read(counters.failures[static_cast<std::size_t>(i)]);
  }
  facts.reconnects = read(counters.reconnects);
  return facts;
}

}  // namespace usher::cache
