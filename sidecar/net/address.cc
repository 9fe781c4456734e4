#include "net/address.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/check.h"

namespace usher::net {
namespace {

constexpr std::uint8_t kLoopbackNet = 127;
// Of the 16 bytes, where a mapped IPv4 address begins, behind two bytes of ones (RFC 4291
// §2.5.5.2).
constexpr std::size_t kMappedAt = 12;

}  // namespace

std::optional<SocketAddress> SocketAddress::from_ip(std::string_view ip, std::uint16_t port) {
  const std::string text(ip);
  SocketAddress address;
  if (inet_pton(AF_INET, text.c_str(), &address.storage_.v4.sin_addr) == 1) {
    address.storage_.v4.sin_family = AF_INET;
    address.storage_.v4.sin_port = htons(port);
    address.size_ = sizeof(sockaddr_in);
    return address;
  }
  address.storage_ = {};
  if (inet_pton(AF_INET6, text.c_str(), &address.storage_.v6.sin6_addr) == 1) {
    address.storage_.v6.sin6_family = AF_INET6;
    address.storage_.v6.sin6_port = htons(port);
    address.size_ = sizeof(sockaddr_in6);
    return address;
  }
  return std::nullopt;
}

std::optional<SocketAddress> SocketAddress::from_unix_path(std::string_view path) {
  SocketAddress address;
  if (path.empty() || path.size() >= sizeof(address.storage_.local.sun_path)) return std::nullopt;
  address.storage_.local.sun_family = AF_UNIX;
  std::memcpy(address.storage_.local.sun_path, path.data(), path.size());
  address.size_ = sizeof(sockaddr_un);
  return address;
}

SocketAddress SocketAddress::from_system(const sockaddr* system, socklen_t length) {
  SocketAddress address;
  USHER_CHECK(length <= sizeof(address.storage_));
  std::memcpy(&address.storage_, system, length);
  address.size_ = length;
  return address;
}

std::uint16_t SocketAddress::port() const {
  if (family() == AF_INET) return ntohs(storage_.v4.sin_port);
  if (family() == AF_INET6) return ntohs(storage_.v6.sin6_port);
  return 0;
}

SocketAddress SocketAddress::with_port(std::uint16_t port) const {
  SocketAddress address = *this;
  if (family() == AF_INET) address.storage_.v4.sin_port = htons(port);
  if (family() == AF_INET6) address.storage_.v6.sin6_port = htons(port);
  return address;
}

bool SocketAddress::is_loopback() const {
  const SocketAddress plain = unmapped();
  if (plain.family() == AF_INET) return plain.ip_bytes()[kMappedAt] == kLoopbackNet;
  return plain.family() == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&plain.storage_.v6.sin6_addr);
}

SocketAddress SocketAddress::unmapped() const {
  if (family() != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&storage_.v6.sin6_addr)) return *this;
  SocketAddress plain;
  plain.storage_.v4.sin_family = AF_INET;
  plain.storage_.v4.sin_port = storage_.v6.sin6_port;
  std::memcpy(&plain.storage_.v4.sin_addr, ip_bytes().data() + kMappedAt, sizeof(in_addr));
  plain.size_ = sizeof(sockaddr_in);
  return plain;
}

std::array<std::uint8_t, 16> SocketAddress::ip_bytes() const {
  USHER_CHECK(family() == AF_INET || family() == AF_INET6);
  std::array<std::uint8_t, 16> bytes{};
  if (family() == AF_INET6) {
    std::memcpy(bytes.data(), &storage_.v6.sin6_addr, bytes.size());
  } else {
    std::fill_n(bytes.begin() + kMappedAt - 2, 2, std::uint8_t{0xff});
    std::memcpy(bytes.data() + kMappedAt, &storage_.v4.sin_addr, sizeof(in_addr));
  }
  return bytes;
}

bool SocketAddress::operator==(const SocketAddress& other) const {
  return size_ == other.size_ && std::memcmp(&storage_, &other.storage_, size_) == 0;
}

std::string SocketAddress::to_string() const {
  if (family() == AF_UNIX) return std::string("unix:") + storage_.local.sun_path;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (family() == AF_INET) {
    inet_ntop(AF_INET, &storage_.v4.sin_addr, text.data(), text.size());
    return std::string(text.data()) + ":" + std::to_string(port());
  }
  inet_ntop(AF_INET6, &storage_.v6.sin6_addr, text.data(), text.size());
  return "[" + std::string(text.data()) + "]:" + std::to_string(port());
}

}  // namespace usher::net
