// PolicySettings: the policy keys that one object writes, and how those of an endpoint, its service
// and the defaults become one EndpointPolicy.
#pragma once

#include <optional>
#include <vector>

#include "base/clock.h"
#include "config/breaker_settings.h"
#include "config/hedge_settings.h"
#include "config/object_reader.h"
#include "config/owner_settings.h"
#include "config/retry_settings.h"
#include "http/message.h"
#include "policy/endpoint_policy.h"

namespace usher::config {

struct PolicySettings {
  std::optional<policy::TenantRule> tenant;
  std::optional<policy::IdFormat> tenant_format;
  std::optional<policy::IdFormat> user_format;
  std::optional<Placed<Duration>> timeout;
  std::optional<Placed<Duration>> per_try_timeout;
  std::optional<Placed<Duration>> connect_timeout;
  std::optional<Placed<Duration>> body_timeout;
  std::optional<Placed<policy::IdempotentRule>> idempotent;
  std::optional<bool> make_key;
  std::optional<policy::RetryOptions> retry;
  std::optional<Placed<BreakerSettings>> breaker;
  std::optional<Placed<ConcurrencySettings>> concurrency;
  std::optional<Placed<HedgeSettings>> hedge;
  // Endpoints only.
  std::optional<bool> safe;
  std::optional<policy::Fallback> fallback;
  std::optional<policy::CachePolicy> cache;
  std::vector<policy::TagTemplate> invalidates;
};

PolicySettings read_policy(ObjectReader& reader, const RetryPresets& presets, Problems& problems);

// Of an endpoint with that method: endpoint → service → defaults → built-in. What an endpoint
// inherits, but what makes no sense for it, is left out; written at the endpoint it is a mistake.
policy::EndpointPolicy effective_policy(http::Method method, const PolicySettings& endpoint,
                                        const PolicySettings& service,
                                        const PolicySettings& defaults, Problems& problems);

// The breaker that a service's endpoints share; nothing when no wider place than theirs says so.
std::optional<policy::BreakerOptions> shared_breaker(const PolicySettings& service,
                                                     const PolicySettings& defaults);

}  // namespace usher::config
