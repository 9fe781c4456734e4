#include "explain/effective.h"

#include <algorithm>

#include "explain/setting_list.h"
#include "policy/idempotency_key.h"
#include "policy/names.h"

namespace usher::explain {
namespace {

class PolicyReader {
 public:
  PolicyReader(const config::Snapshot& snapshot, const route::Endpoint& endpoint)
      : snapshot_(snapshot),
        endpoint_(endpoint),
        policy_(endpoint.policy),
        sources_(snapshot, endpoint) {}

  std::vector<Setting> read() {
    add_identity();
    add_times();
    add_repetition();
    add_retry();
    add_breaker();
    add_concurrency();
    add_hedge();
    add_fallback();
    add_cache();
    add_cuts();
    return std::move(list_.all());
  }

 private:
  bool only_reads() const { return endpoint_.repeatability(false) == policy::Repeatability::Safe; }
  void text(std::string_view key, std::string_view value) {
    list_.text(std::string(key), value, sources_.of(key));
  }
  // What is off, or a name for the whole of it.
  void off(std::string_view key, Source source) {
    list_.flag(std::string(key), false, std::move(source));
  }

  void add_identity();
  void add_times();
  void add_repetition();
  void add_retry();
  void add_breaker();
  void add_triggers(MemberList& members, const policy::BreakerOptions& options);
  void add_concurrency();
  void add_hedge();
  void add_fallback();
  void add_cache();
  void add_cache_key(MemberList& members, const policy::CachePolicy& cache);
  void add_cuts();

