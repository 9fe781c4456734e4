// InvalidationChannel: what other sidecars invalidate, as it arrives from Redis by publish and
// subscribe, into the TagTable.
//
//     Idle ──start()──> Locating ──> Connecting ──> Subscribing ──confirmed──> Listening
//                          ^             │               │                        │
//                          └── Waiting <─┴───────────────┴────────────────────────┘
//
// One connection for each process; it is asked (PING) every second and is broken when it does not
// answer within a second. While it is broken the table is not trusted: but for Listening, nothing
// that is in memory is good, and when it is back, only what was begun since. Tries follow each
// other after at most a second, with jitter. A message that cannot be read makes everything invalid
// that is in memory. In a cluster messages reach every node, so that any will do.
//
// That it is gone, refused (with Redis' words) and there again is logged, once each time.
//
// With RedisOptions::tenant_channel it listens there too: each message is a tenant, all of whose
// answers are invalid, here and in Redis: those have the tag "" in the tenant's scope.
//
// What it cannot notice: a node of a cluster that is cut off from the others and goes on answering.
// RedisOptions::memory_ttl bounds that.
//
// Owner: Server.  Thread: main.
#pragma once

#include <cstdint>
#include <memory>

#include "cache/open_invalidations.h"
#include "cache/redis_options.h"
#include "cache/tag_table.h"
#include "net/network.h"

namespace usher::cache {

class RedisTier;

class InvalidationChannel {
 public:
  static constexpr Duration kBeat = std::chrono::seconds(1);
  static constexpr Duration kRetryMax = std::chrono::seconds(1);

  // `options` outlive it. `open`: whose own messages are passed over; null: none are. `tier`: by
  // which the answers of a tenant are made invalid in Redis; null: they are not.
  InvalidationChannel(net::Network& network, const RedisOptions& options, TagTable& tags,
                      const OpenInvalidations* open = nullptr, RedisTier* tier = nullptr);
  ~InvalidationChannel();

  // From now on, until shut(). The table is not trusted until the channel is there.
  void start();
  void shut();

  bool is_connected() const;
  // Since the start.
  std::uint64_t losses() const;      // of a channel that was there
  std::uint64_t messages() const;    // of other sidecars and of tenant_channel
  std::uint64_t unreadable() const;  // of those, that made everything invalid

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace usher::cache
