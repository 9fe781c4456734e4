// WorkerCache: one worker's side of the cache, where some endpoint keeps answers or makes them
// stale.
//
// Owner: WorkerResources.  Thread: worker.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cache/digest.h"
#include "cache/flights.h"
#include "cache/json_values.h"
#include "cache/redis_client.h"
#include "cache/redis_tier.h"
#include "cache/shared_cache.h"
#include "cache/tag.h"
#include "policy/tag_template.h"
#include "route/path_template.h"

namespace usher::proxy {

class BackgroundCalls;

struct WorkerCache {
  // `redis` is null without one; it outlives this, as `shared` does.
  WorkerCache(net::Network& network, cache::SharedCache& shared, const cache::RedisOptions* redis);
  ~WorkerCache();
  // Closes its connections. No call runs any more.
  void shut();

  cache::SharedCache& shared;
  const cache::RedisOptions* redis_options;
  cache::FlightDesk desk;
  cache::Hasher hasher;
  cache::JsonValues json;
  std::unique_ptr<cache::RedisClient> client;  // null without Redis
  std::unique_ptr<cache::RedisTier> redis;     // likewise
  BackgroundCalls* background = nullptr;

  // The tags that every kept answer has: that of its path, whatever its query, and its whole
  // scope's.
  void add_path_tag(cache::ScopeId scope, std::string_view service, std::string_view target,
                    std::vector<cache::Tag>& tags);
  void add_scope_tag(cache::ScopeId scope, std::vector<cache::Tag>& tags);
  // Those of the templates that have a pointer into `source` (None: that have none), with its
  // values out of `document`. False: it could not be read to its end.
  bool add_tags(cache::ScopeId scope, const std::vector<policy::TagTemplate>& templates,
                const route::Parameters& parameters, policy::TagTemplate::Source source,
                std::string_view document, std::vector<cache::Tag>& tags);
};

}  // namespace usher::proxy
