#include "config/policy_settings.h"

#include <array>

#include "config/units.h"

namespace usher::config {
namespace {

using policy::IdempotentRule;
using policy::IdFormat;
using policy::TenantRule;

constexpr Choice<TenantRule> kTenantRules[] = {{"required", TenantRule::Required},
                                               {"optional", TenantRule::Optional},
                                               {"none", TenantRule::None}};
constexpr Choice<IdFormat> kIdFormats[] = {
    {"uuid", IdFormat::Uuid}, {"uuid-any", IdFormat::UuidAny}, {"opaque", IdFormat::Opaque}};

constexpr Choice<bool> kKeySources[] = {{"generate", true}, {"pass", false}};

std::optional<Placed<Duration>> read_timeout(ObjectReader& reader, std::string_view key) {
  const auto value = reader.duration(key, 1ms, std::chrono::hours(1));
  if (!value) return std::nullopt;
  return Placed<Duration>{.value = *value, .place = reader.place_of(*reader.find(key))};
}

std::optional<Placed<IdempotentRule>> read_idempotent(ObjectReader& reader) {
  const Value* member = reader.find("idempotent");
  if (member == nullptr) return std::nullopt;
  const Place place = reader.place_of(*member);
  if (member->type == Value::Type::Bool) {
    const auto rule = member->boolean ? IdempotentRule::Yes : IdempotentRule::No;
    return Placed<IdempotentRule>{.value = rule, .place = place};
  }
  if (member->text == "key") {
    return Placed<IdempotentRule>{.value = IdempotentRule::Key, .place = place};
  }
  reader.wrong(*member, "idempotent", "true, false or \"key\"");
  return std::nullopt;
}

// The objects that may say a thing, the most specific first.
using Levels = std::array<const PolicySettings*, 3>;

template <typename T>
T pick(const Levels& levels, std::optional<T> PolicySettings::*member, T built_in) {
  for (const PolicySettings* level : levels) {
    if (level->*member) return *(level->*member);
  }
  return built_in;
}

constexpr std::size_t kEndpointLevel = 0;

template <typename T>
struct Effective {
  T value;
  std::size_t level;  // position in Levels; behind them: built-in
  Place place;
};

template <typename T>
Effective<T> pick_placed(const Levels& levels, std::optional<Placed<T>> PolicySettings::*member,
                         T built_in = {}) {
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const auto& setting = levels[i]->*member;
    if (setting) return {.value = setting->value, .level = i, .place = setting->place};
  }
  return {.value = built_in, .level = levels.size(), .place = {}};
}

struct EffectiveTimeout {
  std::string_view key;
  Duration value;
  std::size_t level;
  Place place;
};

EffectiveTimeout pick_timeout(const Levels& levels,
                              std::optional<Placed<Duration>> PolicySettings::*member,
                              std::string_view key, Duration built_in) {
  const auto effective = pick_placed(levels, member, built_in);
  return {.key = key, .value = effective.value, .level = effective.level, .place = effective.place};
}

// `inner` runs within `outer`, and is cut to it. Inherited from a wider place than `outer` that is
// as it should be; written at the same place or a narrower one it is hardly meant so, since it
// never has its effect.
void fit(EffectiveTimeout& inner, const EffectiveTimeout& outer, Problems& problems) {
  if (inner.value <= outer.value) return;
  const bool written = inner.place.document != nullptr;
  if (written && inner.level <= outer.level) {
    const std::string where = outer.place.document == nullptr ? "built-in" : to_string(outer.place);
    problems.warn(inner.place, in_quotes(inner.key) + " of " + format_duration(inner.value) +
                                   " is longer than " + in_quotes(outer.key) + " of " +
                                   format_duration(outer.value) + " (" + where +
                                   "), which ends first; lower it or raise " +
                                   in_quotes(outer.key));
  }
  inner.value = outer.value;
}

// The same of a try that is written in a wider place, or nowhere, where it leaves no time for
// another.
void warn_of_short_deadline(const EffectiveTimeout& timeout, const EffectiveTimeout& per_try,
                            const policy::RetryOptions& retry, Problems& problems) {
  if (per_try.value <= timeout.value || per_try.level <= timeout.level || retry.attempts == 1) {
    return;
  }
  const std::string where =
      per_try.place.document == nullptr ? "built-in" : to_string(per_try.place);
  problems.warn(timeout.place, "\"timeout\" of " + format_duration(timeout.value) +
                                   " is shorter than one try may take (\"per_try_timeout\" of " +
                                   format_duration(per_try.value) + ", " + where +
                                   "), which leaves no time to try again; lower "
                                   "\"per_try_timeout\" too, or write \"retry\": \"none\"");
}

void set_timeouts(policy::EndpointPolicy& policy, const Levels& levels, Problems& problems) {
  const auto timeout = pick_timeout(levels, &PolicySettings::timeout, "timeout", policy.timeout);
  auto per_try = pick_timeout(levels, &PolicySettings::per_try_timeout, "per_try_timeout",
                              policy.per_try_timeout);
  auto connect = pick_timeout(levels, &PolicySettings::connect_timeout, "connect_timeout",
                              policy.connect_timeout);
  warn_of_short_deadline(timeout, per_try, pick(levels, &PolicySettings::retry, policy.retry),
                         problems);
  fit(per_try, timeout, problems);
  fit(connect, per_try, problems);
  policy.timeout = timeout.value;
  policy.per_try_timeout = per_try.value;
  policy.connect_timeout = connect.value;
  policy.body_timeout =
      pick_placed(levels, &PolicySettings::body_timeout, policy.body_timeout).value;
}

// A call that only reads needs no key to be repeated, and none is made for it, so a wider place's
// "key" is not meant for it.
void set_repetition(policy::EndpointPolicy& policy, http::Method method, const Levels& levels,
                    Problems& problems) {
  policy.safe = levels[kEndpointLevel]->safe.value_or(false);
  const auto rule = pick_placed(levels, &PolicySettings::idempotent, policy.idempotent);
  const bool only_reads = policy.safe || policy::is_safe(method);
  if (rule.value != IdempotentRule::Key || !only_reads) {
    policy.idempotent = rule.value;
  } else if (rule.level == kEndpointLevel) {
    problems.add(rule.place,
                 "\"idempotent\": \"key\" stands at an endpoint that only reads, which may be "
                 "repeated without a key; leave it out");
  }
  policy.make_key = pick(levels, &PolicySettings::make_key, policy.make_key);
  policy.retry = pick(levels, &PolicySettings::retry, policy.retry);
}

void set_breaker(policy::EndpointPolicy& policy, const Levels& levels, Problems& problems) {
  const auto breaker = pick_placed(levels, &PolicySettings::breaker);
  policy.breaker_scope = breaker.value.scope;
  policy.breaker = breaker.value.options;
  if (breaker.level == kEndpointLevel && policy.breaker_scope == policy::BreakerScope::Service) {
    problems.add(breaker.value.scope_place,
                 "\"scope\": \"service\" stands at an endpoint, but says something of all of its "
                 "service; move this breaker to the service, or leave \"scope\" out");
  }
  if (policy.breaker.slow_rate == 0) return;
  EffectiveTimeout slow = {.key = "slow_call",
                           .value = policy.breaker.slow_call,
                           .level = breaker.level,
                           .place = breaker.value.slow_call_place};
  fit(slow,
      pick_timeout(levels, &PolicySettings::per_try_timeout, "per_try_timeout",
                   policy.per_try_timeout),
      problems);
  policy.breaker.slow_call = slow.value;
}

// A queue without a limit does not exist, so its time is looked at behind one only.
void set_concurrency(policy::EndpointPolicy& policy, const Levels& levels, Problems& problems) {
  const auto concurrency = pick_placed(levels, &PolicySettings::concurrency);
  policy.concurrency = concurrency.value.options;
  if (policy.concurrency.max_concurrent == 0) return;
  EffectiveTimeout queue = {.key = "queue_timeout",
                            .value = policy.concurrency.queue_timeout,
                            .level = concurrency.level,
                            .place = concurrency.value.queue_timeout_place};
  fit(queue, pick_timeout(levels, &PolicySettings::timeout, "timeout", policy.timeout), problems);
  policy.concurrency.queue_timeout = queue.value;
}

// Looks at what set_repetition() has set.
void set_hedge(policy::EndpointPolicy& policy, http::Method method, const Levels& levels,
               Problems& problems) {
  const auto hedge = pick_placed(levels, &PolicySettings::hedge);
  if (!hedge.value.options) return;
  if (policy::repeatability(method, policy.idempotent, policy.safe, false) !=
      policy::Repeatability::Safe) {
    if (hedge.level != kEndpointLevel) return;
    problems.add(hedge.place,
                 "\"hedge\" stands at an endpoint whose calls may not be sent twice at once; leave "
                 "it out, or write \"safe\": true if they only read");
    return;
  }
  policy.hedge = hedge.value.options;
  if (!policy.hedge->delay) return;
  EffectiveTimeout delay = {.key = "delay",
                            .value = *policy.hedge->delay,
                            .level = hedge.level,
                            .place = hedge.value.delay_place};
  fit(delay,
      pick_timeout(levels, &PolicySettings::per_try_timeout, "per_try_timeout",
                   policy.per_try_timeout),
      problems);
  policy.hedge->delay = delay.value;
}

}  // namespace

