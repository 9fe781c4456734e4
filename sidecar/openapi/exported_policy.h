// exported_policy(): an endpoint's effective policy as the keys of a service file.
//
// What has its built-in value is left out, but for what consumers ask first: tenant, timeouts, and
// whether the call may be sent twice. Imported again, the keys give the same policy, except a
// breaker that endpoints of a service share, which no endpoint can say.
//
// Thread: any. Secrets are in no policy.
#pragma once

#include "config/json_reader.h"
#include "route/endpoint.h"

namespace usher::openapi {

config::Value exported_policy(const route::Endpoint& endpoint);

}  // namespace usher::openapi
