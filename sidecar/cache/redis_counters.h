// What a client of Redis counts. One thread writes, any reads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "cache/redis_command.h"

namespace usher::cache {

struct RedisCounters {
  using Count = std::atomic<std::uint64_t>;

  Count commands{0};
  std::array<Count, kRedisFailures> failures{};
  Count reconnects{0};
  Count connections{0};  // that stand
  Count nodes{0};        // that are known
  Count nodes_left_alone{0};

  static void add(Count& count, std::uint64_t number = 1) {
    count.store(count.load(std::memory_order_relaxed) + number, std::memory_order_relaxed);
  }
  static void subtract(Count& count) {
    count.store(count.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  }
  Count& failed(RedisFailure why) { return failures[static_cast<std::size_t>(why)]; }
};

}  // namespace usher::cache
