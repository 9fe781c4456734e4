// RedisUrl: one Redis server as a URL, "redis://user:password@host:6379/0", "rediss://…",
// "unix:///path?db=1".
//
// Errors: a sentence that says what is wrong with it, as it goes on from `"url"`. It quotes
// nothing, since the text may hold a password. Source: the schemes "redis" and "rediss" as
// registered at IANA; RFC 3986.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "cache/redis_options.h"

namespace usher::config {

struct RedisUrl {
  cache::RedisAddress address;
  std::string username;  // percent-decoded, as all that follows
  std::string password;
  std::optional<unsigned> database;
  bool tls = false;
};

tl::expected<RedisUrl, std::string> parse_redis_url(std::string_view text);

inline constexpr unsigned kMaxRedisDatabase = 65535;

}  // namespace usher::config
