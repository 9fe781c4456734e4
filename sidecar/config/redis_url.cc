#include "config/redis_url.h"

#include "base/bytes.h"
#include "config/address.h"

namespace usher::config {
namespace {

constexpr std::string_view kWanted =
    R"(; expected "redis://host:6379/0", "rediss://host:6379/0" or "unix:///path?db=0")";

tl::unexpected<std::string> wrong(std::string_view why) {
  return tl::unexpected<std::string>(std::string(why) + std::string(kWanted));
}

// A URL behind its scheme: [userinfo@]place[path][?query]
struct Parts {
  std::string_view userinfo;
  std::string_view place;
  std::string_view path;
  std::string_view query;
};

// An '@' or '?' in a password that somebody forgot to escape is still part of it.
Parts split(std::string_view text) {
  Parts parts;
  const std::size_t at = text.starts_with('/') ? std::string_view::npos : text.rfind('@');
  if (at != std::string_view::npos) {
    parts.userinfo = text.substr(0, at);
    text.remove_prefix(at + 1);
  }
  const std::size_t query = text.find('?');
  if (query != std::string_view::npos) parts.query = text.substr(query + 1);
  text = text.substr(0, query);
  const std::size_t slash = std::min(text.find('/'), text.size());
  parts.place = text.substr(0, slash);
  parts.path = text.substr(slash);
  return parts;
}

bool read_userinfo(std::string_view userinfo, RedisUrl& url) {
  const std::size_t colon = std::min(userinfo.find(':'), userinfo.size());
  const auto username = percent_decoded(userinfo.substr(0, colon));
  const auto password =
      percent_decoded(colon < userinfo.size() ? userinfo.substr(colon + 1) : std::string_view{});
  if (!username || !password) return false;
  url.username = *username;
  url.password = *password;
  return true;
}

bool read_database(std::string_view text, RedisUrl& url) {
  const auto number = parse_decimal(text);
  if (!number || *number > kMaxRedisDatabase) return false;
  url.database = static_cast<unsigned>(*number);
  return true;
}

}  // namespace

tl::expected<RedisUrl, std::string> parse_redis_url(std::string_view text) {
  RedisUrl url;
  const std::size_t scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return wrong("is not a URL of a Redis server");
  const std::string_view scheme = text.substr(0, scheme_end);
  const bool is_socket = scheme == "unix";
  url.tls = scheme == "rediss";
  if (scheme != "redis" && !url.tls && !is_socket) return wrong("has an unknown scheme");

  const Parts parts = split(text.substr(scheme_end + 3));
  if (!read_userinfo(parts.userinfo, url)) {
    return wrong("has a '%' without two hexadecimal digits in its user or password");
  }
  if (is_socket) {
    const auto path = percent_decoded(parts.path);
    if (!parts.place.empty() || !path || !is_socket_path(*path)) {
      return wrong("has no usable path of a Unix socket");
    }
    url.address = {.host = {}, .port = 0, .path = *path};
  } else {
    const auto place = parse_host_and_port(parts.place);
    if (!place) return wrong("has no usable host and port");
    url.address = {.host = place->host, .port = place->port.value_or(6379), .path = {}};
    const bool has_database = parts.path.size() > 1;
    if (has_database && !read_database(parts.path.substr(1), url)) {
      return wrong("has a path that is not the number of a database");
    }
  }
  constexpr std::string_view kDatabase = "db=";
  if (parts.query.empty()) return url;
  if (url.database || !parts.query.starts_with(kDatabase) ||
      !read_database(parts.query.substr(kDatabase.size()), url)) {
    return wrong("has a query that is not the number of its database, as in \"?db=0\"");
  }
  return url;
}

}  // namespace usher::config
