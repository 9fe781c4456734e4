// The sockets of configured listen addresses, bound on the main thread, one per worker.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "config/snapshot.h"
#include "net/listen_socket.h"

namespace usher::server {

struct BoundAddress {
  std::string text;  // with the port that the kernel chose
  std::vector<net::ListenSocket> sockets;
};

// "localhost" becomes 127.0.0.1 and ::1 with one port; where the machine has no IPv6, 127.0.0.1
// alone. Errors: a sentence.
tl::expected<std::vector<BoundAddress>, std::string> bind_addresses(
    const std::vector<config::ListenAddress>& addresses, std::size_t workers);

}  // namespace usher::server
