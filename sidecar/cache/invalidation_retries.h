// InvalidationRetries: invalidations that Redis has not taken yet, tried again and again.
//
// Each one is tried at once and then with backoff; one that waits for a server that is gone does
// not hold up the others. What Redis has not taken after RedisTier::kRepeatFor, or is the oldest of
// too many, is given up; instead, all answers of its scope are made invalid (by the tag "" that
// each has), whenever Redis takes that. So a Redis that was away does not come back with answers of
// before, however long it was. What is waited for is among the OpenInvalidations.
//
// Owner: RedisTier.  Thread: its loop's.  Bounds: RedisTier::kLaterMax, and as many scopes.
#pragma once

#include <list>
#include <span>
#include <vector>

#include "base/timer_wheel.h"
#include "cache/redis_client.h"
#include "cache/redis_context.h"

namespace usher::cache {

class InvalidationRetries {
 public:
  explicit InvalidationRetries(RedisContext& context) : context_(context) {}
  ~InvalidationRetries();
  InvalidationRetries(const InvalidationRetries&) = delete;
  InvalidationRetries& operator=(const InvalidationRetries&) = delete;

  void add(ScopeId scope, std::span<const Tag> tags);

 private:
  struct Retry final : RedisCommand, TimerEvents {
    explicit Retry(InvalidationRetries& the_owner) : owner(&the_owner), timer(*this) {}
    void on_reply(const RedisReply& reply) override { owner->on_reply(*this, reply); }
    void on_redis_failure(RedisFailure) override { owner->on_failure(*this); }
    void on_timer(Timer&) override { owner->on_timer(*this); }

    InvalidationRetries* owner;
    std::list<Retry>* list = nullptr;  // that has it
    std::list<Retry>::iterator self;
    ScopeId scope;
    std::vector<Tag> tags;
    Instant until = kNever;  // then it is given up
    int tries = 0;
    bool is_sent = false;
    bool again = false;    // once more when Redis has taken it
    bool by_text = false;  // of the script
    Timer timer;
  };

  void begin(std::list<Retry>& list, ScopeId scope, std::span<const Tag> tags, Instant until);
  void send(Retry& retry);
  void on_reply(Retry& retry, const RedisReply& reply);
  void on_failure(Retry& retry);
  void on_timer(Retry& retry);
  void give_up(Retry& retry);
  void add_scope(ScopeId scope);
  // Nothing comes of it any more.
  void end(Retry& retry);

  RedisContext& context_;
  Hasher hasher_;
  std::list<Retry> retries_;  // by tags, the oldest first
  std::list<Retry> scopes_;   // by the tag of a whole scope
};

}  // namespace usher::cache
