// SocketAddress: an address that the operating system takes.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace usher::net {

class SocketAddress {
 public:
  // A literal IPv4 or IPv6 address; nothing for a name.
  static std::optional<SocketAddress> from_ip(std::string_view ip, std::uint16_t port);
  // A Unix socket; nothing when the path is too long (107 bytes) or empty.
  static std::optional<SocketAddress> from_unix_path(std::string_view path);
  // Copies what the system filled in.
  static SocketAddress from_system(const sockaddr* address, socklen_t length);

  const sockaddr* data() const { return reinterpret_cast<const sockaddr*>(&storage_); }
  socklen_t size() const { return size_; }
  int family() const { return storage_.generic.sa_family; }
  std::uint16_t port() const;  // 0 for a Unix socket
  SocketAddress with_port(std::uint16_t port) const;
  // 127.0.0.0/8, also where it is mapped into IPv6, or ::1.
  bool is_loopback() const;
  // An IPv4 address that is mapped into IPv6 (::ffff:10.0.0.9) as plain IPv4; any other as it is.
  SocketAddress unmapped() const;
  // The address alone, IPv4 as mapped into IPv6. REQUIRES: not a Unix socket.
  std::array<std::uint8_t, 16> ip_bytes() const;
  bool operator==(const SocketAddress& other) const;
  // "127.0.0.1:7401", "[::1]:7401", "unix:/run/usher.sock"
  std::string to_string() const;

 private:
  SocketAddress() = default;

  union Storage {
    sockaddr generic;
    sockaddr_in v4;
    sockaddr_in6 v6;
    sockaddr_un local;
  };
  Storage storage_{};
  socklen_t size_ = 0;
};

}  // namespace usher::net
