#include "http/authority.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "http/target.h"

namespace usher::http {
namespace {

constexpr std::string_view kMapped = "::ffff:";

// As inet_ntop writes it; nothing for a name.
std::optional<std::string> canonical_ip(const std::string& text) {
  std::array<char, INET6_ADDRSTRLEN> written{};
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) == 1) {
    std::string result = inet_ntop(AF_INET6, &v6, written.data(), written.size());
    if (IN6_IS_ADDR_V4MAPPED(&v6)) result.erase(0, kMapped.size());
    return result;
  }
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) != 1) return std::nullopt;
  return inet_ntop(AF_INET, &v4, written.data(), written.size());
}

}  // namespace

std::string canonical_host(std::string_view host) {
  std::string text(host);
  std::transform(text.begin(), text.end(), text.begin(), to_lower);
  if (text.size() > 1 && text.back() == '.') text.pop_back();
  return canonical_ip(text).value_or(text);
}

std::optional<Authority> parse_authority(std::string_view text) {
  if (!is_authority(text)) return std::nullopt;
  Authority result;
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : std::string_view::npos;
  const std::size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    result.port = static_cast<std::uint16_t>(parse_decimal(text.substr(colon + 1)).value_or(0));
  }
  result.host = canonical_host(bracket == std::string_view::npos ? text.substr(0, colon)
                                                                 : text.substr(1, bracket - 1));
  return result;
}

bool is_ip_literal(std::string_view host) {
  return canonical_ip(std::string(host)).has_value();
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  if (host == "0.0.0.0" || host == "::") return true;
  return host.starts_with("127.") && is_ip_literal(host);
}

bool is_link_local(std::string_view host) {
  constexpr std::string_view kHexDigits = "89ab";  // fe80 to febf
  if (host == "fd00:ec2::254") return true;
  if (host.starts_with("fe") && host.size() > 3 && host.find(':') == 4) {
    return kHexDigits.find(host[2]) != std::string_view::npos;
  }
  return host.starts_with("169.254.") && is_ip_literal(host);
}

std::string to_string(const Authority& authority) {
  const bool is_v6 = authority.host.find(':') != std::string::npos;
  std::string text = is_v6 ? "[" + authority.host + "]" : authority.host;
  if (authority.port != 0) text += ":" + std::to_string(authority.port);
  return text;
}

}  // namespace usher::http
