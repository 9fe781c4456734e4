#include "cache/redis_tier.h"

#include <algorithm>

#include "base/bytes.h"
#include "cache/everywhere_invalidation.h"
#include "cache/hex.h"
#include "cache/invalidation_retries.h"
#include "cache/redis_context.h"
#include "cache/redis_errands.h"

namespace usher::cache {
namespace {

// As redis_script.h says; 0 when it is none.
std::uint64_t parse_generation(const RedisReply& reply) {
  constexpr std::size_t kDigits = 16;
  if (reply.type() != RedisReply::Type::String || reply.text().size() > kDigits) return 0;
  return parse_decimal(reply.text()).value_or(0);
}

bool is_among(std::span<const Tag> tags, const Tag& tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

}  // namespace

struct RedisTier::State {
  State(net::Network& network, RedisClient& client, const RedisOptions& options, TagTable& tags,
        OpenInvalidations* shared)
      : own_open(shared == nullptr ? std::make_unique<OpenInvalidations>() : nullptr),
        context(network, client, options, tags, shared == nullptr ? *own_open : *shared),
        errands(context),
        retries(context),
        everywhere(context, retries) {}

  std::unique_ptr<OpenInvalidations> own_open;
  RedisContext context;
  RedisErrands errands;
  InvalidationRetries retries;
  EverywhereInvalidations everywhere;
  std::vector<Tag> others;  // memory for a moment
};

RedisTier::RedisTier(net::Network& network, RedisClient& client, const RedisOptions& options,
                     TagTable& tags, OpenInvalidations* open)
    : client_(&client), state_(std::make_unique<State>(network, client, options, tags, open)) {}

RedisTier::~RedisTier() = default;

// --- lookups ---

bool RedisTier::look_up(RedisLookup& lookup, const CacheKey& key, std::uint32_t endpoint,
                        std::span<const Tag> known) {
  RedisContext& context = state_->context;
  lookup.tier_ = this;
  lookup.step_ = RedisLookup::Step::Entry;
  lookup.key_ = key;
  lookup.endpoint_ = endpoint;
  lookup.begun_ = context.tags.now();
  lookup.generation_ = 0;
  lookup.asked_.assign(known.begin(), known.end());
  lookup.found_ = {};
  context.arguments.begin("MGET").add_entry(key).add_generation(key.scope);
  for (const Tag& tag : known) context.arguments.add_tag(key.scope, tag);
  if (!context.send(lookup, 1)) return false;
  context.counters.lookups.add();
  return true;
}

void RedisTier::cancel(RedisLookup& lookup) {
  client_->cancel(lookup);
  lookup.found_ = {};
}

void RedisLookup::on_reply(const RedisReply& reply) {
  switch (step_) {
    case Step::Entry:
      return tier_->take_entry(*this, reply);
    case Step::Tags:
      return tier_->take_tags(*this, reply, 0);
    case Step::Generation:
    case Step::GenerationByText:
      return tier_->take_generation(*this, reply);
  }
}

void RedisLookup::on_redis_failure(RedisFailure) {
  tier_->fail(*this);
}

void RedisTier::take_entry(RedisLookup& lookup, const RedisReply& reply) {
  constexpr std::size_t kTagsFrom = 2;
  if (reply.type() != RedisReply::Type::Array || reply.size() != kTagsFrom + lookup.asked_.size()) {
    return fail(lookup);
  }
  lookup.generation_ = parse_generation(reply[1]);
  if (lookup.generation_ == 0) {
    state_->errands.forget_announced(lookup.key_.scope);
    if (!send_generation(lookup, false)) fail(lookup);
    return;
  }
  if (!reply[0].is_nil()) open_entry(lookup, reply[0].text());
  if (!lookup.found_) return finish(lookup, false);
  take_tags(lookup, reply, kTagsFrom);
}

void RedisTier::open_entry(RedisLookup& lookup, std::string_view bytes) {
  RedisContext& context = state_->context;
  const std::int64_t now_ms = context.network.wall_ms();
  EntryRef entry = context.sealer.open(bytes, lookup.key_, lookup.endpoint_, lookup.begun_, now_ms);
  // A generation that is still to come was read before the server lost its own. It stays there: a
  // sidecar of another version or key may read it well, and the next store takes its place.
  if (!entry || entry->generation() > lookup.generation_) return context.counters.damaged.add();
  if (entry->freshness().usable_until_ms() > now_ms) lookup.found_ = std::move(entry);
}

// The generations of the tags asked for are in `reply` from `first` on.
void RedisTier::take_tags(RedisLookup& lookup, const RedisReply& reply, std::size_t first) {
  if (reply.type() != RedisReply::Type::Array || reply.size() != first + lookup.asked_.size()) {
    return fail(lookup);
  }
  const std::span<const Tag> tags = lookup.found_->tags();
  for (std::size_t i = 0; i < lookup.asked_.size(); ++i) {
    const std::uint64_t generation = parse_generation(reply[first + i]);
    const bool is_good = generation != 0 && generation <= lookup.found_->generation();
    if (!is_good && is_among(tags, lookup.asked_[i])) return finish(lookup, false);
  }
  if (lookup.step_ == RedisLookup::Step::Tags || !ask_for_other_tags(lookup)) finish(lookup, true);
}

// False when the entry has none beyond those that were asked for already.
bool RedisTier::ask_for_other_tags(RedisLookup& lookup) {
  RedisContext& context = state_->context;
  std::vector<Tag>& others = state_->others;
  others.clear();
  for (const Tag& tag : lookup.found_->tags()) {
    if (!is_among(lookup.asked_, tag)) others.push_back(tag);
  }
  if (others.empty()) return false;
  lookup.asked_.swap(others);
  lookup.step_ = RedisLookup::Step::Tags;
  context.arguments.begin("MGET");
  for (const Tag& tag : lookup.asked_) context.arguments.add_tag(lookup.key_.scope, tag);
  if (!context.send(lookup, 1)) fail(lookup);
  return true;
}

bool RedisTier::send_generation(RedisLookup& lookup, bool by_text) {
  RedisContext& context = state_->context;
  lookup.step_ = by_text ? RedisLookup::Step::GenerationByText : RedisLookup::Step::Generation;
  context.begin_script(context.scripts.generation, by_text, 1)
      .add_generation(lookup.key_.scope)
      .add(static_cast<std::uint64_t>(to_milliseconds(kGenerationLife)));
  return context.send_script(lookup);
}

void RedisTier::take_generation(RedisLookup& lookup, const RedisReply& reply) {
  if (is_noscript(reply) && lookup.step_ == RedisLookup::Step::Generation) {
    if (!send_generation(lookup, true)) fail(lookup);
    return;
  }
  lookup.generation_ = parse_generation(reply);
  if (lookup.generation_ == 0) return fail(lookup);
  finish(lookup, false);
}

// The generation stays: what it was read before is no later for the failure.
void RedisTier::fail(RedisLookup& lookup) {
  state_->context.counters.lookups_failed.add();
  lookup.found_ = {};
  lookup.on_looked_up({}, lookup.generation_);
}

void RedisTier::finish(RedisLookup& lookup, bool is_hit) {
  RedisContext& context = state_->context;
  EntryRef entry = std::move(lookup.found_);
  if (!is_hit || context.open.any(lookup.begun_, entry->tags())) entry = {};
  (entry ? context.counters.hits : context.counters.misses).add();
  lookup.on_looked_up(std::move(entry), lookup.generation_);
}

// --- stores ---

void RedisTier::store(const EntryRef& entry) {
  if (entry->generation() == 0 || !is_available()) return;
  if (entry->freshness().usable_until_ms() <= state_->context.network.wall_ms()) return;
  state_->errands.store(entry);
}

// --- invalidations ---

bool RedisTier::invalidate(RedisInvalidation& invalidation, ScopeId scope,
                           std::span<const Tag> tags) {
  invalidation.tier_ = this;
  invalidation.scope_ = scope;
  invalidation.tags_.assign(tags.begin(), tags.end());
  invalidation.is_sent_ = send(invalidation, false);
  return invalidation.is_sent_;
}

bool RedisTier::send(RedisInvalidation& invalidation, bool by_text) {
  invalidation.by_text_ = by_text;
  return state_->context.send_invalidation(invalidation, invalidation.scope_, invalidation.tags_,
                                           by_text);
}

void RedisInvalidation::on_reply(const RedisReply& reply) {
  if (is_noscript(reply) && !by_text_) {
    if (!tier_->send(*this, true)) tier_->finish(*this, false);
    return;
  }
  tier_->finish(*this, reply.type() == RedisReply::Type::Integer);
}

void RedisInvalidation::on_redis_failure(RedisFailure) {
  tier_->finish(*this, false);
}

void RedisTier::finish(RedisInvalidation& invalidation, bool is_done) {
  RedisContext& context = state_->context;
  invalidation.is_sent_ = false;
  (is_done ? context.counters.invalidations : context.counters.invalidations_failed).add();
  if (is_done) context.tell_table(invalidation.tags_);
  invalidation.on_invalidated(is_done);
}

void RedisTier::cancel(RedisInvalidation& invalidation) {
  if (!invalidation.is_sent_) return;
  invalidation.is_sent_ = false;
  client_->cancel(invalidation);
  invalidate_later(invalidation.scope_, invalidation.tags_);
}

void RedisTier::invalidate_later(ScopeId scope, std::span<const Tag> tags) {
  state_->retries.add(scope, tags);
}

void RedisTier::invalidate_everywhere(std::string_view text, EverywhereDone done) {
  state_->everywhere.start(text, std::move(done));
}

// --- locks ---

bool RedisTier::lock(RedisLock& lock, const CacheKey& key, Duration duration) {
  RedisContext& context = state_->context;
  lock.tier_ = this;
  lock.key_ = key;
  lock.token_.clear();
  append_hex(lock.token_, context.random.next());
  append_hex(lock.token_, context.random.next());
  context.arguments.begin("SET")
      .add_lock(key)
      .add(lock.token_)
      .add("NX")
      .add("PX")
      .add(static_cast<std::uint64_t>(std::max<std::int64_t>(to_milliseconds(duration), 1)));
  return context.send(lock, 1);
}

void RedisTier::unlock(RedisLock& lock) {
  if (lock.token_.empty()) return;
  client_->cancel(lock);
  state_->errands.unlock(lock.key_, lock.token_);
  lock.token_.clear();
}

void RedisLock::on_reply(const RedisReply& reply) {
  on_lock(!reply.is_nil());
}

void RedisLock::on_redis_failure(RedisFailure) {
  on_lock(true);
}

// --- for metrics ---

RedisTierFacts RedisTier::facts() const {
  const RedisTierCounters& counters = state_->context.counters;
  RedisTierFacts facts;
  facts.lookups = counters.lookups.value();
  facts.hits = counters.hits.value();
  facts.misses = counters.misses.value();
  facts.lookups_failed = counters.lookups_failed.value();
  facts.damaged = counters.damaged.value();
  facts.stores = counters.stores.value();
  facts.stores_refused = counters.stores_refused.value();
  facts.stores_failed = counters.stores_failed.value();
  facts.invalidations = counters.invalidations.value();
  facts.invalidations_failed = counters.invalidations_failed.value();
  facts.invalidations_given_up = counters.invalidations_given_up.value();
  return facts;
}

}  // namespace usher::cache
