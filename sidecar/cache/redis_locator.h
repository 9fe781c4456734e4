// RedisLocator: where the server is that a connection is to be opened to: the configured one, one
// of the cluster's seeds, or the master that the sentinels know.
//
// Sentinels are asked one after the other, beginning with the one that knew it last; each has the
// time of a connection and of a command.
//
// Owner: whoever opens connections; one for each.  Thread: the loop's.
#pragma once

#include <cstddef>
#include <optional>

#include "cache/redis_connection.h"
#include "cache/redis_options.h"

namespace usher::cache {

class RedisLocateEvents {
 public:
  // Nothing: no sentinel knows it.
  virtual void on_located(const std::optional<RedisAddress>& address) = 0;

 protected:
  ~RedisLocateEvents() = default;
};

class RedisLocator final : private RedisConnectionEvents, private RedisCommand, private net::Task {
 public:
  RedisLocator(RedisTransport& transport, RedisLocateEvents& events);
  ~RedisLocator() { cancel(); }

  // One on_located follows, never inline, unless cancel() comes first. Of a cluster each call gives
  // the next seed. REQUIRES: none is under way.
  void locate();
  void cancel();

 private:
  void run() override;
  void on_ready() override;
  void on_closed(RedisFailure why) override;
  void on_reply(const RedisReply& reply) override;
  void on_redis_failure(RedisFailure failure) override;

  void conclude();

  RedisTransport* transport_;
  RedisLocateEvents* events_;
  RedisConnection sentinel_;
  std::size_t index_ = 0;  // of the options' addresses, modulo their number
  std::size_t asked_ = 0;  // sentinels, in this round
  bool is_locating_ = false;
  bool is_asking_ = false;  // the sentinel, by this command
  std::optional<RedisAddress> found_;
};

}  // namespace usher::cache
