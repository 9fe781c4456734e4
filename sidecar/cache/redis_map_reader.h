// RedisMapReader: asks a cluster who has which slots: one node after the other, until one knows, on
// a connection of its own.
//
// Owner: RedisCluster.  Thread: the loop's.
#pragma once

#include <cstddef>
#include <vector>

#include "cache/redis_connection.h"
#include "cache/redis_slots.h"

namespace usher::cache {

class RedisMapEvents {
 public:
  // Empty: nobody knows.
  virtual void on_map(const std::vector<SlotRange>& ranges) = 0;

 protected:
  ~RedisMapEvents() = default;
};

class RedisMapReader final : private RedisConnectionEvents,
                             private RedisCommand,
                             private net::Task {
 public:
  RedisMapReader(RedisTransport& transport, RedisMapEvents& events);
  ~RedisMapReader();

  bool is_reading() const { return is_reading_; }
  // One on_map follows, never inline. REQUIRES: none is under way.
  void read(std::vector<RedisAddress> nodes);

 private:
  void run() override;
  void on_ready() override;
  void on_closed(RedisFailure why) override;
  void on_reply(const RedisReply& reply) override;
  void on_redis_failure(RedisFailure failure) override;
  void conclude();

  RedisTransport* transport_;
  RedisMapEvents* events_;
  RedisConnection connection_;
  std::vector<RedisAddress> nodes_;
  std::size_t next_ = 0;  // of nodes_
  bool is_reading_ = false;
  std::vector<SlotRange> ranges_;
};

}  // namespace usher::cache
