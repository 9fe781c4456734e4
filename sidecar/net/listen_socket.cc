#include "net/listen_socket.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace usher::net {
namespace {

constexpr int kBacklog = 1024;

std::string describe(const SocketAddress& address, const char* what) {
  std::string text =
      "cannot listen on " + address.to_string() + ": " + what + ": " + std::strerror(errno);
  if (errno == EADDRINUSE) text += "; another process has it";
  return text;
}

// A socket file outlives a process that was killed: it is in the way, and nobody answers there.
void remove_stale_socket_file(const SocketAddress& address) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return;
  if (::connect(fd, address.data(), address.size()) != 0 && errno == ECONNREFUSED) {
    ::unlink(reinterpret_cast<const sockaddr_un*>(address.data())->sun_path);
  }
  ::close(fd);
}

}  // namespace

tl::expected<ListenSocket, std::string> ListenSocket::open(const SocketAddress& address,
                                                           bool share_port) {
  if (address.family() == AF_UNIX) remove_stale_socket_file(address);
  const int fd = ::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return tl::unexpected(describe(address, "socket"));
  ListenSocket socket(fd, address);
  const int on = 1;
  if (address.family() != AF_UNIX) {
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));  // accepted sockets inherit it
    if (share_port) ::setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  }
  if (address.family() == AF_INET6) ::setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  if (::bind(fd, address.data(), address.size()) != 0)
    return tl::unexpected(describe(address, "bind"));
  if (::listen(fd, kBacklog) != 0) return tl::unexpected(describe(address, "listen"));
  sockaddr_storage bound{};
  socklen_t length = sizeof(bound);
  if (address.family() != AF_UNIX &&
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&bound), &length) == 0) {
    socket.address_ = SocketAddress::from_system(reinterpret_cast<const sockaddr*>(&bound), length);
  }
  return socket;
}

ListenSocket::~ListenSocket() {
  if (fd_ >= 0) ::close(fd_);
}

int ListenSocket::release() {
  return std::exchange(fd_, -1);
}

tl::expected<ListenSocket, std::string> ListenSocket::duplicate() const {
  const int fd = ::fcntl(fd_, F_DUPFD_CLOEXEC, 0);
  if (fd < 0) return tl::unexpected(describe(address_, "dup"));
  return ListenSocket(fd, address_);
}

}  // namespace usher::net
