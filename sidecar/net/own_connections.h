// Which TCP connections this process has opened, by their local addresses: so that one which the
// kernel's rules lead back to a listener of this very process is known for what it is, a loop.
//
// There is one set for the process. It is locked twice for each connection that is opened, and once
// for each question; never for a call. Thread: any.
#pragma once

#include <array>
#include <cstdint>

#include "net/address.h"

namespace usher::net {

// An IP address and a port, IPv4 as mapped into IPv6.
struct ConnectionKey {
  std::array<std::uint8_t, 16> ip{};
  std::uint16_t port = 0;  // 0: of nothing

  bool operator==(const ConnectionKey&) const = default;
};

// One connection's entry, as long as this exists. Two entries may be alike for a moment, when a
// port is used again.
class OwnConnection {
 public:
  OwnConnection() = default;
  // REQUIRES: `local` is no Unix socket.
  explicit OwnConnection(const SocketAddress& local);
  ~OwnConnection();
  OwnConnection(OwnConnection&& other) noexcept;
  OwnConnection& operator=(OwnConnection&& other) noexcept;

 private:
  void leave();

  ConnectionKey key_;
};

// Whether a TCP connection with this local address was opened here, and is still open. IPv4 is the
// same mapped and plain.
bool is_own_connection(const SocketAddress& address);

}  // namespace usher::net
