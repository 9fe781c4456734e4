#include "explain/render.h"
#include "explain/values.h"
#include "explain/words.h"

namespace usher::explain {
namespace {

void write_list(JsonWriter& json, std::string_view name, const std::vector<std::string>& texts) {
  json.name(name).open('[');
  for (const std::string& text : texts) json.string(text);
  json.close(']');
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

void write_pairs(JsonWriter& json, std::string_view name, const Pairs& pairs) {
  json.name(name).open('{');
  for (const auto& [member, text] : pairs) json.name(member).string(text);
  json.close('}');
}

void write_flag(JsonWriter& json, std::string_view name, bool value) {
  json.name(name).literal(value ? "true" : "false");
}

void write_source(JsonWriter& json, const Source& source) {
  json.name("origin").open('{').name("kind").string(to_string(source.kind));
  if (!source.preset.empty()) json.name("preset").string(source.preset);
  if (source.written) {
    json.name("file").string(source.written->file);
    json.number("line", source.written->line).number("column", source.written->column);
  }
  json.close('}');
}

void write_endpoint(JsonWriter& json, const MatchedCall& matched) {
  const route::Endpoint& endpoint = *matched.endpoint;
  json.name("service").string(endpoint.service).name("endpoint").string(endpoint.name);
  json.name("match").string(std::string(http::to_string(endpoint.method)) + " " +
                            endpoint.match.text());
  json.name("listener").string(matched.listener).name("ownerTarget").string(matched.owner_target);
  json.name("tenant").string(matched.tenant).name("user").string(matched.user);
  json.name("idempotencyKey").string(matched.idempotency_key);
}

void write_cache(JsonWriter& json, const CachePlan& cache) {
  json.name("cache").open('{');
  write_flag(json, "keeps", cache.keeps);
  write_flag(json, "lookedUp", cache.looked_up);
  write_flag(json, "stored", cache.stored);
  json.name("whyNot").string(cache.why_not);
  json.name("keptIn").string(cache.kept_in);
  write_pairs(json, "key", cache.key);
  json.name("digest").string(cache.digest);
  write_list(json, "tags", cache.tags);
  write_list(json, "freshness", cache.freshness);
  write_list(json, "invalidates", cache.invalidates);
  write_flag(json, "invalidatesPath", cache.invalidates_path);
  json.close('}');
}

void write_signing(JsonWriter& json, const Signing& signing) {
  json.name("signing").open('{').name("scheme").string(signing.scheme);
  write_list(json, "headers", signing.headers);
  write_pairs(json, "signed", signing.texts);
  write_pairs(json, "secrets", signing.secrets);
  write_flag(json, "holdsBody", signing.holds_body);
  json.name("note").string(signing.note).close('}');
}

void write_retries(JsonWriter& json, const config::Snapshot& snapshot, const MatchedCall& matched) {
  const RetryPlan& plan = matched.retries;
  json.name("retries").open('{').number("timeoutMs", to_milliseconds(plan.call_timeout));
  json.name("repeatable").string(name_of(plan.repeatability)).name("attempts").open('[');
  for (const PlannedAttempt& attempt : plan.attempts) {
    json.open('{')
        .number("number", attempt.number)
        .number("pauseMinMs", 0)
        .number("pauseMaxMs", to_milliseconds(attempt.pause_max))
        .number("earliestMs", to_milliseconds(attempt.earliest))
        .number("latestMs", to_milliseconds(attempt.latest))
        .number("timeoutMs", to_milliseconds(attempt.timeout));
    write_flag(json, "always", attempt.always);
    json.close('}');
  }
  json.close(']');
  write_list(json, "rules", describe_retries(snapshot, *matched.endpoint, plan));
  json.close('}');
}

void write_live(JsonWriter& json, const LiveState& live) {
  json.name("live").open('{').name("breaker");
  if (live.breaker) {
    json.open('{').name("state").string(policy::to_string(live.breaker->state));
    json.name("reason").string(policy::to_string(live.breaker->reason));
    json.number("failures", live.breaker->failures)
        .number("consecutiveFailures", live.breaker->consecutive_failures)
        .number("retryInMs", to_milliseconds(live.breaker->retry_in))
        .close('}');
  } else {
    json.literal("null");
  }
  json.number("retriesLeft", live.retries_left).name("hosts").open('[');
  for (const LiveHost& host : live.hosts) {
    json.open('{').name("address").string(host.address).name("resolved").string(host.resolved);
    write_flag(json, "ejected", host.ejected);
    json.number("connections", host.connections)
        .number("idle", host.idle)
        .number("waiting", host.waiting)
        .close('}');
  }
  json.close(']').close('}');
}

}  // namespace

void write_settings(JsonWriter& json, const std::vector<Setting>& settings) {
  for (const Setting& setting : settings) {
    json.open('{').name("key").string(setting.key).name("value");
    if (setting.is_text) {
      json.string(setting.value);
    } else {
      json.literal(setting.value);
    }
    write_source(json, setting.source);
    if (!setting.cut_by.empty()) {
      json.name("cutBy").string(setting.cut_by).name("cutFrom").string(setting.cut_from);
    }
    json.close('}');
  }
}

std::string render_json(const config::Snapshot& snapshot, const CallExplanation& call,
                        const LiveState* live) {
  JsonWriter json;
  json.open('{').name("method").string(call.method).name("url").string(call.url);
  json.name("consumer").string(call.consumer);
  write_flag(json, "called", !call.refusal);
  if (call.refusal) {
    json.name("refusal").open('{').name("code").string(call.refusal->code);
    json.number("status", call.refusal->status).name("why").string(call.refusal->why).close('}');
  }
  if (!call.matched) {
    write_list(json, "nearest", call.nearest);
    json.close('}');
    return json.take();
  }
  const MatchedCall& matched = *call.matched;
  write_endpoint(json, matched);
  json.name("policy").open('[');
  write_settings(json, matched.policy);
  json.close(']').name("owner").open('[');
  write_settings(json, matched.owner);
  json.close(']');
  write_cache(json, matched.cache);
  write_signing(json, matched.signing);
  write_retries(json, snapshot, matched);
  write_list(json, "breaker", describe_breaker(snapshot, *matched.endpoint));
  write_list(json, "limits", describe_limits(snapshot, *matched.endpoint));
  if (live != nullptr) write_live(json, *live);
  json.close('}');
  return json.take();
}

}  // namespace usher::explain
