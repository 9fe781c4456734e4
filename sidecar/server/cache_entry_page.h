// One answer that is kept in memory, on the admin port: found as a call would find it.
//
//   GET /cache/entry?target=/internal/tickets/7&tenant=…[&user=…][&consumer=…][&method=HEAD]
//                   [&header=Accept-Language:de]…[&body=1]
//
// Its body is shown only where the query says so. Looking at it is no use of it.
//
// Thread: main.
#pragma once

#include "server/cache_page.h"

namespace usher::server {

inline constexpr std::string_view kCacheEntryPath = "/cache/entry";

AdminAnswer answer_cache_entry(const AdminRequest& request, const CachePageParts& parts);

}  // namespace usher::server
