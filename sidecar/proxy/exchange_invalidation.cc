// What a mutation makes stale: in this process at once, in Redis and with it in every other sidecar
// before its consumer learns that it was done (Phase::Invalidate).

#include "base/bytes.h"
#include "proxy/exchange.h"
#include "proxy/worker_cache.h"

namespace usher::proxy {
namespace {

// The path of a Location or Content-Location that leads to the same origin (RFC 9111 §4.4); empty:
// it does not.
std::string_view path_of(std::string_view location, std::string_view host) {
  const std::size_t scheme = location.find("://");
  if (scheme != std::string_view::npos) {
    location.remove_prefix(scheme + 3);
    const std::size_t slash = location.find('/');
    if (slash == std::string_view::npos || location.substr(0, slash) != host) return {};
    location.remove_prefix(slash);
  }
  const bool is_path = location.starts_with('/') && !location.starts_with("//");
  return is_path ? location : std::string_view{};
}

}  // namespace

// Does this call make anything stale?
bool Exchange::changes_anything() const {
  const policy::EndpointPolicy& policy = endpoint_policy();
  return resources_->cache != nullptr && snapshot_->options.caches &&
         policy::is_mutation(head_.method) && !policy.safe &&
         (policy.invalidates_path || !policy.invalidates.empty());
}

// Needs values of the call's body for it.
bool Exchange::changes_by_body() const {
  if (!changes_anything()) return false;
  for (const policy::TagTemplate& tag : endpoint_policy().invalidates) {
    if (tag.source() == policy::TagTemplate::Source::Request) return true;
  }
  return false;
}

void Exchange::name_changes(cache::ScopeId scope, const http::ResponseHead* answer,
                            std::vector<cache::Tag>& tags) {
  WorkerCache& cache = *resources_->cache;
  const std::string& service = match_.endpoint->service;
  tags.clear();
  cache.add_path_tag(scope, service, head_.target, tags);
  for (const auto source :
       {policy::TagTemplate::Source::None, policy::TagTemplate::Source::Request}) {
    if (source == policy::TagTemplate::Source::Request && !changes_by_body()) continue;
    changes_->is_readable = cache.add_tags(scope, endpoint_policy().invalidates, match_.parameters,
                                           source, body_.held(), tags) &&
                            changes_->is_readable;
  }
  if (!changes_->is_readable) cache.add_scope_tag(scope, tags);  // it may have been anything
  if (answer == nullptr) return;
  for (const http::Field& field : answer->fields) {
    const bool is_location = equals_ignoring_case(field.name, "Location") ||
                             equals_ignoring_case(field.name, "Content-Location");
    if (!is_location) continue;
    const std::string_view path = path_of(field.value, head_.host);
    if (!path.empty()) cache.add_path_tag(scope, service, path, tags);
  }
}

// Answers are stale from here on in this process; Redis is told. `answer` is null when there is
// none, and nobody knows whether it was done.
void Exchange::invalidate(const http::ResponseHead* answer) {
  WorkerCache& cache = *resources_->cache;
  InvalidationEvents& events = *this;
  if (changes_ == nullptr) changes_ = std::make_unique<InvalidationCall>(events);
  invalidated_ = changes_->is_readable = true;
  changes_->tenant.scope =
      cache::scope_of(cache.hasher, policy::CacheScope::Tenant, context_.tenant());
  changes_->everybody.scope = cache::scope_of(cache.hasher, policy::CacheScope::Public, {});
  for (InvalidatedScope* scope : {&changes_->tenant, &changes_->everybody}) {
    name_changes(scope->scope, answer, scope->tags);
    for (const cache::Tag& tag : scope->tags) cache.shared.tags.invalidate(tag);
    scope->failed = false;
    if (cache.redis == nullptr) continue;
    scope->waits = cache.redis->invalidate(*scope, scope->scope, scope->tags);
    scope->failed = !scope->waits;
    if (scope->failed) cache.redis->invalidate_later(scope->scope, scope->tags);
  }
}

// An answer begins, of a call that may have changed something. True: it waits until Redis knows.
bool Exchange::await_invalidation(Try& t, const AnswerPart& part) {
  const int status = part.head->status;
  // What an owner refuses it has not done; but an earlier attempt may have been.
  const bool is_refused = status >= 400 && status < 500 && !sent_;
  if (invalidated_ || !changes_anything() || is_refused) return false;
  invalidate(part.head);
  if (!changes_->waits()) return false;
  timer_.cancel();
  move_to(Phase::Invalidate);
  if (held_ == nullptr) held_ = std::make_unique<HeldAnswer>();
  if (part.head == &held_->head()) {  // it was held back already, and is too large for that
    t.attempt.pause_reading();
    return true;
  }
  held_->begin(*part.head);
  hold_until_invalidated(t, part);
  return true;
}

void Exchange::hold_until_invalidated(Try& t, const AnswerPart& part) {
  held_->add(part);
  if (part.complete) {
    settle(t, {.end = policy::AttemptEnd::Answered, .status = held_->head().status});
    t.attempt.finish(body_.complete());
  } else {
    t.attempt.pause_reading();
  }
}

// Waits for: Redis.  Leaves by: Relay.
Phase Exchange::await_redis() {
  if (changes_->waits()) return Phase::Invalidate;
  give_held_ = held_->whole();
  return Phase::Relay;
}

void Exchange::on_invalidated(InvalidatedScope& scope) {
  if (scope.failed) resources_->cache->redis->invalidate_later(scope.scope, scope.tags);
  if (changes_->waits() || phase_ != Phase::Invalidate) return;
  if (held_->whole()) {
    run();
    return;
  }
  relay_answer(*try_, held_->part());
  if (held_ != nullptr) held_->clear();
  if (phase_ == Phase::Relay) try_->attempt.resume_reading();
}

void Exchange::leave_invalidation() {
  if (!invalidated_) return;
  invalidated_ = false;
  const CacheInvalidation outcome = changes_->waits() || changes_->failed()
                                        ? CacheInvalidation::Late
                                    : changes_->is_readable ? CacheInvalidation::Done
                                                            : CacheInvalidation::Unreadable;
  endpoint_metrics().invalidations[static_cast<std::size_t>(outcome)].add();
  for (InvalidatedScope* scope : {&changes_->tenant, &changes_->everybody}) {
    if (!scope->waits) continue;
    resources_->cache->redis->cancel(*scope);  // Redis is told all the same
    scope->waits = false;
  }
}

}  // namespace usher::proxy
