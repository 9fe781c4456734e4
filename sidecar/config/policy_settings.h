// PolicySettings: the policy keys that one object writes, and how those of an endpoint, its service
// and the defaults become one EndpointPolicy.
#pragma once

#include <optional>

#include "base/clock.h"
#include "config/object_reader.h"
#include "http/message.h"
#include "policy/endpoint_policy.h"

namespace usher::config {

struct PlacedDuration {
  Duration value;
  Place place;
};

struct PolicySettings {
  std::optional<policy::TenantRule> tenant;
  std::optional<policy::IdFormat> tenant_format;
  std::optional<policy::IdFormat> user_format;
  std::optional<PlacedDuration> timeout;
  std::optional<PlacedDuration> per_try_timeout;
  std::optional<PlacedDuration> connect_timeout;
  std::optional<PlacedDuration> body_timeout;
  std::optional<policy::IdempotentRule> idempotent;
  std::optional<bool> safe;  // endpoints only
};

PolicySettings read_policy(ObjectReader& reader, Problems& problems);

// Endpoint → service → defaults → built-in.
policy::EndpointPolicy effective_policy(const PolicySettings& endpoint,
                                        const PolicySettings& service,
                                        const PolicySettings& defaults, Problems& problems);

}  // namespace usher::config
