#include "server/config_page.h"

#include "base/json_writer.h"
#include "explain/render.h"
#include "server/query.h"

namespace usher::server {
namespace {

void write_flag(JsonWriter& json, std::string_view name, bool value) {
  json.name(name).literal(value ? "true" : "false");
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::Debug:
      return "debug";
    case LogLevel::Info:
      return "info";
    case LogLevel::Warn:
      return "warn";
    case LogLevel::Error:
      break;
  }
  return "error";
}

std::string_view name_of(AccessLog access) {
  switch (access) {
    case AccessLog::Off:
      return "off";
    case AccessLog::Errors:
      return "errors";
    case AccessLog::All:
      break;
  }
  return "all";
}

std::string_view name_of(cache::RedisTopology topology) {
  switch (topology) {
    case cache::RedisTopology::Single:
      return "single";
    case cache::RedisTopology::Cluster:
      return "cluster";
    case cache::RedisTopology::Sentinel:
      break;
  }
  return "sentinel";
}

void write_addresses(JsonWriter& json, const std::vector<config::ListenAddress>& addresses) {
  json.open('[');
  for (const config::ListenAddress& address : addresses) json.string(address.text);
  json.close(']');
}

void write_limits(JsonWriter& json, const config::Snapshot& snapshot) {
  const policy::Limits& limits = snapshot.limits;
  json.name("limits")
      .open('{')
      .number("requestHeadBytes", limits.head.head_bytes)
      .number("requestTargetBytes", limits.head.target_bytes)
      .number("headerCount", limits.head.field_count)
      .number("signedBodyBytes", limits.signed_body_bytes)
      .number("bufferBytes", limits.buffer_bytes)
      .number("replayBytes", limits.replay_bytes)
      .number("memoryBytes", limits.memory_bytes)
      .number("connections", limits.connections)
      .close('}');
  json.name("timeouts")
      .open('{')
      .number("headMs", to_milliseconds(snapshot.consumer_timeouts.head))
      .number("idleMs", to_milliseconds(snapshot.consumer_timeouts.idle))
      .number("bodyMs", to_milliseconds(snapshot.consumer_timeouts.body))
      .number("drainDelayMs", to_milliseconds(snapshot.drain.delay))
      .number("drainMs", to_milliseconds(snapshot.drain.timeout))
      .close('}');
}

// But for names and passwords, which may come from references.
void write_cache(JsonWriter& json, const config::Snapshot& snapshot) {
  json.name("cache").open('{').number("memoryBytes", snapshot.cache_memory_bytes).name("redis");
  if (!snapshot.redis) {
    json.literal("null").close('}');
    return;
  }
  const cache::RedisOptions& redis = *snapshot.redis;
  json.open('{').name("topology").string(name_of(redis.topology)).name("addresses").open('[');
  for (const cache::RedisAddress& address : redis.addresses) {
    json.string(address.path.empty() ? address.host + ":" + std::to_string(address.port)
                                     : "unix:" + address.path);
  }
  json.close(']').number("database", redis.database).number("connections", redis.connections);
  json.name("prefix").string(redis.prefix);
  write_flag(json, "tls", redis.tls.enabled);
  write_flag(json, "hasPassword", !redis.password.empty());
  json.number("connectTimeoutMs", to_milliseconds(redis.connect_timeout))
      .number("timeoutMs", to_milliseconds(redis.timeout))
      .number("failures", redis.failures)
      .number("pauseMs", to_milliseconds(redis.pause))
      .number("memoryTtlMs", to_milliseconds(redis.memory_ttl))
      .close('}')
      .close('}');
}

void write_process(JsonWriter& json, const config::Snapshot& snapshot) {
  json.name("process").open('{').number("workers", snapshot.workers).name("listeners").open('[');
  for (const config::OutboundListener& listener : snapshot.listeners) {
    write_addresses(json, listener.addresses);
  }
  json.close(']').name("admin").string(snapshot.admin.text);
  write_flag(json, "annotate", snapshot.annotate);
  json.name("logLevel").string(name_of(snapshot.log_level));
  json.name("accessLog").string(name_of(snapshot.access_log));
  write_limits(json, snapshot);
  write_cache(json, snapshot);
  json.close('}');
}

void write_presets(JsonWriter& json, const config::Snapshot& snapshot) {
  json.name("presets").open('{');
  for (const auto& [name, retry] : snapshot.written.presets) {
    json.name(name)
        .open('{')
        .number("attempts", retry.attempts)
        .number("initialDelayMs", to_milliseconds(retry.backoff.initial_delay))
        .number("maxDelayMs", to_milliseconds(retry.backoff.max_delay))
        .close('}');
  }
  json.close('}');
}

void write_services(JsonWriter& json, const config::Snapshot& snapshot) {
  std::vector<std::size_t> endpoints(snapshot.clusters.size());
  for (const auto& endpoint : snapshot.endpoints) ++endpoints[endpoint->cluster];
  json.name("services").open('[');
  for (std::size_t i = 0; i < snapshot.clusters.size(); ++i) {
    const upstream::ClusterOptions& cluster = snapshot.clusters[i];
    json.open('{').name("service").string(cluster.service).name("addresses").open('[');
    for (const upstream::HostAddress& address : cluster.addresses) {
      json.string("http://" + address.authority);
    }
    json.close(']').number("endpoints", endpoints[i]);
    json.name("written").literal(snapshot.written.service_json[i]).close('}');
  }
  json.close(']');
}

void write_endpoint(JsonWriter& json, const config::Snapshot& snapshot,
                    const route::Endpoint& endpoint) {
  json.open('{').name("service").string(endpoint.service).name("endpoint").string(endpoint.name);
  json.name("method").string(http::to_string(endpoint.method));
  json.name("match").string(endpoint.match.text());
  json.name("ownerTarget").string(endpoint.rewrite.text()).name("consumers");
  if (endpoint.consumers.empty()) {
    json.literal("null");
  } else {
    json.open('[');
    for (const std::string& consumer : endpoint.consumers) json.string(consumer);
    json.close(']');
  }
  write_flag(json, "allowed", endpoint.consumer_allowed);
  json.name("policy").open('[');
  explain::write_settings(json, explain::effective_policy(snapshot, endpoint));
  json.close(']').name("owner").open('[');
  explain::write_settings(json, explain::effective_owner(snapshot, endpoint));
  json.close(']').close('}');
}

bool is_wanted(const std::string* wanted, const std::string& name) {
  return wanted == nullptr || *wanted == name;
}

// The hosts of one service in all workers together.
std::vector<explain::LiveHost> hosts_of(std::span<const Inventory> workers,
                                        const std::string& service) {
  Inventory all;
  for (const Inventory& worker : workers) all.add(worker);
  std::vector<explain::LiveHost> hosts;
  for (const HostInventory& host : all.hosts) {
    if (host.service != service) continue;
    hosts.push_back({.address = host.address,
                     .resolved = host.resolved,
                     .ejected = host.ejected,
                     .connections = host.connections.connections,
                     .idle = host.connections.idle,
                     .waiting = host.connections.waiting});
  }
  return hosts;
}

explain::LiveState live_state(const route::Endpoint& endpoint, proxy::SharedState& shared,
                              std::span<const Inventory> workers, Instant now) {
  explain::LiveState live;
  if (const proxy::NamedBreaker* breaker = shared.breaker(endpoint)) {
    live.breaker = breaker->breaker().snapshot(now);
  }
  live.retries_left = shared.budget(endpoint).available(now);
  live.hosts = hosts_of(workers, endpoint.service);
  return live;
}

AdminAnswer unknown_parameter(const std::string& name, std::string_view known) {
  return admin_refusal(400, "unknown parameter " + name + "; there are " + std::string(known));
}

}  // namespace

