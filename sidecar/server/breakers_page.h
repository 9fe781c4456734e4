// The circuit breakers on the admin port: what each says at this moment, and forcing one.
//
//   GET  /breakers                               all, in the order of the configuration
//   POST /breakers/{service}/{endpoint}/{action} action: open, close, reset
//   POST /breakers/{service}/{action}            the breaker that the service's endpoints share
//
// Forced open or closed it stays until reset, which makes it as new. A POST answers with the
// breaker's entry as it then is.
//
// Thread: main; breakers are their own lock.
#pragma once

#include <string>

#include "base/clock.h"
#include "proxy/shared_state.h"
#include "server/admin_server.h"

namespace usher::server {

inline constexpr std::string_view kBreakersPath = "/breakers";

// REQUIRES: request.path is kBreakersPath, or begins with it and a slash.
AdminAnswer answer_breakers(const AdminRequest& request, proxy::SharedState& shared, Instant now);

}  // namespace usher::server
