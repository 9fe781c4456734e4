// Authority: a host and a port as they are compared: "Ticket-Service:3004" and
// "ticket-service:3004" are one, as are "[0:0::1]:80" and "[::1]:80".
//
// Thread: any. Source: RFC 3986 §3.2.2 and §6.2.2.1; RFC 5952 for the text of IPv6 addresses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace usher::http {

struct Authority {
  std::string host;        // lower case, no brackets, no dot at its end; a literal address as
                           // inet_ntop writes it, an IPv4 address mapped into IPv6 as IPv4
  std::uint16_t port = 0;  // 0: none was given

  bool operator==(const Authority&) const = default;
};

// `text`: uri-host [":" port], see is_authority(). Nothing when it is none.
std::optional<Authority> parse_authority(std::string_view text);

// `host` as an Authority has it.
std::string canonical_host(std::string_view host);

// A literal address, not a name. `host` is canonical, as it is below.
bool is_ip_literal(std::string_view host);
// "localhost", 127.0.0.0/8 or ::1; and 0.0.0.0 and ::, to which connecting is the same.
bool is_loopback_host(std::string_view host);

// 169.254.0.0/16, fe80::/10, and the address of that kind that a cloud has in fd00:ec2::/32: where
// machines are told their credentials.
bool is_link_local(std::string_view host);

// "ticket-service:3004", "[::1]:80"; without a port where there is none.
std::string to_string(const Authority& authority);

}  // namespace usher::http
