#include "net/connection_origin.h"

#include <sys/socket.h>

namespace usher::net {
namespace {

// SO_ORIGINAL_DST and IP6T_SO_ORIGINAL_DST: the kernel's headers that define them cannot be
// included beside <netinet/in.h>.
constexpr int kOriginalDestination = 80;

using Ask = int (*)(int, sockaddr*, socklen_t*);

std::optional<SocketAddress> ask(int fd, Ask question) {
  sockaddr_storage found{};
  socklen_t size = sizeof(found);
  if (question(fd, reinterpret_cast<sockaddr*>(&found), &size) != 0) return std::nullopt;
  return SocketAddress::from_system(reinterpret_cast<const sockaddr*>(&found), size);
}

}  // namespace

std::optional<SocketAddress> local_address(int fd) {
  return ask(fd, ::getsockname);
}

std::optional<SocketAddress> peer_address(int fd) {
  return ask(fd, ::getpeername);
}

// Which table of connections the kernel looks at is a matter of the packets, not of the socket: a
// socket for both families has IPv4 connections too.
std::optional<SocketAddress> redirected_from(int fd) {
  auto local = local_address(fd);
  if (!local.has_value()) return std::nullopt;
  local = local->unmapped();
  const bool is_v6 = local->family() == AF_INET6;
  if (!is_v6 && local->family() != AF_INET) return std::nullopt;
  sockaddr_storage found{};
  socklen_t size = is_v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
  const int level = is_v6 ? IPPROTO_IPV6 : IPPROTO_IP;
  if (::getsockopt(fd, level, kOriginalDestination, &found, &size) != 0) return std::nullopt;
  const auto original =
      SocketAddress::from_system(reinterpret_cast<const sockaddr*>(&found), size).unmapped();
  if (original == *local) return std::nullopt;
  return original;
}

}  // namespace usher::net
