#include "cache/invalidation_retries.h"

#include "cache/redis_tier.h"
#include "policy/backoff.h"

namespace usher::cache {
namespace {

constexpr policy::BackoffOptions kBackoff{50ms, 2s};

}  // namespace

InvalidationRetries::~InvalidationRetries() {
  while (!retries_.empty()) give_up(retries_.front());
}

void InvalidationRetries::add(ScopeId scope, std::span<const Tag> tags) {
  if (retries_.size() == RedisTier::kLaterMax) give_up(retries_.front());
  Retry& retry = retries_.emplace_back(*this);
  retry.self = std::prev(retries_.end());
  retry.scope = scope;
  retry.tags.assign(tags.begin(), tags.end());
  retry.until = context_.network.now() + RedisTier::kRepeatFor;
  context_.open.open(retry.tags);
  context_.tell_table(retry.tags);
  send(retry);
}

void InvalidationRetries::send(Retry& retry) {
  retry.is_sent = context_.send_invalidation(retry, retry.scope, retry.tags, retry.by_text);
  if (!retry.is_sent) on_failure(retry);
}

void InvalidationRetries::on_reply(Retry& retry, const RedisReply& reply) {
  if (is_noscript(reply) && !retry.by_text) {
    retry.by_text = true;
    return send(retry);
  }
  if (reply.type() != RedisReply::Type::Integer) return on_failure(retry);
  retry.is_sent = false;
  context_.counters.invalidations.add();
  end(retry);
}

void InvalidationRetries::on_failure(Retry& retry) {
  retry.is_sent = false;
  retry.by_text = false;
  context_.counters.invalidations_failed.add();
  ++retry.tries;
  context_.network.arm(
      retry.timer,
      context_.network.now() + policy::backoff_delay(kBackoff, retry.tries, context_.random));
}

void InvalidationRetries::on_timer(Retry& retry) {
  if (context_.network.now() >= retry.until) return give_up(retry);
  send(retry);
}

void InvalidationRetries::end(Retry& retry) {
  context_.tell_table(retry.tags);
  context_.open.settle(retry.tags, context_.tags.now());
  retries_.erase(retry.self);
}

void InvalidationRetries::give_up(Retry& retry) {
  if (retry.is_sent) context_.client.cancel(retry);
  context_.counters.invalidations_given_up.add();
  end(retry);
}

}  // namespace usher::cache
