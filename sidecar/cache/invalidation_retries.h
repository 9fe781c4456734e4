// InvalidationRetries: invalidations that Redis has not taken yet, tried again and again.
//
// Each one is tried at once and then with backoff, for RedisTier::kRepeatFor; while it is, its tags
// are among the OpenInvalidations. One that waits for a server that is gone does not hold up the
// others.
//
// Owner: RedisTier.  Thread: its loop's.  Bounds: RedisTier::kLaterMax; the oldest are given up.
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
    std::list<Retry>::iterator self;
    ScopeId scope;
    std::vector<Tag> tags;
    Instant until = kNever;
    int tries = 0;
    bool is_sent = false;
    bool by_text = false;  // of the script
    Timer timer;
  };

  void send(Retry& retry);
  void on_reply(Retry& retry, const RedisReply& reply);
  void on_failure(Retry& retry);
  void on_timer(Retry& retry);
  void end(Retry& retry);
  void give_up(Retry& retry);

  RedisContext& context_;
  std::list<Retry> retries_;  // the oldest first
};

}  // namespace usher::cache