  const config::Snapshot& snapshot_;
  const route::Endpoint& endpoint_;
  const policy::EndpointPolicy& policy_;
  Sources sources_;
  SettingList list_;
};

std::vector<std::string> texts_of(const std::vector<policy::TagTemplate>& tags) {
  std::vector<std::string> texts;
  texts.reserve(tags.size());
  for (const policy::TagTemplate& tag : tags) texts.push_back(tag.text());
  return texts;
}

void PolicyReader::add_identity() {
  text("tenant", name_of(policy_.tenant));
  if (policy_.tenant != policy::TenantRule::None) {
    text("tenant_format", name_of(policy_.tenant_format));
  }
  text("user_format", name_of(policy_.user_format));
}

void PolicyReader::add_times() {
  text("timeout", format_duration(policy_.timeout));
  text("per_try_timeout", format_duration(policy_.per_try_timeout));
  text("connect_timeout", format_duration(policy_.connect_timeout));
  text("body_timeout", format_duration(policy_.body_timeout));
}

// A wider place's "key" is not meant for what only reads, so by the method is not as written.
void PolicyReader::add_repetition() {
  if (policy_.safe) list_.flag("safe", true, sources_.of("safe"));
  switch (policy_.idempotent) {
    case policy::IdempotentRule::ByMethod:
      list_.flag("idempotent", policy::may_repeat(endpoint_.repeatability(false)), {});
      break;
    case policy::IdempotentRule::No:
    case policy::IdempotentRule::Yes:
      list_.flag("idempotent", policy_.idempotent == policy::IdempotentRule::Yes,
                 sources_.of("idempotent"));
      break;
    case policy::IdempotentRule::Key:
      text("idempotent", "key");
      break;
  }
  if (policy::is_mutation(endpoint_.method)) {
    text("idempotency_key", policy_.make_key ? "generate" : "pass");
  }
}

void PolicyReader::add_retry() {
  const policy::RetryOptions& retry = policy_.retry;
  MemberList members(list_, sources_, "retry");
  members.integer("attempts", retry.attempts);
  if (retry.attempts == 1) return;
  members.duration("initial_delay", retry.backoff.initial_delay);
  members.duration("max_delay", retry.backoff.max_delay);
  members.text("on", format_failures(retry.on_not_sent, retry.on_reset, retry.on_timeout,
                                     retry.on_bad_answer));
  members.text("statuses", format_statuses(retry.statuses));
  members.duration("retry_after_max", retry.retry_after_max);
}

void PolicyReader::add_breaker() {
  if (policy_.breaker_scope == policy::BreakerScope::Off) {
    return off("breaker", sources_.of("breaker"));
  }
  const bool is_shared = policy_.breaker_scope == policy::BreakerScope::Service;
  const policy::BreakerOptions& options =
      is_shared ? snapshot_.clusters[endpoint_.cluster].breaker : policy_.breaker;
  MemberList members(list_, sources_, "breaker");
  members.text("scope", is_shared ? "service" : "endpoint");
  add_triggers(members, options);
  members.duration("reset_timeout", options.reset_timeout);
  members.duration("reset_timeout_max", options.reset_timeout_max);
  members.number("jitter", options.jitter);
  members.integer("half_open_calls", options.half_open_calls);
  members.integer("success_threshold", options.success_threshold);
  if (options.shadow) members.flag("shadow", true);
  const policy::FailureRules& failures = options.failures;
  members.text("failures.on", format_failures(failures.not_sent, failures.reset, failures.timeout,
                                              failures.bad_answer));
  members.text("failures.statuses", format_statuses(failures.statuses));
}

void PolicyReader::add_triggers(MemberList& members, const policy::BreakerOptions& options) {
  if (options.failure_threshold > 0) {
    members.integer("failure_threshold", options.failure_threshold);
  }
  if (options.consecutive_failures > 0) {
    members.integer("consecutive_failures", options.consecutive_failures);
  }
  if (options.failure_rate > 0) members.number("failure_rate", options.failure_rate);
  if (options.slow_rate > 0) {
    members.number("slow_rate", options.slow_rate);
    members.duration("slow_call", options.slow_call);
  }
  const bool has_rate = options.failure_rate > 0 || options.slow_rate > 0;
  if (has_rate) members.integer("minimum_calls", options.minimum_calls);
  if (has_rate || options.failure_threshold > 0) members.duration("window", options.window);
}

void PolicyReader::add_concurrency() {
  const policy::ConcurrencyOptions& options = policy_.concurrency;
  MemberList members(list_, sources_, "concurrency");
  members.integer("max", static_cast<std::int64_t>(options.max_concurrent));
  if (options.max_concurrent == 0) return;
  members.integer("queue", static_cast<std::int64_t>(options.max_queue));
  if (options.max_queue > 0) members.duration("queue_timeout", options.queue_timeout);
}

// Inherited where the endpoint does more than read it is left out, whatever is written.
void PolicyReader::add_hedge() {
  if (!policy_.hedge) return off("hedge", only_reads() ? sources_.of("hedge") : Source{});
  MemberList members(list_, sources_, "hedge");
  members.text("delay", policy_.hedge->delay ? format_duration(*policy_.hedge->delay) : "p95");
  members.integer("max", policy_.hedge->max_hedges);
  members.number("share", policy_.hedge->share);
}

void PolicyReader::add_fallback() {
  if (!policy_.fallback) return;
  const policy::Fallback& fallback = *policy_.fallback;
  MemberList members(list_, sources_, "fallback");
  members.integer("status", fallback.status);
  members.text("body", format_size(fallback.body.size()));
  if (!fallback.body.empty()) members.text("content_type", fallback.content_type);
  members.text("on", format_statuses(fallback.on));
}

void PolicyReader::add_cache() {
  if (!policy_.invalidates.empty()) {
    list_.json("invalidates", format_list(texts_of(policy_.invalidates)),
               sources_.of("invalidates"));
  }
  if (!policy_.cache) {
    if (endpoint_.method == http::Method::Get) off("cache", sources_.of("cache"));
    return;
  }
  const policy::CachePolicy& cache = *policy_.cache;
  MemberList members(list_, sources_, "cache");
  if (cache.ttl) members.duration("ttl", *cache.ttl);
  members.text("freshness", cache.ttl_overrides ? "policy" : "owner");
  members.duration("stale_while_revalidate", cache.stale_while_revalidate);
  members.duration("stale_if_error", cache.stale_if_error);
  members.duration("negative_ttl", cache.negative_ttl);
  add_cache_key(members, cache);
  members.text("max_object", format_size(cache.max_object));
  members.json("tags", format_list(texts_of(cache.tags)));
  members.flag("lock", cache.lock);
}

// "user" in "vary" is a scope as well.
void PolicyReader::add_cache_key(MemberList& members, const policy::CachePolicy& cache) {
  const bool by_vary = cache.scope == policy::CacheScope::User &&
                       sources_.of_member("cache", "scope").kind == Source::Kind::BuiltIn;
  if (by_vary) {
    list_.text("cache.scope", "user", sources_.of_member("cache", "vary"));
  } else {
    members.text("scope", name_of(cache.scope));
  }
  members.json("vary", format_list(cache.vary));
  if (cache.query) {
    members.json("query", format_list(*cache.query));
  } else {
    members.text("query", "all parameters");
  }
}

void PolicyReader::add_cuts() {
  const std::vector<config::CutTime>& cuts = snapshot_.written.cuts;
  auto cut = std::lower_bound(cuts.begin(), cuts.end(), endpoint_.index,
                              [](const config::CutTime& candidate, std::uint32_t index) {
                                return candidate.endpoint < index;
                              });
  for (; cut != cuts.end() && cut->endpoint == endpoint_.index; ++cut) {
    for (Setting& setting : list_.all()) {
      if (setting.key != cut->key) continue;
      setting.cut_by = cut->by;
      setting.cut_from = format_duration(cut->written);
    }
  }
}

}  // namespace

std::vector<Setting> effective_policy(const config::Snapshot& snapshot,
                                      const route::Endpoint& endpoint) {
  return PolicyReader(snapshot, endpoint).read();
}

}  // namespace usher::explain
