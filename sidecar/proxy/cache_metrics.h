// What is counted of an endpoint's caching: how its calls were answered, and what became of what it
// makes stale.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace usher::proxy {

// How a call of an endpoint with `cache` was answered. Each counts once.
enum class CacheResult : std::uint8_t {
  Hit,           // from memory
  HitRedis,      // from Redis
  Stale,         // by what is stale, while it is fetched anew
  StaleOnError,  // by what is stale, since the owner cannot answer
  Revalidated,   // by what was kept, after the owner had said that it still holds
  Expired,       // by the owner: what was kept was too old, or no longer held
  Miss,          // by the owner: nothing was kept
  Collapsed,     // by what another call at the same time was answered
  Bypass,        // by the owner, without a look at what is kept
  Unavailable,   // 504: only-if-cached, and nothing was kept
};
inline constexpr std::size_t kCacheResults = static_cast<std::size_t>(CacheResult::Unavailable) + 1;

// For metrics and the admin port.
constexpr std::string_view to_string(CacheResult result) {
  constexpr std::array<std::string_view, kCacheResults> kNames = {
      "hit",     "hit_redis", "stale",     "stale_on_error", "revalidated",
      "expired", "miss",      "collapsed", "bypass",         "unavailable"};
  return kNames[static_cast<std::size_t>(result)];
}

// What became of the tags of a call that changed something. Each such call counts once.
enum class CacheInvalidation : std::uint8_t {
  Done,        // everywhere
  Late,        // here; Redis did not take it, and is told again and again
  Unreadable,  // not of all of them: the body that names them cannot be read
};
inline constexpr std::size_t kCacheInvalidations =
    static_cast<std::size_t>(CacheInvalidation::Unreadable) + 1;

constexpr std::string_view to_string(CacheInvalidation outcome) {
  constexpr std::array<std::string_view, kCacheInvalidations> kNames = {"done", "late",
                                                                        "unreadable"};
  return kNames[static_cast<std::size_t>(outcome)];
}

}  // namespace usher::proxy
