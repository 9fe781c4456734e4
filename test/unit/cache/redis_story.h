// A client and a scripted server on a simulated network.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/redis_connection.h"
#include "sim/sim_network.h"
#include "unit/cache/redis_support.h"
#include "unit/cache/scripted_redis.h"

namespace usher::cache {

class RedisStory : public testing::Test {
 protected:
  RedisStory() {
    options.addresses = {{"127.0.0.1", 6379, ""}};
    options.connections = 1;
    network.listen(address, server);
  }

  void connect() { client.emplace(network, options); }
  void connect_and_greet() {
    connect();
    network.run_until_idle();
    ASSERT_EQ(client->facts().connections, 1u);
  }
  // Its outcome stays empty when it is not sent.
  Asked& get(const std::string& key) {
    asked.push_back(std::make_unique<Asked>());
    was_sent = client->send(*asked.back(), key, Args{"GET", key});
    return *asked.back();
  }
  std::uint64_t failures(RedisFailure why) const {
    return client->facts().failures[static_cast<int>(why)];
  }
  // Until it is told; how long that took.
  Duration wait(const Asked& command) {
    const Instant start = network.now();
    while (command.told == 0 && network.now() - start < std::chrono::seconds(60)) {
      network.advance(std::chrono::milliseconds(1));
    }
    return network.now() - start;
  }
  void open_breaker() {
    network.refuse(address);
    for (const auto& session : server.sessions) session->reset();
    while (client->facts().available || failures(RedisFailure::Unreachable) < options.failures) {
      network.advance(std::chrono::milliseconds(1));
    }
  }

  sim::SimNetwork network{7};
  net::SocketAddress address = *net::SocketAddress::from_ip("127.0.0.1", 6379);
  ScriptedRedis server;
  RedisOptions options;
  std::vector<std::unique_ptr<Asked>> asked;
  bool was_sent = false;
  std::optional<RedisClient> client;  // goes first: commands may still wait
};

}  // namespace usher::cache
