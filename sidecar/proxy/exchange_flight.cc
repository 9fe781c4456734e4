// One flight: of many calls of this process that miss one key, and of many sidecars where the
// endpoint says so, one asks the owner. The others wait here, in Phase::Lookup.

#include <algorithm>

#include "policy/freshness.h"
#include "proxy/exchange.h"
#include "proxy/worker_cache.h"

namespace usher::proxy {
namespace {

// How long a call waits for what another one gets.
constexpr Duration kFollowMax = std::chrono::seconds(2);
// The lock of a fetch among sidecars: how long it lasts beyond an attempt, and how often and how
// long those without it look whether the answer is there.
constexpr Duration kLockMargin = std::chrono::milliseconds(500);
constexpr Duration kLockMax = std::chrono::seconds(5);
constexpr Duration kPollDelay = std::chrono::milliseconds(25);
constexpr Duration kPollDelayMax = std::chrono::milliseconds(100);
constexpr Duration kPollFor = std::chrono::milliseconds(300);

constexpr Error kCallTimeout = {ErrorCode::DeadlineExceeded, Retry::No,
                                "the call took longer than its timeout", Timeout::Call};

constexpr Error kOwnerFailed = {ErrorCode::UpstreamProtocol, Retry::No,
                                "the owner failed the calls that were made in place of this one"};

// Is it the owner's failure, or that of the one call?
bool tells_of_owner(ErrorCode code) {
  return code == ErrorCode::UpstreamConnectFailed || code == ErrorCode::UpstreamReset ||
         code == ErrorCode::UpstreamProtocol || code == ErrorCode::UpstreamTimeout ||
         code == ErrorCode::CircuitOpen || code == ErrorCode::NoHealthyAddress;
}

}  // namespace

void Exchange::join_flight() {
  CacheCall& call = *cache_;
  call.step = CacheCall::Step::Redis;
  // Whoever wants an answer that is newer than any that is on its way, or one to a condition that
  // nobody else has, asks alone.
  const bool wants_its_own = call.asked.no_cache || call.asked.max_age == 0 ||
                             call.asked.only_if_cached || call.has_credentials ||
                             (call.has_condition && !call.kept) || !call.may_keep;
  if (wants_its_own) return;
  const Instant now = resources_->network.now();
  switch (resources_->cache->desk.join(call.flight, call, now)) {
    case cache::FlightDesk::Role::Lead:
      call.leads = true;
      break;
    case cache::FlightDesk::Role::Follow:
      call.step = CacheCall::Step::Follow;
      resources_->network.arm(timer_, std::min(deadline_, now + kFollowMax));
      break;
    case cache::FlightDesk::Role::Alone:
      break;
  }
}

void Exchange::on_flight(const cache::FlightNews& news) {
  CacheCall& call = *cache_;
  timer_.cancel();
  begin_fetch();
  Phase next = Phase::Lookup;
  using Kind = cache::FlightNews::Kind;
  switch (news.kind) {
    case Kind::Landed:
      next = take_landed(news.entry);
      break;
    case Kind::Alone:
      break;
    case Kind::Lead:
      call.leads = true;
      break;
    case Kind::Failed:
      next = Phase::Finish;
      fail(news.error);
      break;
  }
  if (next != Phase::Lookup) move_to(next);
  run();
}

// Nothing of the owner is known yet: what is fetched from here on is as new as this.
void Exchange::begin_fetch() {
  cache_->step = CacheCall::Step::Redis;
  cache_->begun = resources_->cache->shared.tags.now();
}

// What the leader got, if it is an answer to this call as well.
Phase Exchange::take_landed(const cache::EntryRef& entry) {
  CacheCall& call = *cache_;
  WorkerCache& cache = *resources_->cache;
  if (entry->key() != call.flight) {
    // One of several answers, for other fields than this call's perhaps: by now it is known by
    // which of them they are chosen.
    const cache::EntryRef index = cache.shared.memory.peek(call.key);
    const bool is_chosen = index && index->kind() == cache::EntryKind::Vary;
    if (!is_chosen || call.flight != call.key) return Phase::Lookup;
    call.flight = cache::variant_key(cache.hasher, call.key, index->body(), head_.fields);
    if (entry->key() != call.flight) {
      call.step = CacheCall::Step::Flight;
      return Phase::Lookup;
    }
  }
  // The leader's fetch may have begun before a mutation that this call came after.
  const bool may = cache.shared.tags.is_untouched(entry->begun(), entry->tags()) &&
                   policy::may_reuse(entry->freshness(), call.asked, call.has_credentials,
                                     resources_->network.wall_ms()) == policy::Reuse::Fresh;
  if (!may) return Phase::Lookup;
  call.status.forward(CacheStatus::Forward::UriMiss);
  call.status.collapsed();
  call.result = CacheResult::Collapsed;
  return serve_kept(entry);
}

// Where the endpoint says so, of several sidecars that miss at once one fetches. True: there is
// something to wait for.
bool Exchange::await_lock() {
  CacheCall& call = *cache_;
  WorkerCache& cache = *resources_->cache;
  const policy::EndpointPolicy& policy = endpoint_policy();
  if (!policy.cache->lock || !call.leads || call.generation == 0) return false;
  const Instant now = resources_->network.now();
  if (call.poll_delay == Duration::zero()) {
    const Duration life = std::min(policy.per_try_timeout + kLockMargin, kLockMax);
    call.lock.held = cache.redis->lock(call.lock, call.flight, life);
    call.step = CacheCall::Step::Wait;
    return call.lock.held;
  }
  if (now >= call.poll_until) return false;
  call.step = CacheCall::Step::Poll;
  resources_->network.arm(timer_, std::min(now + call.poll_delay, call.poll_until));
  call.poll_delay = std::min(2 * call.poll_delay, kPollDelayMax);
  return true;
}

void Exchange::on_locked(bool got) {
  CacheCall& call = *cache_;
  call.lock.held = got;
  call.step = got ? CacheCall::Step::Owner : CacheCall::Step::Lock;
  call.poll_delay = kPollDelay;
  call.poll_until = resources_->network.now() + kPollFor;
  run();
}

// The call that leads took too long, and this one asks the owner itself; or another sidecar may
// have stored its answer by now.
void Exchange::on_lookup_timer() {
  CacheCall& call = *cache_;
  resources_->cache->desk.cancel(call);
  if (resources_->network.now() >= deadline_) {
    end_with(kCallTimeout);
    return;
  }
  begin_fetch();
  run();
}

// The call ends: waits end, and those who wait for it are told.
void Exchange::leave_cache() {
  if (!caches_) return;
  caches_ = false;
  CacheCall& call = *cache_;
  WorkerCache& cache = *resources_->cache;
  cache.desk.cancel(call);
  if (call.lookup.waits) cache.redis->cancel(call.lookup);
  call.lookup.waits = false;
  if (call.lock.held) cache.redis->unlock(call.lock);
  if (call.leads) {
    const bool says_nothing_of_owner = outcome_.index() == Outcome::consumer_gone().index() ||
                                       (call.failed && !tells_of_owner(call.error.code));
    if (says_nothing_of_owner) {
      cache.desk.leave(call.flight);
    } else if (call.failed || status_ >= 500) {
      cache.desk.fail(call.flight, call.failed ? call.error : kOwnerFailed);
    } else {
      cache.desk.give_up(call.flight, false, resources_->network.now());
    }
  }
  if (!call.refreshes) endpoint_metrics().cache[static_cast<std::size_t>(call.result)].add();
  call.reset();
}

}  // namespace usher::proxy
