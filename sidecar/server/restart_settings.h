// RestartSettings: what of a configuration is read at start only.
//
// Thread: any.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cache/redis_options.h"
#include "config/snapshot.h"

namespace usher::server {

struct RestartSettings {
  explicit RestartSettings(const config::Snapshot& snapshot);

  // The keys whose values are others in `next`.
  std::vector<std::string> changed_in(const config::Snapshot& next) const;

  unsigned workers;
  std::string admin;
  std::size_t memory_bytes;
  std::size_t buffer_bytes;
  std::size_t connections;
  std::size_t cache_memory_bytes;
  std::optional<cache::RedisOptions> redis;
};

}  // namespace usher::server
