#include "config/address.h"

#include <arpa/inet.h>
#include <sys/un.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "config/problem.h"

namespace usher::config {
namespace {

constexpr std::string_view kListenWanted =
    R"(; expected "127.0.0.1:7401", "[::1]:7401", "localhost:7401" or "unix:/path")";
constexpr std::string_view kOwnerWanted = R"(; expected "http://host:port" without a path)";

// JSON can spell a NUL, behind which C's functions do not look.
bool has_nul(std::string_view text) {
  return text.find('\0') != std::string_view::npos;
}

bool is_literal(int family, const std::string& host) {
  in6_addr binary{};
  return !has_nul(host) && ::inet_pton(family, host.c_str(), &binary) == 1;
}

constexpr std::size_t kMaxSocketPath = sizeof(sockaddr_un::sun_path) - 1;

struct Parts {
  std::string host;  // without brackets
  bool bracketed = false;
  std::optional<std::string_view> port;
};

// "host", "host:port", "[v6]", "[v6]:port", as far as signs go.
std::optional<Parts> split(std::string_view text) {
  Parts result;
  std::string_view rest;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    result.bracketed = true;
    result.host = text.substr(1, end - 1);
    rest = text.substr(end + 1);
    if (!is_literal(AF_INET6, result.host)) return std::nullopt;
  } else {
    const std::size_t colon = std::min(text.find(':'), text.size());
    result.host = text.substr(0, colon);
    rest = text.substr(colon);
  }
  if (rest.empty()) return result;
  if (rest.front() != ':') return std::nullopt;
  result.port = rest.substr(1);
  return result;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  constexpr std::uint64_t kMaxPort = 65535;
  const auto number = parse_decimal(text);
  if (!number || *number > kMaxPort) return std::nullopt;
  return static_cast<std::uint16_t>(*number);
}

// A DNS name (underscores too, as Docker's network names have them) or an IPv4 literal.
bool is_host_name(std::string_view host) {
  constexpr std::size_t kMaxBytes = 253;
  return !host.empty() && host.size() <= kMaxBytes && host.front() != '.' && host.front() != '-' &&
         std::all_of(host.begin(), host.end(), [](char c) {
           const char lower = to_lower(c);
           return (lower >= 'a' && lower <= 'z') || is_digit(c) || c == '-' || c == '.' || c == '_';
         });
}

tl::expected<ListenAddress, std::string> parse_unix(std::string_view text) {
  ListenAddress result{.text = std::string(text), .host = {}, .port = 0, .unix_path = {}};
  result.unix_path = text.substr(std::string_view("unix:").size());
  if (!result.unix_path.starts_with('/') || has_nul(result.unix_path)) {
    return tl::unexpected<std::string>(in_quotes(text) + " has no absolute path" +
                                       std::string(kListenWanted));
  }
  if (result.unix_path.size() > kMaxSocketPath) {
    return tl::unexpected<std::string>("the path of " + in_quotes(text) + " is longer than the " +
                                       std::to_string(kMaxSocketPath) +
                                       " bytes that a Unix socket may have; choose a shorter one");
  }
  return result;
}

// What an address binds, family by family.
struct Binding {
  int family;
  std::string host;
};

std::vector<Binding> bindings(const ListenAddress& address) {
  if (address.host == "localhost") return {{AF_INET, "127.0.0.1"}, {AF_INET6, "::1"}};
  if (address.host == "::") return {{AF_INET, "0.0.0.0"}, {AF_INET6, "::"}};
  if (is_literal(AF_INET, address.host)) return {{AF_INET, address.host}};
  return {{AF_INET6, address.host}};
}

bool is_wildcard(const Binding& binding) {
  return binding.host == "0.0.0.0" || binding.host == "::";
}

}  // namespace

std::optional<HostAndPort> parse_host_and_port(std::string_view text) {
  const auto parts = split(text);
  if (!parts || (!parts->bracketed && !is_host_name(parts->host))) return std::nullopt;
  HostAndPort result{.host = parts->host, .bracketed = parts->bracketed, .port = std::nullopt};
  if (!parts->port) return result;
  result.port = parse_port(*parts->port);
  if (!result.port || *result.port == 0) return std::nullopt;
  return result;
}

bool is_socket_path(std::string_view path) {
  return path.starts_with('/') && !has_nul(path) && path.size() <= kMaxSocketPath;
}

tl::expected<ListenAddress, std::string> parse_listen_address(std::string_view text) {
  if (text.starts_with("unix:")) return parse_unix(text);
  const auto parts = split(text);
  const auto port = parts && parts->port ? parse_port(*parts->port) : std::nullopt;
  if (!port) {
    return tl::unexpected<std::string>(in_quotes(text) + " is not an address to listen on" +
                                       std::string(kListenWanted));
  }
  if (!parts->bracketed && parts->host != "localhost" && !is_literal(AF_INET, parts->host)) {
    return tl::unexpected<std::string>("the host of " + in_quotes(text) +
                                       " is not a literal address" + std::string(kListenWanted));
  }
  return ListenAddress{
      .text = std::string(text), .host = parts->host, .port = *port, .unix_path = {}};
}

bool is_local(const ListenAddress& address) {
  return !address.unix_path.empty() || address.host == "localhost" || address.host == "::1" ||
         address.host.starts_with("127.");
}

bool clash(const ListenAddress& a, const ListenAddress& b) {
  if (!a.unix_path.empty() || !b.unix_path.empty()) return a.unix_path == b.unix_path;
  if (a.port != b.port || a.port == 0) return false;
  for (const Binding& x : bindings(a)) {
    for (const Binding& y : bindings(b)) {
      if (x.family != y.family) continue;
      if (x.host == y.host || is_wildcard(x) || is_wildcard(y)) return true;
    }
  }
  return false;
}

tl::expected<upstream::HostAddress, std::string> parse_owner_address(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  if (text.starts_with("https://")) {
    return tl::unexpected<std::string>(in_quotes(text) +
                                       ": TLS to owners is not available in this version; use "
                                       "http://");
  }
  const auto wrong = [&](std::string_view why) {
    return tl::unexpected<std::string>(in_quotes(text) + std::string(why) +
                                       std::string(kOwnerWanted));
  };
  if (!text.starts_with(kScheme)) return wrong(" is not an owner's address");
  std::string_view rest = text.substr(kScheme.size());
  if (rest.ends_with('/'))
    rest.remove_suffix(1);  // the empty path, which is none (RFC 3986 §6.2.3)
  if (rest.find_first_of("/?#") != std::string_view::npos) {
    return wrong(R"( has a path, which "prefix" or "rewrite" is for)");
  }
  if (rest.find('@') != std::string_view::npos) {  // it may hold a secret: not shown
    return tl::unexpected(
        std::string("a user or password stands in this address; Usher signs "
                    "calls instead, leave it out"));
  }
  const auto parts = split(rest);
  if (!parts || (!parts->bracketed && !is_host_name(parts->host)))
    return wrong(" has no usable host");
  upstream::HostAddress address{.host = parts->host, .port = 80, .authority = parts->host};
  if (parts->bracketed) address.authority = '[' + parts->host + ']';
  if (!parts->port) return address;
  const auto port = parse_port(*parts->port);
  if (!port || *port == 0) return wrong(" has no usable port");
  address.port = *port;
  if (*port != 80) address.authority += ':' + std::to_string(*port);
  return address;
}

}  // namespace usher::config
