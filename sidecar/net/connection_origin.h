// Where a connection comes from and where it was going, as the kernel knows it.
//
// Thread: any. Nothing is answered where the descriptor is none of a connection.
#pragma once

#include <optional>

#include "net/address.h"

namespace usher::net {

std::optional<SocketAddress> local_address(int fd);
std::optional<SocketAddress> peer_address(int fd);

// Where the accepted TCP connection was going before the kernel's rules redirected it to this
// listener (SO_ORIGINAL_DST). Nothing for one that was aimed at the listener: with connection
// tracking the kernel then names the listener's own address, without it nothing. Needs no
// capability. Mapped IPv4 is answered as IPv4.
std::optional<SocketAddress> redirected_from(int fd);

}  // namespace usher::net
