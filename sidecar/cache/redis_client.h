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

#include "base/intrusive_list.h"
#include "cache/redis_options.h"
#include "net/network.h"

struct redisReply;

namespace usher::cache {

// A reply, valid until on_reply returns.
class RedisReply {
 public:
  enum class Type : std::uint8_t { Nil, Status, Error, Integer, String, Array };

  explicit RedisReply(const redisReply* reply) : reply_(reply) {}
  Type type() const;
  bool is_nil() const { return type() == Type::Nil; }
  std::string_view text() const;  // of a status, an error or a string
  std::int64_t integer() const;   // of an integer; of a string that is one, else 0
  std::size_t size() const;       // of an array
  RedisReply operator[](std::size_t index) const;

 private:
  const redisReply* reply_;
};

enum class RedisFailure : std::uint8_t {
  Unreachable,  // no connection, or it broke before the reply
  Timeout,
  Protocol,  // bytes that are no reply
  Refused,   // an error reply that says that it cannot do its work (OOM, READONLY, LOADING, NOAUTH,
             // …)
};

// A command in flight: one on_reply or on_redis_failure, never inline, unless cancelled. Embedded
// in who waits for it.
class RedisCommand : public ListHook {
 public:
  // Error replies that are the caller's business (NOSCRIPT, WRONGTYPE) arrive here too.
  virtual void on_reply(const RedisReply& reply) = 0;
  virtual void on_redis_failure(RedisFailure failure) = 0;

 protected:
  ~RedisCommand() = default;

 private:
  friend class RedisConnection;
  friend class RedisClient;
  void* place_ = nullptr;  // where it waits
};

struct RedisFacts {
  bool available = true;
  unsigned connections = 0;  // that stand
  std::uint64_t commands = 0;
  std::uint64_t failures[4] = {};  // by RedisFailure
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

  // Counters are read by any thread.
  RedisFacts facts() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace usher::cache
