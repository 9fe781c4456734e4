// Addresses of the configuration: where to listen, and where owners are.
//
// Errors: a sentence that says what is wrong and what would be right.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "upstream/cluster_options.h"

namespace usher::config {

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
