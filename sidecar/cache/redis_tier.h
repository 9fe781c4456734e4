// RedisTier: kept answers in Redis, shared by all sidecars: looked up, stored and invalidated.
//
// Keys, with P the prefix and S the scope in hexadecimal digits (in braces: one slot of a cluster,
// so that one round trip and one script reach all that belongs together):
//   P{S}:e:<digest>   an answer, sealed (seal.h)
//   P{S}:g            the scope's generation: grows with each invalidation, never less than the
//                     server's time in microseconds, so that one that was lost does not begin again
//   P{S}:t:<tag id>   the generation at which a tag was last invalidated. Made with the first
//                     answer that has it, and kept as long as answers may be: a tag that is gone
//                     (evicted) makes its answers misses, never stale hits
//   P{S}:l:<digest>   the lock of a fetch
//   P i               the channel of invalidations
// An answer is good when every tag of it exists and is not younger than its generation, which was
// read before the fetch began. Storing checks the same in one step on the server (a script).
//
// Owner: one for each worker, and the main thread's.  Thread: its loop's.
// Errors: none reach a call: what fails is a miss.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "cache/entry.h"
#include "cache/redis_client.h"
#include "cache/tag.h"
#include "cache/tag_table.h"

namespace usher::cache {

class RedisTier;

// A lookup in flight, embedded in who waits.
class RedisLookup : private RedisCommand {
 public:
  // `entry` is null on a miss; `generation` is what a fetch that begins now has to be stored with;
  // 0: it cannot be stored in Redis.
  virtual void on_looked_up(EntryRef entry, std::uint64_t generation) = 0;

 protected:
  ~RedisLookup() = default;

 private:
  friend class RedisTier;
  void on_reply(const RedisReply& reply) override;
  void on_redis_failure(RedisFailure failure) override;

  enum class Step : std::uint8_t { Entry, Tags, Generation };
  RedisTier* tier_ = nullptr;
  Step step_ = Step::Entry;
  CacheKey key_;
  std::uint32_t endpoint_ = 0;
  std::uint64_t begun_ = 0;
  EntryRef found_;  // whose tags are being asked for
};

// An invalidation in flight, embedded in who waits.
class RedisInvalidation : private RedisCommand {
 public:
  virtual void on_invalidated(bool done) = 0;

 protected:
  ~RedisInvalidation() = default;

 private:
  friend class RedisTier;
  void on_reply(const RedisReply& reply) override;
  void on_redis_failure(RedisFailure failure) override;
  RedisTier* tier_ = nullptr;
};

class RedisTier {
 public:
  RedisTier(net::Network& network, RedisClient& client, const RedisOptions& options,
            TagTable& tags);
  ~RedisTier();

  bool is_available() const { return client_->is_available(); }

  // False: not available, nothing follows.
  bool look_up(RedisLookup& lookup, const CacheKey& key, std::uint32_t endpoint);
  void cancel(RedisLookup& lookup);

  // Sends it and forgets it. Nothing when it has no generation, is of no use any more or Redis is
  // not available.
  void store(const EntryRef& entry);

  // The tags of `scope` in Redis, and by the channel in every other sidecar. False: not available.
  bool invalidate(RedisInvalidation& invalidation, ScopeId scope, std::span<const Tag> tags);
  void cancel(RedisInvalidation& invalidation);
  // The same again and again for 30 s, for one that failed. Bounded: the oldest are forgotten.
  void invalidate_later(ScopeId scope, std::span<const Tag> tags);

 private:
  friend class RedisLookup;
  friend class RedisInvalidation;
  struct State;

  net::Network* network_;
  RedisClient* client_;
  const RedisOptions* options_;
  TagTable* tags_;
  std::unique_ptr<State> state_;
};

}  // namespace usher::cache
