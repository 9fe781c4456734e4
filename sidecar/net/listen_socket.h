// Listening sockets, made on the main thread so that a wrong address is an error at start, and
// handed to workers.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "net/address.h"

namespace usher::net {

// An open listening socket; closes it unless release()d.
class ListenSocket {
 public:
  // Binds and listens. With `share_port`, several sockets of this process may have the same TCP
  // port (SO_REUSEPORT) and the kernel spreads connections over them. A stale Unix socket file is
  // replaced; one that somebody serves is an error. Errors: a sentence.
  static tl::expected<ListenSocket, std::string> open(const SocketAddress& address,
                                                      bool share_port);

  ListenSocket(ListenSocket&& other) noexcept : fd_(other.release()), address_(other.address_) {}
  ListenSocket& operator=(ListenSocket&&) = delete;
  ~ListenSocket();

  // Where it really listens: the kernel's port where 0 was asked for.
  const SocketAddress& address() const { return address_; }
  int release();
  // Another descriptor of the same socket: for Unix sockets, which all workers share.
  tl::expected<ListenSocket, std::string> duplicate() const;

 private:
  ListenSocket(int fd, const SocketAddress& address) : fd_(fd), address_(address) {}

  int fd_;
  SocketAddress address_;
};

}  // namespace usher::net
