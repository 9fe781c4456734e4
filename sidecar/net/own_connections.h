// Which TCP connections this process has opened, by both their ends: so that one which the kernel's
// rules lead back to a listener of this very process is known for what it is, a loop. The local end
// alone would not do: the kernel gives one port to several sockets that go to different places.
//
// There is one set for the process. It is locked twice for each connection that is opened, and once
// for each question; never for a call. Thread: any.
#pragma once

#include <array>
#include <cstdint>

#include "net/address.h"

namespace usher::net {

// IP addresses and ports, IPv4 as mapped into IPv6.
struct ConnectionKey {
  std::array<std::uint8_t, 16> local_ip{};
  std::array<std::uint8_t, 16> remote_ip{};
  std::uint16_t local_port = 0;  // 0: of nothing
  std::uint16_t remote_port = 0;

  bool operator==(const ConnectionKey&) const = default;
};

// One connection's entry, as long as this exists. Two entries may be alike for a moment, when a
// port is used again.
class OwnConnection {
 public:
  OwnConnection() = default;
  // `remote`: what was asked for, before any redirection. REQUIRES: no Unix sockets.
  OwnConnection(const SocketAddress& local, const SocketAddress& remote);
  ~OwnConnection();
  OwnConnection(OwnConnection&& other) noexcept;
  OwnConnection& operator=(OwnConnection&& other) noexcept;

 private:
  void leave();

  ConnectionKey key_;
};

// Whether some connection was opened here from `local`, wherever it goes: mostly none was, and then
// nothing more has to be asked for.
bool is_own_end(const SocketAddress& local);

// Whether a TCP connection from `local` to `remote` was opened here, and is still open. IPv4 is the
// same mapped and plain.
bool is_own_connection(const SocketAddress& local, const SocketAddress& remote);

}  // namespace usher::net
