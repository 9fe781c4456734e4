// Endpoints that somebody may have meant.
//
// Thread: any. Cost: a look at every endpoint.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/snapshot.h"

namespace usher::explain {

inline constexpr std::size_t kNearest = 3;

// At most kNearest of those most like the call, the most like first, as "GET /path (service/name)".
std::vector<std::string> nearest_endpoints(const config::Snapshot& snapshot, http::Method method,
                                           std::string_view path);

}  // namespace usher::explain
