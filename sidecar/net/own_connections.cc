#include "net/own_connections.h"

#include <algorithm>
#include <mutex>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace usher::net {
namespace {

ConnectionKey key_of(const SocketAddress& local, const SocketAddress& remote) {
  return {.local_ip = local.ip_bytes(),
          .remote_ip = remote.ip_bytes(),
          .local_port = local.port(),
          .remote_port = remote.port()};
}

bool is_ip(const SocketAddress& address) {
  return address.family() == AF_INET || address.family() == AF_INET6;
}

// By the local end, so that is_own_end() can ask for it alone.
struct LocalEnd {
  std::array<std::uint8_t, 16> ip;
  std::uint16_t port;

  bool operator==(const LocalEnd&) const = default;
};

struct LocalEndHash {
  std::size_t operator()(const LocalEnd& end) const {
    const std::string_view ip(reinterpret_cast<const char*>(end.ip.data()), end.ip.size());
    return std::hash<std::string_view>()(ip) ^ end.port;
  }
};

LocalEnd local_end(const ConnectionKey& key) {
  return {.ip = key.local_ip, .port = key.local_port};
}

struct OwnConnections {
  std::mutex mutex;
  std::unordered_multimap<LocalEnd, ConnectionKey, LocalEndHash> keys;

  auto find(const ConnectionKey& key) {
    const auto [first, last] = keys.equal_range(local_end(key));
    const auto found =
        std::find_if(first, last, [&](const auto& entry) { return entry.second == key; });
    return found == last ? keys.end() : found;
  }
};

// Never destroyed: streams may outlive the statics of other files.
OwnConnections& own_connections() {
  static auto& connections = *new OwnConnections;
  return connections;
}

}  // namespace

OwnConnection::OwnConnection(const SocketAddress& local, const SocketAddress& remote)
    : key_(key_of(local, remote)) {
  OwnConnections& own = own_connections();
  const std::lock_guard lock(own.mutex);
  own.keys.emplace(local_end(key_), key_);
}

OwnConnection::~OwnConnection() {
  leave();
}

OwnConnection::OwnConnection(OwnConnection&& other) noexcept
    : key_(std::exchange(other.key_, {})) {}

OwnConnection& OwnConnection::operator=(OwnConnection&& other) noexcept {
  if (this == &other) return *this;
  leave();
  key_ = std::exchange(other.key_, {});
  return *this;
}

void OwnConnection::leave() {
  if (key_.local_port == 0) return;
  OwnConnections& own = own_connections();
  const std::lock_guard lock(own.mutex);
  const auto entry = own.find(key_);
  if (entry != own.keys.end()) own.keys.erase(entry);
  key_ = {};
}

bool is_own_end(const SocketAddress& local) {
  if (!is_ip(local)) return false;
  OwnConnections& own = own_connections();
  const std::lock_guard lock(own.mutex);
  return own.keys.contains({.ip = local.ip_bytes(), .port = local.port()});
}

bool is_own_connection(const SocketAddress& local, const SocketAddress& remote) {
  if (!is_ip(local) || !is_ip(remote)) return false;
  OwnConnections& own = own_connections();
  const std::lock_guard lock(own.mutex);
  return own.find(key_of(local, remote)) != own.keys.end();
}

}  // namespace usher::net
