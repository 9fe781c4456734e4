// CacheFacts: what can be told of the cache of the whole process, for metrics and the admin port.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "cache/memory_cache.h"
#include "cache/redis_client.h"

namespace usher::server {

// Of all clients of the process together.
struct RedisState {
  cache::RedisFacts clients;           // sums; available: each of them is
  bool channel_trusted = true;         // what other sidecars invalidate arrives here
  std::uint64_t channel_losses = 0;    // since the start
  std::uint64_t channel_messages = 0;  // likewise

  void add(const cache::RedisFacts& client) {
    clients.available = clients.available && client.available;
    clients.connections += client.connections;
    clients.commands += client.commands;
    clients.reconnects += client.reconnects;
    for (std::size_t i = 0; i < cache::kRedisFailures; ++i) {
      clients.failures[i] += client.failures[i];
    }
  }
};

struct CacheFacts {
  cache::MemoryCacheFacts memory;
  std::optional<RedisState> redis;  // nothing: there is none
};

// By cache::RedisFailure.
inline constexpr std::array<std::string_view, cache::kRedisFailures> kRedisFailureNames = {
    "unreachable", "timeout", "protocol", "refused"};

}  // namespace usher::server
