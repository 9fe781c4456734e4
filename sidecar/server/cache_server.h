// CacheServer: the process's side of the cache: what its workers share, the channel by which other
// sidecars say what is stale, and what the admin port does with it.
//
// Owner: Server.  Thread: main; what it shares says itself how it may be used.
#pragma once

#include <memory>
#include <optional>

#include "cache/invalidation_channel.h"
#include "cache/redis_client.h"
#include "cache/redis_tier.h"
#include "cache/shared_cache.h"
#include "config/snapshot.h"
#include "net/network.h"
#include "server/cache_facts.h"
#include "server/cache_invalidation.h"
#include "server/redis_invalidator.h"
#include "server/worker.h"

namespace usher::server {

class CacheServer {
 public:
  CacheServer(net::Network& network, const config::Snapshot& snapshot);

  // For the workers.
  CacheSetup setup() { return {shared_.get(), redis_ ? &*redis_ : nullptr}; }
  void start();
  void shut();

  // Of the process, but for the workers' clients of Redis.
  CacheFacts facts() const;
  cache::SharedCache& shared() { return *shared_; }
  // Empty: there is no Redis.
  InvalidateInRedis invalidate_in_redis();

 private:
  std::optional<cache::RedisOptions> redis_;
  cache::RedisOptions own_redis_;  // the main thread's, which asks seldom and has few streams
  std::unique_ptr<cache::SharedCache> shared_;
  std::unique_ptr<cache::RedisClient> client_;
  std::unique_ptr<cache::RedisTier> tier_;
  std::unique_ptr<RedisInvalidator> invalidator_;
  std::unique_ptr<cache::InvalidationChannel> channel_;
};

}  // namespace usher::server
