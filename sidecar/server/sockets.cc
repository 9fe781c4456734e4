#include "server/sockets.h"

namespace usher::server {
namespace {

using Bound = tl::expected<BoundAddress, std::string>;

// All workers of a Unix socket accept from the one socket; those of a TCP port have one each, and
// the kernel deals connections out. The first is bound without sharing, so that a port that another
// process has is noticed.
Bound bind_one(const net::SocketAddress& address, std::size_t workers) {
  const bool is_unix = address.family() == AF_UNIX;
  const bool share_port = workers > 1 && !is_unix;
  if (share_port && address.port() != 0) {
    if (auto probe = net::ListenSocket::open(address, false); !probe)
      return tl::unexpected(probe.error());
  }
  auto first = net::ListenSocket::open(address, share_port);
  if (!first) return tl::unexpected(first.error());
  BoundAddress bound;
  bound.text = first->address().to_string();
  for (std::size_t i = 1; i < workers; ++i) {
    auto next = is_unix ? first->duplicate() : net::ListenSocket::open(first->address(), true);
    if (!next) return tl::unexpected(next.error());
    bound.sockets.push_back(std::move(*next));
  }
  bound.sockets.push_back(std::move(*first));
  return bound;
}

tl::expected<void, std::string> bind_localhost(std::uint16_t port, std::size_t workers,
                                               std::vector<BoundAddress>& all) {
  auto v4 = bind_one(*net::SocketAddress::from_ip("127.0.0.1", port), workers);
  if (!v4) return tl::unexpected(v4.error());
  const std::uint16_t chosen = v4->sockets.front().address().port();
  all.push_back(std::move(*v4));
  if (auto v6 = bind_one(*net::SocketAddress::from_ip("::1", chosen), workers))
    all.push_back(std::move(*v6));
  return {};
}

}  // namespace

tl::expected<std::vector<BoundAddress>, std::string> bind_addresses(
    const std::vector<config::ListenAddress>& addresses, std::size_t workers) {
  std::vector<BoundAddress> all;
  for (const config::ListenAddress& address : addresses) {
    if (address.host == "localhost") {
      if (auto bound = bind_localhost(address.port, workers, all); !bound)
        return tl::unexpected(bound.error());
      continue;
    }
    const auto socket_address = address.unix_path.empty()
                                    ? net::SocketAddress::from_ip(address.host, address.port)
                                    : net::SocketAddress::from_unix_path(address.unix_path);
    if (!socket_address)
      return tl::unexpected("cannot listen on " + address.text + ": not an address");
    auto bound = bind_one(*socket_address, workers);
    if (!bound) return tl::unexpected(bound.error());
    all.push_back(std::move(*bound));
  }
  return all;
}

}  // namespace usher::server
