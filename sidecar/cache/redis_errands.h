// RedisErrands: commands that a RedisTier sends and nobody waits for: stores, locks given
// back.
//
// Before a scope's first entry, and again from time to time, the scope is entered into the set of
// scopes, so that whatever has to reach all scopes finds it.
//
// Owner: RedisTier.  Thread: its loop's.  Bounds: kErrandsMax, and RedisTier::kStoreBytesMax of
// entries; what is beyond is not sent.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "cache/entry.h"
#include "cache/redis_client.h"
#include "cache/redis_context.h"

namespace usher::cache {

class RedisErrands {
 public:
  static constexpr std::size_t kErrandsMax = 1024;
  static constexpr std::size_t kAnnouncedMax = 4096;  // scopes that are remembered

  explicit RedisErrands(RedisContext& context) : context_(context) {}
  ~RedisErrands();
  RedisErrands(const RedisErrands&) = delete;
  RedisErrands& operator=(const RedisErrands&) = delete;

  void store(const EntryRef& entry);
  // There is no generation of `scope`, so that its entry in the set of scopes may be lost as well.
  void forget_announced(ScopeId scope) { announced_.erase(scope.value); }
  void unlock(const CacheKey& key, const std::string& token);

 private:
  enum class Kind : std::uint8_t { Announce, Store, Unlock };
  struct Errand final : RedisCommand {
    Errand(RedisErrands& the_owner, Kind the_kind) : owner(&the_owner), kind(the_kind) {}
    void on_reply(const RedisReply& reply) override { owner->on_reply(*this, reply); }
    void on_redis_failure(RedisFailure) override { owner->on_failure(*this); }

    RedisErrands* owner;
    Kind kind;
    bool by_text = false;  // of its script
    std::list<Errand>::iterator self;
    EntryRef entry;  // that is stored
    CacheKey key;
    std::string token;
  };

  // Null when there are too many.
  Errand* begin(Kind kind);
  void end(Errand& errand);
  // Ends it when that fails.
  void send(Errand& errand);
  bool try_send(Errand& errand);
  bool send_store(Errand& errand);
  bool is_announced(ScopeId scope) const;
  void on_reply(Errand& errand, const RedisReply& reply);
  void on_failure(Errand& errand);
  void on_announced(Errand& errand);

  RedisContext& context_;
  std::list<Errand> errands_;
  std::size_t store_bytes_ = 0;                           // of the entries in errands_
  std::unordered_map<std::uint64_t, Instant> announced_;  // scopes, and when
};

}  // namespace usher::cache
