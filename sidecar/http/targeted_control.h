// What an answer says to this cache and not to every cache on its way.
//
// Thread: any. Pure.
#pragma once

#include <string_view>

#include "http/cache_control.h"

namespace usher::http {

// The first of these that is there and says anything (RFC 9213 §2.2):
//   CDN-Cache-Control  a Structured Fields dictionary of Cache-Control's directives. One that is
//                      none, or gives one of them a value of another type, does not count.
//   Surrogate-Control  its predecessor (W3C Note "Edge Architecture", 2001): no-store, and max-age,
//                      as "max-age=60" or, with a time for which it may be used stale then,
//                      "max-age=60+600". A directive for a device of another name than ours
//                      ("max-age=60;cdn-1") does not count.
//   Cache-Control
// Of the first two is_targeted is set: Expires and Cache-Control are not heard.
CacheControl read_answer_control(const Fields& fields);

// Our name as a device of Surrogate-Control.
inline constexpr std::string_view kDeviceName = "usher";
// What Surrogate-Capability says of it.
inline constexpr std::string_view kDeviceCapability = "usher=\"Surrogate/1.0\"";

}  // namespace usher::http