PolicySettings read_policy(ObjectReader& reader, const RetryPresets& presets, Problems& problems) {
  PolicySettings settings;
  settings.tenant = reader.choice("tenant", kTenantRules);
  settings.tenant_format = reader.choice("tenant_format", kIdFormats);
  settings.user_format = reader.choice("user_format", kIdFormats);
  settings.timeout = read_timeout(reader, "timeout");
  settings.per_try_timeout = read_timeout(reader, "per_try_timeout");
  settings.connect_timeout = read_timeout(reader, "connect_timeout");
  settings.body_timeout = read_timeout(reader, "body_timeout");
  settings.idempotent = read_idempotent(reader);
  settings.make_key = reader.choice("idempotency_key", kKeySources);
  settings.retry = read_retry(reader, presets, problems);
  settings.breaker = read_breaker(reader, problems);
  settings.concurrency = read_concurrency(reader, "concurrency", problems);
  settings.hedge = read_hedge(reader, problems);
  return settings;
}

policy::EndpointPolicy effective_policy(http::Method method, const PolicySettings& endpoint,
                                        const PolicySettings& service,
                                        const PolicySettings& defaults, Problems& problems) {
  const Levels levels = {&endpoint, &service, &defaults};
  policy::EndpointPolicy policy;
  policy.tenant = pick(levels, &PolicySettings::tenant, policy.tenant);
  policy.tenant_format = pick(levels, &PolicySettings::tenant_format, policy.tenant_format);
  policy.user_format = pick(levels, &PolicySettings::user_format, policy.user_format);
  set_timeouts(policy, levels, problems);
  set_repetition(policy, method, levels, problems);
  set_breaker(policy, levels, problems);
  set_concurrency(policy, levels, problems);
  set_hedge(policy, method, levels, problems);
  policy.fallback = endpoint.fallback;
  policy.cache = endpoint.cache;
  policy.invalidates = endpoint.invalidates;
  return policy;
}

std::optional<policy::BreakerOptions> shared_breaker(const PolicySettings& service,
                                                     const PolicySettings& defaults) {
  const auto& breaker = service.breaker ? service.breaker : defaults.breaker;
  if (!breaker || breaker->value.scope != policy::BreakerScope::Service) return std::nullopt;
  return breaker->value.options;
}

}  // namespace usher::config
