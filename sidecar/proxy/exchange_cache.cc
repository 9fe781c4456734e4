// Kept answers in an Exchange: given to the consumer, in place of an owner that cannot answer or
// while it is asked anew; and what of the owner's answer is kept.

#include <algorithm>

#include "cache/kept_fields.h"
#include "http/http_date.h"
#include "policy/freshness.h"
#include "policy/jitter.h"
#include "proxy/background_calls.h"
#include "proxy/exchange.h"
#include "proxy/kept_answer.h"
#include "proxy/worker_cache.h"

namespace usher::proxy {
namespace {

// An answer that is not kept: is that the key's doing, so that all answers of it will not be, or
// that of this call, or of the moment?
bool is_of_the_key(policy::NotStored reason, int status) {
  const bool is_of_the_moment =
      status == 401 || status == 403 || status == 408 || status == 425 || status == 429;
  return reason != policy::NotStored::Credentials && !is_of_the_moment;
}

// Of a kept answer that the owner's 304 has freshened, by its fields as they are now.
policy::StoreDecision may_keep_on(const policy::CachePolicy& policy,
                                  const policy::StoreQuestion& question, const cache::Entry& kept,
                                  std::string_view lines) {
  http::ResponseHead head;
  head.status = kept.status();
  head.framing = http::Framing::ContentLength;
  head.content_length = kept.body().size();
  cache::read_lines(lines, head.fields);
  const http::Field* age = question.answer.fields.find(http::FieldId::Age);
  if (age != nullptr) head.fields.add(*age);
  policy::StoreQuestion again{.request = question.request,
                              .asked = question.asked,
                              .answer = head,
                              .request_ms = question.request_ms,
                              .response_ms = question.response_ms,
                              .jitter = question.jitter};
  return policy::may_store(policy, again);
}

}  // namespace

// --- kept answers -------------------------------------------------------------------------------

// Leaves by: Relay (more of it has to be sent); Finish.
Phase Exchange::serve_kept(const cache::EntryRef& entry) {
  CacheCall& call = *cache_;
  const std::int64_t now_ms = resources_->network.wall_ms();
  const KeptAnswer answer = call.has_condition || call.range
                                ? choose_form(*entry, head_.fields, call.range)
                                : KeptAnswer{*entry};
  close_after_ = close_after_ || resources_->draining;
  const Result<std::string_view> head =
      write_kept_head(answer, answer_facts(), now_ms, resources_->head_buffer);
  if (!head) {
    answer_error(head.error());
    return Phase::Finish;
  }
  status_ = answer.status();
  outcome_ = Outcome::status(status_);
  answer_begun_ = true;
  timer_.cancel();
  const std::string_view body =
      head_.method == http::Method::Head ? std::string_view{} : answer.body();
  const std::string_view first = body.substr(0, snapshot_->options.limits.buffer_bytes);
  const std::string_view parts[] = {*head, first};
  const bool has_room = consumer_->stream().write(parts);
  if (first.size() == body.size()) return Phase::Finish;
  call.relayed = entry;
  call.relayed_rest = body.substr(first.size());
  if (!has_room) consumer_->expect_writable();
  return Phase::Relay;
}

// Waits for: the consumer.  Leaves by: Finish.
Phase Exchange::relay_kept() {
  CacheCall& call = *cache_;
  while (!call.relayed_rest.empty()) {
    if (consumer_->is_write_stalled()) return Phase::Relay;
    const std::string_view run =
        call.relayed_rest.substr(0, snapshot_->options.limits.buffer_bytes);
    call.relayed_rest.remove_prefix(run.size());
    const std::string_view parts[] = {run};
    if (!consumer_->stream().write(parts)) consumer_->expect_writable();
  }
  return Phase::Finish;
}

bool Exchange::may_answer_stale() const {
  if (!caches_ || !cache_->kept || answer_begun_) return false;
  const cache::Entry& kept = *cache_->kept;
  return resources_->cache->shared.tags.is_good(kept.begun(), kept.tags()) &&
         policy::may_reuse_on_error(kept.freshness(), cache_->asked, cache_->has_credentials,
                                    resources_->network.wall_ms());
}

// In place of an owner that cannot answer. False: there is nothing to answer with.
bool Exchange::answer_stale() {
  if (!may_answer_stale()) return false;
  CacheCall& call = *cache_;
  const policy::Freshness& freshness = call.kept->freshness();
  const std::int64_t age_ms = freshness.age_ms(resources_->network.wall_ms());
  call.result = CacheResult::StaleOnError;
  call.status.hit((freshness.lifetime_ms - age_ms) / 1000, "stale-if-error");
  serve_kept(call.kept);
  relay_all_kept();
  return answer_begun_;
}

// The rest at once: the call is ending.
void Exchange::relay_all_kept() {
  CacheCall& call = *cache_;
  if (!call.relayed) return;
  const std::string_view parts[] = {call.relayed_rest};
  consumer_->stream().write(parts);
  call.relayed = {};
}

// Has it fetched anew behind the answer, unless somebody does already, or too many are being
// fetched so. False: it cannot be.
bool Exchange::refresh_behind(const cache::EntryRef& stale) {
  CacheCall& call = *cache_;
  WorkerCache& cache = *resources_->cache;
  if (cache.background == nullptr || !call.may_keep) return false;
  if (!call.leads && !cache.desk.try_lead(call.flight, resources_->network.now())) return true;
  call.leads = false;
  if (!cache.background->start({head_bytes_.data(), head_bytes_.size()}, *router_,
                               {.flight = call.flight, .stale = stale, .snapshot = snapshot_})) {
    cache.desk.leave(call.flight);
  }
  return true;
}

void Exchange::refresh(Consumer& consumer, const route::Router& router, std::string_view head,
                       const Refresh& refresh) {
  snapshot_ = refresh.snapshot;
  make_cache_call();
  caches_ = true;
  cache_->refreshes = cache_->leads = true;
  cache_->flight = refresh.flight;
  cache_->kept = refresh.stale;
  std::string_view rest;
  start(consumer, router, head, rest);
}

// --- what is kept of the owner's answer ---------------------------------------------------------

// An answer begins. True: it was the owner's word that the kept one is still good, which is what
// the consumer gets.
bool Exchange::begin_keeping(Try& t, const AnswerPart& part) {
  CacheCall& call = *cache_;
  const http::ResponseHead& head = *part.head;
  const policy::StoreQuestion question{.request = head_,
                                       .asked = call.asked,
                                       .answer = head,
                                       .request_ms = call.request_ms,
                                       .response_ms = resources_->network.wall_ms(),
                                       .jitter = 0.1 * policy::random_unit(resources_->random)};
  if (call.validates && head.status == 304) {
    freshen(t, question);
    return true;
  }
  if (!call.may_keep) return false;
  const policy::CachePolicy& policy = *endpoint_policy().cache;
  const policy::StoreDecision decision = policy::may_store(policy, question);
  call.freshness = decision.freshness;
  const bool has_memory = !resources_->memory.is_tight();
  if (decision.stores() && has_memory &&
      call.fill.begin(head, policy.max_object, question.response_ms)) {
    call.status.stored();
    return false;
  }
  const policy::NotStored reason =
      decision.stores() ? policy::NotStored::TooLarge : decision.reason;
  call.status.detail(policy::to_string(reason));
  endpoint_metrics().not_stored[static_cast<std::size_t>(reason)].add();
  // A failure is told at the call's end: another attempt may do better.
  if (head.status < 500) give_up_flight(is_of_the_key(reason, head.status) && has_memory);
  return false;
}

// The kept answer with the fields and the time of the owner's 304.
void Exchange::freshen(Try& t, const policy::StoreQuestion& question) {
  CacheCall& call = *cache_;
  // An answer without a Date was made when it came (RFC 9110 §6.6.1).
  const http::HttpDate now(question.response_ms);
  http::ResponseHead not_modified = question.answer;
  if (not_modified.fields.find(http::FieldId::Date) == nullptr) {
    not_modified.fields.add("Date", now.text(), http::FieldId::Date);
  }
  std::string lines;
  const bool is_acceptable = cache::merge_lines(call.kept->lines(), not_modified, lines);
  if (!is_acceptable) lines = call.kept->lines();
  policy::StoreDecision decision =
      may_keep_on(*endpoint_policy().cache, question, *call.kept, lines);
  if (!is_acceptable) decision.reason = policy::NotStored::Partial;
  if (!decision.stores()) {
    decision.freshness = call.kept->freshness();
    decision.freshness.generated_ms = question.response_ms;
  }
  cache::EntryParts parts = call.kept->parts();
  parts.lines = lines;
  parts.etag = cache::find_value(lines, "etag");
  parts.last_modified = cache::find_value(lines, "last-modified");
  parts.freshness = decision.freshness;
  parts.begun = call.begun;
  parts.generation = call.generation;
  parts.loaded_ms = question.response_ms;
  const cache::EntryRef entry = cache::Entry::make(parts);
  settle(t, {.end = policy::AttemptEnd::Answered, .status = question.answer.status});
  t.attempt.finish(body_.complete());
  if (decision.stores()) {
    keep(entry);
  } else {
    give_up_flight(false);
  }
  call.result = CacheResult::Revalidated;
  call.status.forward(CacheStatus::Forward::Stale, question.answer.status);
  if (decision.stores()) call.status.stored();
  move_to(serve_kept(entry));
  run();
}

// More of an answer that is kept.
void Exchange::go_on_keeping(const AnswerPart& part) {
  CacheCall& call = *cache_;
  if (!call.fill.active()) return;
  if (!part.trailers.empty() || !call.fill.add(part)) {
    give_up_flight(true);
  } else if (part.complete) {
    end_keeping();
  }
}

void Exchange::end_keeping() {
  CacheCall& call = *cache_;
  WorkerCache& cache = *resources_->cache;
  know_tags();
  std::vector<cache::Tag> tags = call.known_tags;
  const bool has_all_tags =
      cache.add_tags(call.key.scope, endpoint_policy().cache->tags, match_.parameters,
                     policy::TagTemplate::Source::Response, call.fill.body(), tags);
  cache::EntryParts parts = call.fill.parts();
  parts.key = call.key;
  parts.freshness = call.freshness;
  parts.endpoint = match_.endpoint->index;
  parts.begun = call.begun;
  parts.generation = call.generation;
  parts.loaded_ms = resources_->network.wall_ms();
  parts.tags = tags;
  if (!has_all_tags) {
    give_up_flight(true);
  } else {
    keep_variant(parts);
  }
  call.fill.clear();
}

// Where the owner's Vary chooses by fields that are not in the key already, the answer has a key of
// its own, and the first key leads there (RFC 9111 §4.1).
void Exchange::keep_variant(cache::EntryParts& parts) {
  CacheCall& call = *cache_;
  WorkerCache& cache = *resources_->cache;
  const std::string names = cache::names_beyond(call.fill.vary(), endpoint_policy().cache->vary);
  if (!names.empty()) {
    cache::EntryParts index = parts;
    index.kind = cache::EntryKind::Vary;
    index.lines = index.etag = index.last_modified = {};
    index.body = names;
    const cache::EntryRef leads_there = cache::Entry::make(index);
    cache.shared.memory.put(leads_there);
    if (cache.redis != nullptr) cache.redis->store(leads_there);
    parts.key = cache::variant_key(cache.hasher, call.key, names, head_.fields);
  }
  keep(cache::Entry::make(parts));
}

// Into both tiers, and to those who wait for it: unless something that it was made of has changed
// since it was asked for.
void Exchange::keep(const cache::EntryRef& entry) {
  CacheCall& call = *cache_;
  WorkerCache& cache = *resources_->cache;
  if (!cache.shared.tags.is_untouched(call.begun, entry->tags())) {
    if (call.leads) cache.desk.leave(call.flight);
    call.leads = false;
    return;
  }
  cache.shared.memory.put(entry);
  if (cache.redis != nullptr) cache.redis->store(entry);
  land(entry);
}

void Exchange::land(const cache::EntryRef& entry) {
  CacheCall& call = *cache_;
  if (!call.leads) return;
  call.leads = false;
  const Instant now = resources_->network.now();
  const bool is_fresh = policy::may_reuse(entry->freshness(), {}, false,
                                          resources_->network.wall_ms()) == policy::Reuse::Fresh;
  if (is_fresh) {
    resources_->cache->desk.land(call.flight, entry);
  } else {
    resources_->cache->desk.give_up(call.flight, false, now);
  }
}

// The answer is not one for those who wait. `for_all`: nor will the next ones of this key be.
void Exchange::give_up_flight(bool for_all) {
  CacheCall& call = *cache_;
  call.fill.clear();
  if (!call.leads) return;
  call.leads = false;
  resources_->cache->desk.give_up(call.flight, for_all, resources_->network.now());
}

}  // namespace usher::proxy
