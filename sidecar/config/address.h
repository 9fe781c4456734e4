// Addresses of the configuration: where to listen, and where owners are.
//
// Errors: a sentence that says what is wrong and what would be right.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "upstream/cluster_options.h"

namespace usher::config {

// "host", "host:port", "[v6]", "[v6]:port".
struct HostAndPort {
  std::string host;  // without brackets
  bool bracketed = false;
  std::optional<std::uint16_t> port{};  // 1–65535
};
// Nothing when the host is neither a name nor a literal address, or the port is none.
std::optional<HostAndPort> parse_host_and_port(std::string_view text);

// Whether there can be a Unix socket at `path`: absolute, and not too long.
bool is_socket_path(std::string_view path);

// An address to listen on: "127.0.0.1:7401", "[::1]:7401", "localhost:7401" (both families),
// "unix:/path".
struct ListenAddress {
  std::string text;        // as configured
  std::string host;        // literal address, or "localhost"; empty for a Unix socket
  std::uint16_t port = 0;  // 0: the kernel chooses
  std::string unix_path;   // of a Unix socket
};

tl::expected<ListenAddress, std::string> parse_listen_address(std::string_view text);

// Reachable from this machine (or pod) alone.
bool is_local(const ListenAddress& address);

// True when both cannot be bound at once.
bool clash(const ListenAddress& a, const ListenAddress& b);

// "http://ticket-service:3004", "http://10.0.0.7", "http://[::1]:3004".
tl::expected<upstream::HostAddress, std::string> parse_owner_address(std::string_view text);

}  // namespace usher::config
