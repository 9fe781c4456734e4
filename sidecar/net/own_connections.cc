#include "net/own_connections.h"

#include <mutex>
#include <string_view>
#include <unordered_set>
#include <utility>

namespace usher::net {
namespace {

ConnectionKey key_of(const SocketAddress& address) {
  return {address.ip_bytes(), address.port()};
}

struct KeyHash {
  std::size_t operator()(const ConnectionKey& key) const {
    const std::string_view ip(reinterpret_cast<const char*>(key.ip.data()), key.ip.size());
    return std::hash<std::string_view>()(ip) ^ key.port;
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

OwnConnection::OwnConnection(const SocketAddress& local) : key_(key_of(local)) {
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
  if (key_.port == 0) return;
  OwnConnections& own = own_connections();
  const std::lock_guard lock(own.mutex);
  const auto entry = own.keys.find(key_);
  if (entry != own.keys.end()) own.keys.erase(entry);
  key_ = {};
}

bool is_own_connection(const SocketAddress& address) {
  if (address.family() != AF_INET && address.family() != AF_INET6) return false;
  OwnConnections& own = own_connections();
  const std::lock_guard lock(own.mutex);
  return own.keys.contains(key_of(address));
}

}  // namespace usher::net
