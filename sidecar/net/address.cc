#include "net/address.h"

#include <arpa/inet.h>

#include <array>
#include <cstring>

#include "base/check.h"

namespace usher::net {

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
