#include "cache/invalidation_retries.h"

#include <algorithm>
#include <array>

#include "cache/redis_tier.h"
#include "policy/backoff.h"

namespace usher::cache {
namespace {

constexpr policy::BackoffOptions kBackoff{50ms, 2s};

}  // namespace

InvalidationRetries::~InvalidationRetries() {
  while (!retries_.empty()) end(retries_.front());
  while (!scopes_.empty()) end(scopes_.front());
}

void InvalidationRetries::add(ScopeId scope, std::span<const Tag> tags) {
  if (retries_.size() == RedisTier::kLaterMax) give_up(retries_.front());
  begin(retries_, scope, tags, context_.network.now() + RedisTier::kRepeatFor);
}

void InvalidationRetries::begin(std::list<Retry>& list, ScopeId scope, std::span<const Tag> tags,
                                Instant until) {
  Retry& retry = list.emplace_back(*this);
  retry.list = &list;
  retry.self = std::prev(list.end());
  retry.scope = scope;
  retry.tags.assign(tags.begin(), tags.end());
  retry.until = until;
  context_.open.open(retry.tags);
  context_.tell_table(retry.tags);
  send(retry);
}

void InvalidationRetries::send(Retry& retry) {
  retry.again = false;
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
  if (retry.again) return send(retry);
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

void InvalidationRetries::give_up(Retry& retry) {
  context_.counters.invalidations_given_up.add();
  add_scope(retry.scope);
  end(retry);
}

void InvalidationRetries::add_scope(ScopeId scope) {
  const auto same = std::find_if(scopes_.begin(), scopes_.end(),
                                 [scope](const Retry& retry) { return retry.scope == scope; });
  if (same == scopes_.end()) {
    const std::array<Tag, 1> all = {make_tag(hasher_, scope, "")};
    if (scopes_.size() < RedisTier::kLaterMax) begin(scopes_, scope, all, kNever);
    return;
  }
  // If it is on its way, it may be done before what is given up now was asked for.
  same->again = same->is_sent;
}

void InvalidationRetries::end(Retry& retry) {
  if (retry.is_sent) context_.client.cancel(retry);
  context_.tell_table(retry.tags);
  context_.open.settle(retry.tags, context_.tags.now());
  retry.list->erase(retry.self);
}

}  // namespace usher::cache
