// InvalidationChannel: what other sidecars invalidate, as it arrives from Redis by publish and
// subscribe, into the TagTable.
//
// One connection for each process; it is asked (PING) every second and is broken when it does not
// answer within a second. While it is broken the table is not trusted. In a cluster messages reach
// every node.
//
// Owner: Server.  Thread: main.
#pragma once

#include <cstdint>
#include <memory>

#include "cache/redis_options.h"
#include "cache/tag_table.h"
#include "net/network.h"

namespace usher::cache {

class InvalidationChannel {
 public:
  InvalidationChannel(net::Network& network, const RedisOptions& options, TagTable& tags);
  ~InvalidationChannel();

  // From now on, until shut().
  void start();
  void shut();

  bool is_connected() const;
  std::uint64_t losses() const;    // since the start
  std::uint64_t messages() const;  // likewise

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace usher::cache
