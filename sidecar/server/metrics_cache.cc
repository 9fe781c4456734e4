#include "server/metrics_cache.h"

#include <algorithm>

namespace usher::server {
namespace {

using proxy::EndpointMetrics;

// One sample for each of an endpoint's counters that has counted.
template <std::size_t kCounters>
void add_counters(MetricsWriter& page, std::string_view name, std::string_view label,
                  std::array<proxy::Counter, kCounters> EndpointMetrics::*counters,
                  std::string (*value_of)(std::size_t)) {
  page.each_endpoint([&](const std::string& labels, const MetricsWriter::Sum& sum) {
    for (std::size_t i = 0; i < kCounters; ++i) {
      const std::uint64_t count =
          sum([&](const EndpointMetrics& m) -> const proxy::Counter& { return (m.*counters)[i]; });
      if (count == 0) continue;
      page.sample(name, with_label(labels, label, value_of(i)), std::to_string(count));
    }
  });
}

void add_endpoints(MetricsWriter& page) {
  constexpr std::string_view kRequests = "usher_cache_requests_total";
  page.family(kRequests, "counter", "Calls of endpoints with a cache, by how they were answered.");
  add_counters(page, kRequests, "result", &EndpointMetrics::cache, [](std::size_t i) {
    return std::string(to_string(static_cast<proxy::CacheResult>(i)));
  });
  constexpr std::string_view kNotStored = "usher_cache_not_stored_total";
  page.family(kNotStored, "counter", "Answers of owners that were not kept, by why not.");
  add_counters(page, kNotStored, "reason", &EndpointMetrics::not_stored, [](std::size_t i) {
    std::string reason(to_string(static_cast<policy::NotStored>(i)));
    std::replace(reason.begin(), reason.end(), '-', '_');
    return reason;
  });
  constexpr std::string_view kInvalidations = "usher_cache_invalidations_total";
  page.family(kInvalidations, "counter",
              "Calls that made kept answers stale, by what became of it.");
  add_counters(page, kInvalidations, "outcome", &EndpointMetrics::invalidations, [](std::size_t i) {
    return std::string(to_string(static_cast<proxy::CacheInvalidation>(i)));
  });
}

// A family of one sample, which is left out where there is nothing to tell of.
void add_single(MetricsWriter& page, std::string_view name, std::string_view type,
                std::string_view help, std::optional<std::uint64_t> value) {
  page.family(name, type, help);
  if (value) page.sample(name, "", std::to_string(*value));
}

void add_memory(MetricsWriter& page, const cache::MemoryCacheFacts* memory) {
  const auto of = [&](auto member) {
    return memory == nullptr ? std::nullopt : std::optional<std::uint64_t>(memory->*member);
  };
  using cache::MemoryCacheFacts;
  add_single(page, "usher_cache_memory_bytes", "gauge", "Memory that kept answers take.",
             of(&MemoryCacheFacts::bytes));
  add_single(page, "usher_cache_memory_limit_bytes", "gauge", "cache.memory.",
             of(&MemoryCacheFacts::limit));
  add_single(page, "usher_cache_memory_entries", "gauge", "Answers that are kept in memory.",
             of(&MemoryCacheFacts::entries));
  add_single(page, "usher_cache_memory_evictions_total", "counter",
             "Kept answers that had to go for want of memory.", of(&MemoryCacheFacts::evictions));
}

void add_redis(MetricsWriter& page, const RedisState* redis) {
  const auto of = [&](const auto& read) {
    return redis == nullptr ? std::nullopt : std::optional<std::uint64_t>(read(*redis));
  };
  add_single(page, "usher_redis_available", "gauge",
             "1 when Redis is used, 0 while a worker leaves it alone.",
             of([](const RedisState& r) { return r.clients.available ? 1U : 0U; }));
  add_single(page, "usher_redis_connections", "gauge", "Connections to Redis that stand.",
             of([](const RedisState& r) { return r.clients.connections; }));
  add_single(page, "usher_redis_commands_total", "counter", "Commands sent to Redis.",
             of([](const RedisState& r) { return r.clients.commands; }));
  page.family("usher_redis_failures_total", "counter", "Commands that failed, by how.");
  for (std::size_t i = 0; redis != nullptr && i < kRedisFailureNames.size(); ++i) {
    page.sample("usher_redis_failures_total", with_label({}, "kind", kRedisFailureNames[i]),
                std::to_string(redis->clients.failures[i]));
  }
  add_single(page, "usher_redis_reconnects_total", "counter",
             "Connections to Redis that were made again.",
             of([](const RedisState& r) { return r.clients.reconnects; }));
  add_single(page, "usher_cache_channel_trusted", "gauge",
             "1 when what other sidecars make stale arrives here; 0: memory is not used.",
             of([](const RedisState& r) { return r.channel_trusted ? 1U : 0U; }));
  add_single(page, "usher_cache_channel_losses_total", "counter", "How often that broke off.",
             of([](const RedisState& r) { return r.channel_losses; }));
}

}  // namespace

void add_cache(MetricsWriter& page, const config::Snapshot& snapshot, const CacheFacts& facts) {
  const bool is_used =
      std::any_of(snapshot.endpoints.begin(), snapshot.endpoints.end(),
                  [](const auto& endpoint) { return endpoint->policy.cache.has_value(); });
  add_endpoints(page);
  add_memory(page, is_used ? &facts.memory : nullptr);
  add_redis(page, facts.redis ? &*facts.redis : nullptr);
}

}  // namespace usher::server
