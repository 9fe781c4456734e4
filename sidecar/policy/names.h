// What the configuration calls the values of a policy.
//
// Thread: any.
#pragma once

#include <string_view>

#include "policy/cache_policy.h"
#include "policy/endpoint_policy.h"

namespace usher::policy {

std::string_view name_of(TenantRule rule);
std::string_view name_of(IdFormat format);
std::string_view name_of(CacheScope scope);

}  // namespace usher::policy
