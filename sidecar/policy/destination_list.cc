#include "policy/destination_list.h"

#include <arpa/inet.h>

#include <algorithm>
#include <optional>

#include "base/bytes.h"
#include "http/target.h"

namespace usher::policy {
namespace {

using Bytes = std::array<std::uint8_t, 16>;
constexpr unsigned kBits = 128;
constexpr unsigned kMappedBits = 96;  // in front of an IPv4 address

// IPv4 as mapped into IPv6; nothing for a name.
std::optional<Bytes> bytes_of(const std::string& ip) {
  Bytes bytes{};
  if (inet_pton(AF_INET6, ip.c_str(), bytes.data()) == 1) return bytes;
  bytes[10] = bytes[11] = 0xff;
  if (inet_pton(AF_INET, ip.c_str(), bytes.data() + kMappedBits / 8) == 1) return bytes;
  return std::nullopt;
}

bool is_within(const Bytes& bytes, const Bytes& range, unsigned prefix) {
  for (unsigned bit = 0; bit < prefix; ++bit) {
    const unsigned mask = 0x80u >> (bit % 8);
    if (((bytes[bit / 8] ^ range[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

tl::unexpected<std::string> wrong(std::string_view pattern, std::string_view why) {
  return tl::unexpected<std::string>(
      "\"" + std::string(pattern) + "\" " + std::string(why) +
      "; expected a host and a port such as \"db.example.com:5432\", \"*.example.com:443\" or "
      "\"10.0.0.0/8:443\"");
}

}  // namespace

tl::expected<void, std::string> DestinationList::add(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong(text, "has no port");
  const auto port = parse_decimal(text.substr(colon + 1));
  if (!port || *port == 0 || *port > 65535) return wrong(text, "has no port from 1 to 65535");
  std::string_view host = text.substr(0, colon);
  Pattern pattern;
  pattern.port = static_cast<std::uint16_t>(*port);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);

  const std::size_t slash = host.find('/');
  if (slash != std::string_view::npos) {
    const auto range = bytes_of(std::string(host.substr(0, slash)));
    const auto bits = parse_decimal(host.substr(slash + 1));
    if (!range) return wrong(text, "has no address in front of '/'");
    const bool is_v4 = host.find(':') == std::string_view::npos;
    if (!bits || *bits > (is_v4 ? kBits - kMappedBits : kBits)) {
      return wrong(text, "has no length of a range behind '/'");
    }
    pattern.range = *range;
    pattern.prefix = static_cast<unsigned>(*bits) + (is_v4 ? kMappedBits : 0);
  } else if (host.starts_with("*.") && http::is_authority(host.substr(2))) {
    pattern.host = http::canonical_host(host.substr(1));
    pattern.is_suffix = true;
  } else if (bytes_of(std::string(host)) || http::is_authority(host)) {
    pattern.host = http::canonical_host(host);
  } else {
    return wrong(text, "has no name or address");
  }
  patterns_.push_back(std::move(pattern));
  return {};
}

bool DestinationList::allows(const http::Authority& authority) const {
  const auto ip = bytes_of(authority.host);
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const Pattern& pattern) {
    if (pattern.port != authority.port) return false;
    if (pattern.host.empty()) return ip && is_within(*ip, pattern.range, pattern.prefix);
    if (pattern.is_suffix) return !ip && authority.host.ends_with(pattern.host);
    return authority.host == pattern.host;
  });
}

}  // namespace usher::policy
