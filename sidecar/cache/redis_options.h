// How Redis is reached. Immutable once loaded.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"

namespace usher::cache {

struct RedisAddress {
  std::string host;  // a name or a literal address; empty with `path`
  std::uint16_t port = 6379;
  std::string path;  // of a Unix socket

  bool operator==(const RedisAddress&) const = default;
};

enum class RedisTopology : std::uint8_t { Single, Cluster, Sentinel };

struct RedisTls {
  bool enabled = false;
  std::string ca_file;           // PEM; empty: the system's
  std::string certificate_file;  // of this client; empty: none
  std::string key_file;
  std::string server_name;  // checked and sent (SNI); empty: the address's host
  bool verify = true;

  bool operator==(const RedisTls&) const = default;
};

struct RedisOptions {
  RedisTopology topology = RedisTopology::Single;
  std::vector<RedisAddress> addresses;  // one; or seeds of the cluster; or the sentinels
  std::string sentinel_master;          // the name that sentinels know it by
  std::string username;                 // empty: the default user
  std::string password;                 // empty: no AUTH. A secret
  std::string sentinel_password;        // a secret
  unsigned database = 0;
  RedisTls tls;

  std::string prefix = "usher:";  // of every key and channel
  std::string seal_key;  // authenticates entries; a secret. All sidecars of one Redis have the same
  std::vector<std::string> other_seal_keys;  // accepted as well, while the key is changed; secrets
  unsigned connections = 2;                  // of one worker to one server
  Duration connect_timeout = std::chrono::milliseconds(50);
  Duration timeout = std::chrono::milliseconds(20);  // of a command; then its connection is closed
  unsigned failures = 3;                             // in a row: it is left alone for …
  Duration pause = std::chrono::seconds(1);          // … so long, then one command tries
  // An entry in memory is trusted for so long before Redis is asked again.
  Duration memory_ttl = std::chrono::seconds(2);
  // A channel of the platform's: its messages are names of tenants, all of whose entries become
  // stale. Empty: none.
  std::string tenant_channel;

  bool operator==(const RedisOptions&) const = default;
};

}  // namespace usher::cache
