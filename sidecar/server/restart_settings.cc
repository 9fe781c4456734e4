#include "server/restart_settings.h"

namespace usher::server {

RestartSettings::RestartSettings(const config::Snapshot& snapshot)
    : workers(snapshot.workers),
      admin(snapshot.admin.text),
      memory_bytes(snapshot.limits.memory_bytes),
      buffer_bytes(snapshot.limits.buffer_bytes),
      connections(snapshot.limits.connections),
      cache_memory_bytes(snapshot.cache_memory_bytes),
      redis(snapshot.redis) {}

std::vector<std::string> RestartSettings::changed_in(const config::Snapshot& snapshot) const {
  const RestartSettings next(snapshot);
  std::vector<std::string> settings;
  const auto compare = [&](const char* key, bool is_same) {
    if (!is_same) settings.emplace_back(key);
  };
  compare("workers", workers == next.workers);
  compare("admin.listen", admin == next.admin);
  compare("limits.memory", memory_bytes == next.memory_bytes);
  compare("limits.buffer", buffer_bytes == next.buffer_bytes);
  compare("limits.connections", connections == next.connections);
  compare("cache.memory", cache_memory_bytes == next.cache_memory_bytes);
  compare("cache.redis", redis == next.redis);
  return settings;
}

}  // namespace usher::server
