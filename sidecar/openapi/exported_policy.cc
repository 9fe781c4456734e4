#include "openapi/exported_policy.h"

#include <algorithm>

#include "config/units.h"
#include "openapi/json_tree.h"
#include "policy/names.h"

namespace usher::openapi {
namespace {

using config::format_duration;
using policy::BreakerOptions;

Value make_texts(const std::vector<std::string>& texts) {
  Value list = make_array();
  for (const std::string& text : texts) append(list, make_text(text));
  return list;
}

// Members that differ from what they would be without a word.
class Differences {
 public:
  void text(std::string_view key, std::string_view text) { put(object_, key, text); }
  void duration(std::string_view key, Duration value, Duration built_in) {
    if (value != built_in) text(key, format_duration(value));
  }
  void integer(std::string_view key, std::int64_t value, std::int64_t built_in) {
    if (value != built_in) put(object_, key, make_integer(value));
  }
  void number(std::string_view key, double value, double built_in) {
    if (value != built_in) put(object_, key, make_number(value));
  }
  void flag(std::string_view key, bool value, bool built_in) {
    if (value != built_in) put(object_, key, make_bool(value));
  }
  void texts(std::string_view key, const std::vector<std::string>& values) {
    put(object_, key, make_texts(values));
  }
  void statuses(std::string_view key, const policy::StatusSet& value,
                const policy::StatusSet& built_in) {
    if (value == built_in) return;
    Value list = make_array();
    for (int status = policy::StatusSet::kMin; status <= policy::StatusSet::kMax; ++status) {
      if (value.contains(status)) append(list, make_integer(status));
    }
    put(object_, key, std::move(list));
  }
  // "on": failures without an answer.
  void failure_kinds(bool connect, bool reset, bool timeout, bool bad_answer) {
    if (connect && reset && timeout && bad_answer) return;
    std::vector<std::string> kinds;
    if (connect) kinds.emplace_back("connect-failure");
    if (reset) kinds.emplace_back("reset-before-response");
    if (timeout) kinds.emplace_back("timeout");
    if (bad_answer) kinds.emplace_back("bad-answer");
    texts("on", kinds);
  }
  void object(std::string_view key, Differences members) {
    if (!members.object_.children.empty()) put(object_, key, std::move(members.object_));
  }

  Value take() { return std::move(object_); }

