#include "net/own_connections.h"

#include <mutex>
#include <string_view>
#include <unordered_set>
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

struct KeyHash {
  std::size_t operator()(const ConnectionKey& key) const {
    const std::string_view ip(reinterpret_cast<const char*>(key.remote_ip.data()),
                              key.remote_ip.size());
    return std::hash<std::string_view>()(ip) ^ (std::size_t{key.local_port} << 16U) ^
           key.remote_port;
  }
};

struct OwnConnections {
  std::mutex mutex;
  std::unordered_multiset<ConnectionKey, KeyHash> keys;
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
  own.keys.insert(key_);
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
  const auto entry = own.keys.find(key_);
  if (entry != own.keys.end()) own.keys.erase(entry);
  key_ = {};
}

bool is_own_connection(const SocketAddress& local, const SocketAddress& remote) {
  if (!is_ip(local) || !is_ip(remote)) return false;
  OwnConnections& own = own_connections();
  const std::lock_guard lock(own.mutex);
  return own.keys.contains(key_of(local, remote));
}

}  // namespace usher::net