AdminAnswer answer_config(const AdminRequest& request, const ConfigFacts& facts) {
  if (!request.reads()) return method_refusal(kReadMethods);
  const config::Snapshot& snapshot = facts.snapshot;
  JsonWriter json;
  json.open('{').name("revision").string(facts.revision);
  json.name("consumer").string(snapshot.consumer).name("files").open('[');
  for (const std::filesystem::path& file : facts.files) json.string(file.string());
  json.close(']');
  write_process(json, snapshot);
  write_presets(json, snapshot);
  json.name("written").literal(snapshot.written.usher_json);
  write_services(json, snapshot);
  json.close('}');
  return {.body = json.take()};
}

AdminAnswer answer_endpoints(const AdminRequest& request, const config::Snapshot& snapshot) {
  if (!request.reads()) return method_refusal(kReadMethods);
  const auto query = Query::parse(request.query);
  if (!query) return admin_refusal(400, "the query has an escape that is none");
  if (const std::string* unknown = query->unknown({"service", "endpoint"})) {
    return unknown_parameter(*unknown, "service and endpoint");
  }
  JsonWriter json;
  json.open('{').name("consumer").string(snapshot.consumer).name("endpoints").open('[');
  for (const auto& endpoint : snapshot.endpoints) {
    if (is_wanted(query->find("service"), endpoint->service) &&
        is_wanted(query->find("endpoint"), endpoint->name)) {
      write_endpoint(json, snapshot, *endpoint);
    }
  }
  json.close(']').close('}');
  return {.body = json.take()};
}

AdminAnswer answer_explain(const AdminRequest& request, const config::Snapshot& snapshot,
                           proxy::SharedState& shared, std::span<const Inventory> workers,
                           Instant now) {
  if (!request.reads()) return method_refusal(kReadMethods);
  const auto query = Query::parse(request.query);
  if (!query) return admin_refusal(400, "the query has an escape that is none");
  if (const std::string* unknown =
          query->unknown({"method", "target", "consumer", "header", "format"})) {
    return unknown_parameter(*unknown, "method, target, consumer, header and format");
  }
  const std::string* method = query->find("method");
  const std::string* target = query->find("target");
  const std::string* consumer = query->find("consumer");
  const std::string* format = query->find("format");
  if (method == nullptr || target == nullptr) {
    return admin_refusal(400, "method and target are missing; as ?method=GET&target=/path");
  }
  const bool is_text = format != nullptr && *format == "text";
  if (format != nullptr && !is_text && *format != "json") {
    return admin_refusal(400, "there is no format " + *format + "; there are json and text");
  }
  const explain::CallExplanation call =
      explain::explain_call(snapshot, {.method = *method,
                                       .url = *target,
                                       .consumer = consumer == nullptr ? std::string() : *consumer,
                                       .headers = query->all("header")});
  explain::LiveState live;
  if (call.matched) live = live_state(*call.matched->endpoint, shared, workers, now);
  const explain::LiveState* shown = call.matched ? &live : nullptr;
  AdminAnswer answer;
  answer.status = call.refusal ? 422 : 200;
  answer.body = is_text ? explain::render_text(snapshot, call, shown)
                        : explain::render_json(snapshot, call, shown);
  if (is_text) answer.content_type = "text/plain; charset=utf-8";
  return answer;
}

}  // namespace usher::server
