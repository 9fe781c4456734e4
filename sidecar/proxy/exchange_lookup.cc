// Phase::Lookup of an Exchange: is there a kept answer, in memory or in Redis. Who of many fetches
// it is in exchange_flight.cc, what is done with answers in exchange_cache.cc.

#include <algorithm>

#include "proxy/exchange.h"
#include "proxy/kept_answer.h"
#include "proxy/request_writer.h"
#include "proxy/worker_cache.h"

namespace usher::proxy {
namespace {

// What is left of a call's time for a stale answer, when there is one.
constexpr Duration kStaleMargin = std::chrono::milliseconds(50);
constexpr Error kNotCached = {ErrorCode::NotCached, Retry::No,
                              "only a kept answer was wanted, and there is none"};
// What only the owner can answer: a part of the answer, or a condition on what it has now.
bool is_owners_alone(const http::Fields& fields) {
  using http::FieldId;
  return std::any_of(fields.begin(), fields.end(), [](const http::Field& field) {
    return field.id == FieldId::Range || field.id == FieldId::IfRange ||
           field.id == FieldId::IfMatch || field.id == FieldId::IfUnmodifiedSince;
  });
}

bool has_any(const http::Fields& fields, http::FieldId one, http::FieldId other) {
  return fields.find(one) != nullptr || fields.find(other) != nullptr;
}

}  // namespace

void CacheCall::reset() {
  step = Step::Memory;
  known_tags.clear();
  kept = {};
  relayed = {};
  range.reset();
  validates = leads = may_keep = refreshes = failed = false;
  generation = 0;
  fill.clear();
  status.clear();
  lock.held = false;
  poll_delay = {};
}

CacheCall& Exchange::make_cache_call() {
  CacheCallEvents& events = *this;
  if (cache_ == nullptr) cache_ = std::make_unique<CacheCall>(events, resources_->memory);
  return *cache_;
}

// Begins what the cache has to do with this call. False: nothing.
bool Exchange::enter_cache() {
  WorkerCache* cache = resources_->cache.get();
  const auto& policy = endpoint_policy().cache;
  const bool reads = head_.method == http::Method::Get || head_.method == http::Method::Head;
  if (cache == nullptr || !policy || !reads || body_.exists()) return false;
  CacheCall& call = make_cache_call();
  caches_ = true;
  call.asked = http::CacheControl::of_request(head_.fields);
  call.result = CacheResult::Bypass;
  const auto key = cache::make_key(cache->hasher, *policy,
                                   {.consumer = snapshot_->options.consumer,
                                    .service = match_.endpoint->service,
                                    .endpoint = match_.endpoint->name,
                                    .target = head_.target,
                                    .tenant = context_.tenant(),
                                    .user = context_.user(),
                                    .fields = head_.fields});
  const bool is_owners = is_owners_alone(head_.fields);
  if (is_owners) call.range = asked_part(head_);
  if (!key || call.asked.no_store || (is_owners && !call.range)) {
    call.status.forward(call.asked.no_store ? CacheStatus::Forward::Request
                                            : CacheStatus::Forward::Bypass);
    return false;
  }
  call.key = *key;
  if (!call.refreshes) call.flight = *key;
  call.has_credentials = policy->scope != policy::CacheScope::User &&
                         has_any(head_.fields, http::FieldId::Authorization, http::FieldId::Cookie);
  call.has_condition =
      has_any(head_.fields, http::FieldId::IfNoneMatch, http::FieldId::IfModifiedSince);
  call.may_keep = head_.method == http::Method::Get && !call.range;
  call.begun = cache->shared.tags.now();
  if (call.refreshes) {
    call.asked = {};
    call.has_condition = false;
    call.step = CacheCall::Step::Redis;
  }
  return true;
}

// Waits for: the call that leads, Redis.  Leaves by: Limit (the owner has to be asked); Relay (a
// long kept answer); Finish.
Phase Exchange::look_up() {
  CacheCall& call = *cache_;
  for (;;) {
    Phase next = Phase::Lookup;
    switch (call.step) {
      case CacheCall::Step::Memory:
        next = look_in_memory();
        if (call.range && next == Phase::Lookup) call.step = CacheCall::Step::Owner;
        break;
      case CacheCall::Step::Flight:
        join_flight();
        break;
      case CacheCall::Step::Redis:
        if (ask_redis(call.flight)) return Phase::Lookup;
        call.step = CacheCall::Step::Owner;
        break;
      case CacheCall::Step::Lock:
        if (await_lock()) return Phase::Lookup;
        call.step = CacheCall::Step::Owner;
        break;
      case CacheCall::Step::Follow:
      case CacheCall::Step::Wait:
      case CacheCall::Step::Poll:
        return Phase::Lookup;
      case CacheCall::Step::Owner:
        return ask_owner();
    }
    if (next != Phase::Lookup) return next;
  }
}

Phase Exchange::look_in_memory() {
  CacheCall& call = *cache_;
  WorkerCache& cache = *resources_->cache;
  call.step = CacheCall::Step::Flight;
  cache::EntryRef entry = cache.shared.memory.find(call.key);
  if (entry && entry->kind() == cache::EntryKind::Vary) {
    call.flight = cache::variant_key(cache.hasher, call.key, entry->body(), head_.fields);
    entry = cache.shared.memory.find(call.flight);
  }
  if (!entry) return Phase::Lookup;
  const std::int64_t held_ms = resources_->network.wall_ms() - entry->loaded_ms();
  const bool is_recent =
      cache.redis_options == nullptr ||
      (held_ms >= 0 && held_ms < to_milliseconds(cache.redis_options->memory_ttl));
  const bool is_good = is_recent && cache.shared.tags.is_good(entry->begun(), entry->tags());
  return try_kept(std::move(entry), is_good, CacheResult::Hit);
}

// Answers with `entry` if that may be; else remembers what it is good for.
Phase Exchange::try_kept(cache::EntryRef entry, bool is_good, CacheResult source) {
  CacheCall& call = *cache_;
  const std::int64_t now_ms = resources_->network.wall_ms();
  const policy::Freshness& freshness = entry->freshness();
  policy::Reuse reuse = is_good
                            ? policy::may_reuse(freshness, call.asked, call.has_credentials, now_ms)
                            : policy::Reuse::Validate;
  if (reuse == policy::Reuse::WhileFetched && (call.refreshes || !refresh_behind(entry))) {
    reuse = policy::Reuse::Validate;
  }
  if (reuse == policy::Reuse::Validate) {
    call.kept = std::move(entry);
    return Phase::Lookup;
  }
  const bool is_fresh = reuse == policy::Reuse::Fresh;
  call.result = is_fresh ? source : CacheResult::Stale;
  call.status.hit((freshness.lifetime_ms - freshness.age_ms(now_ms)) / 1000,
                  !is_fresh                         ? "stale-while-revalidate"
                  : source == CacheResult::HitRedis ? "redis"
                                                    : std::string_view{});
  if (is_fresh) land(entry);
  return serve_kept(entry);
}

// False: there is nothing to wait for.
bool Exchange::ask_redis(const cache::CacheKey& key) {
  CacheCall& call = *cache_;
  WorkerCache& cache = *resources_->cache;
  if (cache.redis == nullptr || !call.may_keep) return false;
  know_tags();
  call.step = CacheCall::Step::Wait;
  call.lookup.waits =
      cache.redis->look_up(call.lookup, key, match_.endpoint->index, call.known_tags);
  if (call.lookup.waits) resources_->network.arm(timer_, deadline_);
  return call.lookup.waits;
}

// The tags that do not depend on the answer.
void Exchange::know_tags() {
  CacheCall& call = *cache_;
  if (!call.known_tags.empty()) return;
  WorkerCache& cache = *resources_->cache;
  cache.add_path_tag(call.key.scope, match_.endpoint->service, head_.target, call.known_tags);
  cache.add_scope_tag(call.key.scope, call.known_tags);
  cache.add_tags(call.key.scope, endpoint_policy().cache->tags, match_.parameters,
                 policy::TagTemplate::Source::None, {}, call.known_tags);
}

void Exchange::on_looked_up(cache::EntryRef entry, std::uint64_t generation) {
  CacheCall& call = *cache_;
  WorkerCache& cache = *resources_->cache;
  timer_.cancel();
  call.step = CacheCall::Step::Lock;
  if (call.generation == 0) call.generation = generation;
  Phase next = Phase::Lookup;
  if (entry) {
    cache.shared.memory.put(entry);
    if (entry->kind() == cache::EntryKind::Vary) {
      const cache::CacheKey variant =
          cache::variant_key(cache.hasher, call.key, entry->body(), head_.fields);
      if (ask_redis(variant)) return;
      call.step = CacheCall::Step::Lock;
    } else {
      const bool is_good = cache.shared.tags.is_untouched(entry->begun(), entry->tags());
      next = try_kept(std::move(entry), is_good, CacheResult::HitRedis);
    }
  }
  if (next != Phase::Lookup) move_to(next);
  run();
}

Phase Exchange::ask_owner() {
  CacheCall& call = *cache_;
  if (call.asked.only_if_cached) {
    call.result = CacheResult::Unavailable;
    fail(kNotCached);
    return Phase::Finish;
  }
  using Forward = CacheStatus::Forward;
  if (call.range) {
    call.kept = {};
    call.status.forward(Forward::Bypass);
    return Phase::Limit;
  }
  call.result = call.kept ? CacheResult::Expired : CacheResult::Miss;
  call.status.forward(!call.may_keep            ? Forward::Method
                      : call.asked.no_cache     ? Forward::Request
                      : call.kept               ? Forward::Stale
                      : call.flight == call.key ? Forward::UriMiss
                                                : Forward::VaryMiss);
  // What was made stale may have changed within the second that Last-Modified counts in.
  call.by_etag_alone = call.kept && !resources_->cache->shared.tags.is_untouched(call.kept->begun(),
                                                                                 call.kept->tags());
  if (call.kept && call.may_keep) {
    call.validates =
        !call.kept->etag().empty() || (!call.by_etag_alone && !call.kept->last_modified().empty());
  }
  if (may_answer_stale()) {
    const Duration left = deadline_ - resources_->network.now();
    deadline_ -= std::min(kStaleMargin, left / 10);
  }
  return Phase::Limit;
}

void Exchange::add_conditions(OwnerRequest& request) {
  CacheCall& call = *cache_;
  call.request_ms = request.wall_ms;
  request.unconditional = call.validates || call.refreshes;
  if (!call.validates) return;
  request.if_none_match = call.kept->etag();
  if (!call.by_etag_alone) request.if_modified_since = call.kept->last_modified();
}

}  // namespace usher::proxy
