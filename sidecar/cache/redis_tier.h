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
//   P scopes          the scopes that have answers (a slot of its own)
//   P i               the channel of invalidations (invalidation_message.h)
// An answer is good when every tag of it exists and is not younger than its generation, which was
// read before the fetch began. Storing checks the same in one step on the server (redis_script.cc).
//
// Every answer has the tag "" of its scope, for what makes all of them invalid.
//
// An answer older than an invalidation that Redis has acknowledged is not returned to any sidecar;
// older than one that this process began and that Redis has not taken yet (invalidate_later), not
// to this process. What no care here can mend: a Redis that loses acknowledged writes (a failover
// to a replica that lags), and a process that ends before Redis has taken what it had to say; an
// answer's own life ends both.
//
// Needs Redis 5 and, with users, the channel's permission.
// Owner: one for each worker, and the main thread's.  Thread: its loop's; facts() any.
// Errors: none reach a call: what fails is a miss.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cache/entry.h"
#include "cache/open_invalidations.h"
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
  virtual ~RedisLookup() = default;

 private:
  friend class RedisTier;
  void on_reply(const RedisReply& reply) override;
  void on_redis_failure(RedisFailure failure) override;

  enum class Step : std::uint8_t { Entry, Tags, Generation, GenerationByText };
  RedisTier* tier_ = nullptr;
  Step step_ = Step::Entry;
  CacheKey key_;
  std::uint32_t endpoint_ = 0;
  std::uint64_t begun_ = 0;
  std::uint64_t generation_ = 0;  // of the scope, when the entry was read
  std::vector<Tag> asked_;        // the tags whose generations the reply has
  EntryRef found_;                // whose tags are being asked for
};

// An invalidation in flight, embedded in who waits.
class RedisInvalidation : private RedisCommand {
 public:
  // Redis has acknowledged it, or not: then invalidate_later() is due.
  virtual void on_invalidated(bool done) = 0;

 protected:
  virtual ~RedisInvalidation() = default;

 private:
  friend class RedisTier;
  void on_reply(const RedisReply& reply) override;
  void on_redis_failure(RedisFailure failure) override;

  RedisTier* tier_ = nullptr;
  ScopeId scope_;
  std::vector<Tag> tags_;
  bool is_sent_ = false;  // and on_invalidated is to come
  bool by_text_ = false;  // of the script
};

// The right to be the only sidecar that fetches a key, embedded in who fetches. It ends by itself.
class RedisLock : private RedisCommand {
 public:
  // False: another one has it. True as well when Redis failed: then nobody can tell, and one fetch
  // too many does no harm.
  virtual void on_lock(bool got) = 0;

 protected:
  virtual ~RedisLock() = default;

 private:
  friend class RedisTier;
  void on_reply(const RedisReply& reply) override;
  void on_redis_failure(RedisFailure failure) override;

  RedisTier* tier_ = nullptr;
  CacheKey key_;
  std::string token_;  // whose lock it is
};

// Since the start.
struct RedisTierFacts {
  std::uint64_t lookups = 0;  // each one ends as one of the next three, unless it is cancelled
  std::uint64_t hits = 0;
  std::uint64_t misses = 0;
  std::uint64_t lookups_failed = 0;
  std::uint64_t damaged = 0;         // entries that were not sealed by us for their key: misses
  std::uint64_t stores = 0;          // that Redis has acknowledged
  std::uint64_t stores_refused = 0;  // since a tag was invalidated meanwhile
  std::uint64_t stores_failed = 0;   // or dropped, for too many were on their way
  std::uint64_t invalidations = 0;   // that Redis has acknowledged
  std::uint64_t invalidations_failed = 0;    // each try
  std::uint64_t invalidations_given_up = 0;  // then all of their scope is due
};

class RedisTier {
 public:
  static constexpr Duration kRepeatFor = std::chrono::seconds(30);
  static constexpr std::size_t kLaterMax = 1000;                  // invalidations that wait
  static constexpr std::size_t kStoreBytesMax = 8 * 1024 * 1024;  // of entries on their way
  // An answer that is larger when it is sealed is not stored: it would break ReplyLimits.
  static constexpr std::size_t kSealedMax = 1024 * 1024;
  static constexpr Duration kGenerationLife = std::chrono::hours(24);
  static constexpr Duration kTagMargin = std::chrono::minutes(10);  // beyond its answers
  static constexpr Duration kScopesLife = std::chrono::hours(7 * 24);
  static constexpr Duration kAnnounceEvery = std::chrono::minutes(10);

  // `open`: what the tiers of one process share; null: this tier is the only one.
  RedisTier(net::Network& network, RedisClient& client, const RedisOptions& options, TagTable& tags,
            OpenInvalidations* open = nullptr);
  ~RedisTier();
  RedisTier(const RedisTier&) = delete;
  RedisTier& operator=(const RedisTier&) = delete;

  bool is_available() const { return client_->is_available(); }

  // One round trip, and a second one when the entry has tags beyond `known`, those of the key's
  // scope that are known from the call already. False: not available, nothing follows.
  bool look_up(RedisLookup& lookup, const CacheKey& key, std::uint32_t endpoint,
               std::span<const Tag> known = {});
  void cancel(RedisLookup& lookup);

  // Sends it and forgets it. Nothing when it has no generation, is of no use any more or Redis is
  // not available.
  void store(const EntryRef& entry);

  // The tags of `scope` in Redis, and by the channel in every other sidecar; in this process's
  // table when Redis has done so, since until then old answers may have come from there. False: not
  // available, invalidate_later() is due.
  bool invalidate(RedisInvalidation& invalidation, ScopeId scope, std::span<const Tag> tags);
  // Nobody waits for it any more; it is done all the same.
  void cancel(RedisInvalidation& invalidation);
  // Now, and again and again for kRepeatFor until Redis takes it; then, or when there are too many
  // of them, all of the scope instead. Until then no answer with one of `tags` (or of the scope) is
  // taken from Redis by this process.
  void invalidate_later(ScopeId scope, std::span<const Tag> tags);

  // A tag's text in every scope that has answers in Redis, and in every sidecar's memory. `done` is
  // told how many scopes there were, and whether Redis took all of it (scopes it did not take are
  // tried again as by invalidate_later); never inline. It is not called when the tier goes first.
  using EverywhereDone = std::function<void(bool complete, std::size_t scopes)>;
  void invalidate_everywhere(std::string_view text, EverywhereDone done);

  // For `duration` at most. False: not available, nothing follows.
  bool lock(RedisLock& lock, const CacheKey& key, Duration duration);
  // Gives it back if it still has it; also while on_lock has not come yet: then it never does.
  void unlock(RedisLock& lock);

  RedisTierFacts facts() const;

 private:
  friend class RedisLookup;
  friend class RedisInvalidation;
  friend class RedisLock;
  struct State;

  bool send_generation(RedisLookup& lookup, bool by_text);
  void take_entry(RedisLookup& lookup, const RedisReply& reply);
  void open_entry(RedisLookup& lookup, std::string_view bytes);
  void take_tags(RedisLookup& lookup, const RedisReply& reply, std::size_t first);
  bool ask_for_other_tags(RedisLookup& lookup);
  void take_generation(RedisLookup& lookup, const RedisReply& reply);
  void fail(RedisLookup& lookup);
  void finish(RedisLookup& lookup, bool is_hit);
  bool send(RedisInvalidation& invalidation, bool by_text);
  void finish(RedisInvalidation& invalidation, bool is_done);

  RedisClient* client_;
  std::unique_ptr<State> state_;
};

}  // namespace usher::cache
