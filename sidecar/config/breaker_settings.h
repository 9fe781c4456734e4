// "breaker": false, a name, or what differs from one.
//
// Thread: main.
#pragma once

#include <optional>

#include "config/object_reader.h"
#include "policy/endpoint_policy.h"

namespace usher::config {

struct BreakerSettings {
  policy::BreakerScope scope = policy::BreakerScope::Endpoint;
  policy::BreakerOptions options = policy::BreakerOptions::rates();
  Place scope_place{};  // of "scope", where it is written
  Place slow_call_place{};
};

// The "breaker" of an object with policy keys.
std::optional<Placed<BreakerSettings>> read_breaker(ObjectReader& parent, Problems& problems);

}  // namespace usher::config
