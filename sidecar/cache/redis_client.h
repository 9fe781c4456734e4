// RedisClient: commands of one worker to Redis: pipelined on a few connections, never blocking,
// each with its own deadline.
//
// A command that is not answered in time closes its connection: a late reply must not be taken for
// another command's. After RedisOptions::failures in a row Redis is left alone for a while
// (is_available() is false), then one command tries. Connections are made again without end, with
// backoff. hiredis formats commands and reads replies (its reader alone, with bounds on bytes and
// elements); bytes travel by net::Stream.
//
// In a cluster a command goes to the node that has its key's slot; MOVED and ASK are followed, the
// map of slots is refreshed. With sentinels the master is asked for anew after each loss.
//
// Owner: server::Worker (one each), and the main thread's.  Thread: its loop's.
// Source: RESP2 (redis.io/docs/reference/protocol-spec), cluster specification.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "cache/redis_command.h"
#include "cache/redis_options.h"
#include "net/network.h"

namespace usher::cache {

struct RedisFacts {
  bool available = true;     // a server is there that is not left alone
  unsigned connections = 0;  // that stand
  std::uint64_t commands = 0;
  // By RedisFailure: connections that were lost or could not be made, and commands refused.
  std::uint64_t failures[kRedisFailures] = {};
  std::uint64_t reconnects = 0;
};

class RedisClient {
 public:
  // `options` outlive it.
  RedisClient(net::Network& network, const RedisOptions& options);
  ~RedisClient();
  RedisClient(const RedisClient&) = delete;
  RedisClient& operator=(const RedisClient&) = delete;

  // May a command be sent now? When not, the call goes on as if there were no Redis.
  bool is_available() const;

  // Sends a command; `key` decides where to (all keys of a command are on one slot: "{…}").
  // False: it is not available, and nothing follows. `args` are copied.
  bool send(RedisCommand& command, std::string_view key, std::span<const std::string_view> args);
  // Nothing comes of it any more; its reply is read and dropped.
  void cancel(RedisCommand& command);

  // Closes its connections, for ever. No command waits any more.
  void shut();

  // Counters are read by any thread.
  RedisFacts facts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace usher::cache