 private:
  Value object_ = make_object();
};

Value retry_of(const policy::RetryOptions& retry) {
  if (retry.attempts == 1) return make_text("none");
  for (const std::string_view name : {"fast", "standard", "aggressive", "patient"}) {
    if (retry == policy::retry_preset(name)) return make_text(name);
  }
  policy::RetryOptions base;
  Differences keys;
  // A hundred statuses have a name.
  if (retry.statuses == policy::platform_retry_statuses()) {
    base = *policy::retry_preset("standard");
    keys.text("preset", "standard");
  }
  keys.integer("attempts", retry.attempts, base.attempts);
  keys.duration("initial_delay", retry.backoff.initial_delay, base.backoff.initial_delay);
  keys.duration("max_delay", retry.backoff.max_delay,
                std::max(retry.backoff.initial_delay, base.backoff.max_delay));
  keys.failure_kinds(retry.on_not_sent, retry.on_reset, retry.on_timeout, retry.on_bad_answer);
  keys.statuses("statuses", retry.statuses, base.statuses);
  keys.duration("retry_after_max", retry.retry_after_max, base.retry_after_max);
  return keys.take();
}

Value breaker_of(const BreakerOptions& breaker) {
  if (breaker == BreakerOptions()) return make_text("platform");
  const BreakerOptions base =
      breaker.failure_threshold > 0 ? BreakerOptions() : BreakerOptions::rates();
  Differences keys;
  // Says also which defaults the others have.
  keys.integer("failure_threshold", breaker.failure_threshold, 0);
  keys.integer("consecutive_failures", breaker.consecutive_failures, base.consecutive_failures);
  keys.number("failure_rate", breaker.failure_rate, base.failure_rate);
  keys.number("slow_rate", breaker.slow_rate, base.slow_rate);
  keys.duration("slow_call", breaker.slow_call, base.slow_call);
  keys.integer("minimum_calls", breaker.minimum_calls, base.minimum_calls);
  keys.duration("window", breaker.window, base.window);
  keys.duration("reset_timeout", breaker.reset_timeout, base.reset_timeout);
  keys.duration("reset_timeout_max", breaker.reset_timeout_max,
                std::max(breaker.reset_timeout, base.reset_timeout_max));
  keys.number("jitter", breaker.jitter, base.jitter);
  keys.integer("half_open_calls", breaker.half_open_calls, base.half_open_calls);
  keys.integer("success_threshold", breaker.success_threshold, base.success_threshold);
  keys.flag("shadow", breaker.shadow, base.shadow);
  Differences failures;
  failures.failure_kinds(breaker.failures.not_sent, breaker.failures.reset,
                         breaker.failures.timeout, breaker.failures.bad_answer);
  failures.statuses("statuses", breaker.failures.statuses, base.failures.statuses);
  keys.object("failures", std::move(failures));
  return keys.take();
}

std::vector<std::string> texts_of(const std::vector<policy::TagTemplate>& tags) {
  std::vector<std::string> texts;
  texts.reserve(tags.size());
  for (const policy::TagTemplate& tag : tags) texts.push_back(tag.text());
  return texts;
}

Value cache_of(const policy::CachePolicy& cache) {
  const policy::CachePolicy base;
  Differences keys;
  if (cache.ttl) keys.text("ttl", format_duration(*cache.ttl));
  if (cache.ttl_overrides) keys.text("freshness", "policy");
  keys.duration("stale_while_revalidate", cache.stale_while_revalidate, Duration::zero());
  keys.duration("stale_if_error", cache.stale_if_error, Duration::zero());
  keys.duration("negative_ttl", cache.negative_ttl, Duration::zero());
  if (cache.scope == policy::CacheScope::User) keys.text("scope", "user");
  if (cache.scope == policy::CacheScope::Public) keys.text("scope", "public");
  if (!cache.vary.empty()) keys.texts("vary", cache.vary);
  if (cache.query) keys.texts("query", *cache.query);
  if (cache.max_object != base.max_object) {
    keys.text("max_object", config::format_size(cache.max_object));
  }
  if (!cache.tags.empty()) keys.texts("tags", texts_of(cache.tags));
  keys.flag("lock", cache.lock, false);
  return keys.take();
}

Value concurrency_of(const policy::ConcurrencyOptions& concurrency) {
  const policy::ConcurrencyOptions base;
  Differences keys;
  keys.integer("max", static_cast<std::int64_t>(concurrency.max_concurrent), 0);
  keys.integer("queue", static_cast<std::int64_t>(concurrency.max_queue),
               static_cast<std::int64_t>(base.max_queue));
  keys.duration("queue_timeout", concurrency.queue_timeout, base.queue_timeout);
  return keys.take();
}

Value hedge_of(const policy::HedgeOptions& hedge) {
  const policy::HedgeOptions base;
  Differences keys;
  if (hedge.delay) keys.text("delay", format_duration(*hedge.delay));
  keys.integer("max", hedge.max_hedges, base.max_hedges);
  keys.number("share", hedge.share, base.share);
  return keys.take();
}

// The body as a string, which is sent as it is.
Value fallback_of(const policy::Fallback& fallback) {
  const policy::Fallback base;
  Differences keys;
  keys.integer("status", fallback.status, base.status);
  if (!fallback.body.empty()) {
    keys.text("body", fallback.body);
    keys.text("content_type", fallback.content_type);
  }
  keys.statuses("on", fallback.on, base.on);
  return keys.take();
}

// Whether the call may be sent twice, where that is a question.
void put_repetition(const route::Endpoint& endpoint, Value& keys) {
  if (endpoint.policy.safe) put(keys, "safe", make_bool(true));
  if (endpoint.repeatability(false) == policy::Repeatability::Safe) return;
  if (endpoint.policy.idempotent == policy::IdempotentRule::Key) {
    put(keys, "idempotent", "key");
  } else {
    put(keys, "idempotent", make_bool(policy::may_repeat(endpoint.repeatability(false))));
  }
  if (!endpoint.policy.make_key) put(keys, "idempotency_key", "pass");
}

void put_resilience(const policy::EndpointPolicy& policy, Value& keys) {
  if (policy.retry != policy::RetryOptions()) put(keys, "retry", retry_of(policy.retry));
  if (policy.breaker_scope == policy::BreakerScope::Off) {
    put(keys, "breaker", make_bool(false));
  } else if (policy.breaker_scope == policy::BreakerScope::Endpoint &&
             policy.breaker != BreakerOptions::rates()) {
    put(keys, "breaker", breaker_of(policy.breaker));
  }
  if (policy.concurrency.max_concurrent > 0) {
    put(keys, "concurrency", concurrency_of(policy.concurrency));
  }
  if (policy.hedge) put(keys, "hedge", hedge_of(*policy.hedge));
  if (policy.fallback) put(keys, "fallback", fallback_of(*policy.fallback));
}

}  // namespace

Value exported_policy(const route::Endpoint& endpoint) {
  const policy::EndpointPolicy& policy = endpoint.policy;
  const policy::EndpointPolicy base;
  Differences keys;
  if (!endpoint.consumers.empty()) keys.texts("consumers", endpoint.consumers);
  keys.text("tenant", name_of(policy.tenant));
  if (policy.tenant_format != base.tenant_format) {
    keys.text("tenant_format", name_of(policy.tenant_format));
  }
  if (policy.user_format != base.user_format) {
    keys.text("user_format", name_of(policy.user_format));
  }
  keys.text("timeout", format_duration(policy.timeout));
  keys.text("per_try_timeout", format_duration(policy.per_try_timeout));
  keys.duration("connect_timeout", policy.connect_timeout,
                std::min(base.connect_timeout, policy.per_try_timeout));
  keys.duration("body_timeout", policy.body_timeout, base.body_timeout);
  Value object = keys.take();
  put_repetition(endpoint, object);
  put_resilience(policy, object);
  if (policy.cache) put(object, "cache", cache_of(*policy.cache));
  if (!policy.invalidates.empty()) {
    put(object, "invalidates", make_texts(texts_of(policy.invalidates)));
  }
  return object;
}

}  // namespace usher::openapi
