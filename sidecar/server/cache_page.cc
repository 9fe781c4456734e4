#include "server/cache_page.h"

#include "base/json_writer.h"
#include "server/cache_entry_page.h"

namespace usher::server {
namespace {

using proxy::EndpointMetrics;

void write_memory(JsonWriter& json, const cache::MemoryCacheFacts& memory) {
  json.name("memory")
      .open('{')
      .number("bytes", memory.bytes)
      .number("limitBytes", memory.limit)
      .number("entries", memory.entries)
      .number("evictions", memory.evictions)
      .close('}');
}

void write_redis(JsonWriter& json, const std::optional<RedisState>& redis) {
  json.name("redis");
  if (!redis) {
    json.literal("null");
    return;
  }
  json.open('{').name("available").literal(redis->clients.available ? "true" : "false");
  json.number("connections", redis->clients.connections)
      .number("commands", redis->clients.commands)
      .number("reconnects", redis->clients.reconnects);
  json.name("failures").open('{');
  for (std::size_t i = 0; i < kRedisFailureNames.size(); ++i) {
    json.number(kRedisFailureNames[i], redis->clients.failures[i]);
  }
  json.close('}').name("channel").open('{');
  json.name("trusted").literal(redis->channel_trusted ? "true" : "false");
  json.number("losses", redis->channel_losses).number("messages", redis->channel_messages);
  json.close('}').close('}');
}

// The sums of all workers, by the names of what was counted.
template <typename Which, std::size_t kCounters>
void write_counters(JsonWriter& json, std::string_view name, const CachePageParts& parts,
                    std::size_t endpoint,
                    std::array<proxy::Counter, kCounters> EndpointMetrics::*counters) {
  json.name(name).open('{');
  for (std::size_t i = 0; i < kCounters; ++i) {
    std::uint64_t sum = 0;
    for (const proxy::ProxyMetrics* worker : parts.workers) {
      sum += (worker->endpoint(endpoint).*counters)[i].value();
    }
    json.number(to_string(static_cast<Which>(i)), sum);
  }
  json.close('}');
}

bool concerns_the_cache(const policy::EndpointPolicy& policy) {
  return policy.cache || policy.invalidates_path || !policy.invalidates.empty();
}

void write_endpoints(JsonWriter& json, const CachePageParts& parts) {
  json.name("endpoints").open('[');
  for (const auto& endpoint : parts.snapshot.endpoints) {
    if (!concerns_the_cache(endpoint->policy)) continue;
    json.open('{').name("service").string(endpoint->service);
    json.name("endpoint").string(endpoint->name);
    json.name("caches").literal(endpoint->policy.cache ? "true" : "false");
    write_counters<proxy::CacheResult>(json, "results", parts, endpoint->index,
                                       &EndpointMetrics::cache);
    write_counters<policy::NotStored>(json, "notStored", parts, endpoint->index,
                                      &EndpointMetrics::not_stored);
    write_counters<proxy::CacheInvalidation>(json, "invalidations", parts, endpoint->index,
                                             &EndpointMetrics::invalidations);
    json.close('}');
  }
  json.close(']');
}

std::string render_overview(const CachePageParts& parts) {
  JsonWriter json;
  json.open('{');
  write_memory(json, parts.facts.memory);
  json.number("flights", parts.cache.flights.active());
  write_redis(json, parts.facts.redis);
  write_endpoints(json, parts);
  json.close('}');
  return json.take();
}

// `redis`: "off", "done" or "late". Accepted, but not everywhere yet, is 202.
AdminAnswer invalidated(const InvalidationOrder& order, std::size_t dropped,
                        std::string_view redis) {
  JsonWriter json;
  json.open('{').name("tags").open('[');
  for (const std::string& tag : order.tags) json.string(tag);
  json.close(']').name("all").literal(order.is_all() ? "true" : "false").name("tenant");
  if (order.tenant) {
    json.string(*order.tenant);
  } else {
    json.literal("null");
  }
  json.number("dropped", dropped).name("redis").string(redis).close('}');
  return {.status = redis == "late" ? 202 : 200, .body = json.take()};
}

std::optional<AdminAnswer> invalidate(const AdminRequest& request, const CachePageParts& parts) {
  const auto order = parse_invalidation(request.query, request.body);
  if (!order) return admin_refusal(400, order.error());
  const std::size_t dropped = invalidate_here(*order, parts.cache);
  if (!parts.redis) return invalidated(*order, dropped, "off");
  parts.redis(*order, [order = *order, dropped, later = parts.later](bool complete) {
    later(invalidated(order, dropped, complete ? "done" : "late"));
  });
  return std::nullopt;
}

}  // namespace

std::optional<AdminAnswer> answer_cache(const AdminRequest& request, const CachePageParts& parts) {
  if (request.path == kInvalidatePath) {
    if (request.method != http::Method::Post) return method_refusal("POST");
    return invalidate(request, parts);
  }
  const bool is_entry = request.path == kCacheEntryPath;
  if (request.path != kCachePath && !is_entry) {
    return admin_refusal(404, "not found; there are /cache, /cache/entry and /cache/invalidate");
  }
  if (!request.reads()) return method_refusal(kReadMethods);
  if (is_entry) return answer_cache_entry(request, parts);
  return AdminAnswer{.body = render_overview(parts)};
}

}  // namespace usher::server
