// The cache on the admin port: what it holds and does, one answer that it keeps, and making answers
// stale.
//
//   GET  /cache             memory, Redis, and what was counted of each endpoint
//   GET  /cache/entry       one kept answer (cache_entry_page.h)
//   POST /cache/invalidate  (cache_invalidation.h); answered when Redis has taken it, or has not
//
// Thread: main; the cache and the counters are shared with the workers.
#pragma once

#include <functional>
#include <optional>
#include <span>

#include "cache/shared_cache.h"
#include "config/snapshot.h"
#include "proxy/proxy_metrics.h"
#include "server/admin_server.h"
#include "server/cache_facts.h"
#include "server/cache_invalidation.h"

namespace usher::server {

inline constexpr std::string_view kCachePath = "/cache";
inline constexpr std::string_view kInvalidatePath = "/cache/invalidate";  // may have a body

// What the pages look at. References outlive the call, `later` also until it is called.
struct CachePageParts {
  const config::Snapshot& snapshot;
  cache::SharedCache& cache;
  std::span<const proxy::ProxyMetrics* const> workers;
  CacheFacts facts;
  std::int64_t now_ms;  // since 1970
  InvalidateInRedis redis;
  std::function<void(const AdminAnswer&)> later;
};

// Nothing: `later` is called with the answer, in a later turn. REQUIRES: request.path is
// kCachePath, or begins with it and a slash.
std::optional<AdminAnswer> answer_cache(const AdminRequest& request, const CachePageParts& parts);

}  // namespace usher::server
