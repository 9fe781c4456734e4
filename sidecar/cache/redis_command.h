// RedisCommand: whoever waits for a reply of Redis.
#pragma once

#include <cstdint>

#include "base/intrusive_list.h"
#include "cache/redis_reply.h"

namespace usher::cache {

enum class RedisFailure : std::uint8_t {
  Unreachable,  // no connection, or it broke before the reply
  Timeout,
  Protocol,  // bytes that are no reply
  Refused,   // an error reply that says that it cannot do its work (OOM, READONLY, LOADING, NOAUTH,
             // …)
};
inline constexpr int kRedisFailures = static_cast<int>(RedisFailure::Refused) + 1;

// Does this error reply say that the server cannot do its work, whoever asks?
bool is_refusal(std::string_view error);

class RedisConnection;
class RedisErrand;

// A command in flight: one on_reply or on_redis_failure, never inline, unless cancelled. Embedded
// in who waits for it, who cancels it before it goes.
class RedisCommand : public ListHook {
 public:
  // Error replies that are the caller's business (NOSCRIPT, WRONGTYPE) arrive here too.
  virtual void on_reply(const RedisReply& reply) = 0;
  virtual void on_redis_failure(RedisFailure failure) = 0;

  // Where it waits, for whom it waits for alone.
  struct Place {
    RedisConnection* connection = nullptr;
    std::uint64_t sequence = 0;     // there
    RedisErrand* errand = nullptr;  // in a cluster
  };
  Place place{};

 protected:
  ~RedisCommand() = default;
};

}  // namespace usher::cache
