// Exchange: one call of a consumer and its answer. THE FLOW: step() in exchange.cc is the life of a
// call, top to bottom.
//
// The outside enters through the on_… functions only: each records what happened and lets run() go
// on. Its attempts, what is made of their ends, and hedges are in exchange_attempts.cc; bytes,
// timers and places in exchange_sides.cc; kept answers in exchange_cache.cc and
// exchange_invalidation.cc. One variable, phase_, says where the call is; what may
// follow what stands in exchange_phase.h.
//
// Owner: its DownstreamConnection, one at a time, from the worker's ExchangePool.  Thread: worker.
// Memory: about 11 KiB, most of it the two heads' fields; the head's own bytes in head_bytes_, kept
// for the next call.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/timer_wheel.h"
#include "http/hop_by_hop.h"
#include "http/message.h"
#include "policy/circuit_breaker.h"
#include "policy/concurrency_limit.h"
#include "policy/idempotency_key.h"
#include "policy/outcome.h"
#include "policy/repeatability.h"
#include "policy/request_context.h"
#include "policy/retry_policy.h"
#include "proxy/attempt.h"
#include "proxy/cache_call.h"
#include "proxy/consumer.h"
#include "proxy/exchange_phase.h"
#include "proxy/held_answer.h"
#include "proxy/invalidation_call.h"
#include "proxy/local_reply.h"
#include "proxy/request_body.h"
#include "proxy/response_writer.h"
#include "proxy/worker_resources.h"
#include "route/router.h"

namespace usher::proxy {

struct OwnerRequest;
struct Refresh;

class Exchange final : private AttemptEvents,
                       private CacheCallEvents,
                       private InvalidationEvents,
                       private TimerEvents {
 public:
  explicit Exchange(WorkerResources& resources);
  ~Exchange();

  // Begins a call with its whole head, which is copied. `rest` are the bytes behind it: the body's
  // are taken off its front. `refusal`: what a head that is acceptable is answered all the same.
  void start(Consumer& consumer, const route::Router& router, std::string_view head,
             std::string_view& rest, const Error* refusal = nullptr);
  // Answers a head that is not acceptable.
  void reject(Consumer& consumer, const route::Router& router, const Error& error);
  // Begins a call that nobody waits for, with the head of an earlier one and by what that one went
  // by (background_calls.h).
  void refresh(Consumer& consumer, const route::Router& router, std::string_view head,
               const Refresh& refresh);
  // What tells a call that waited for a place that it has one.
  static net::Task& granted(policy::LimitWaiter& waiter) {
    return static_cast<PlaceWaiter&>(waiter).granted;
  }
  // How long its consumer may take; while there is a call.
  const policy::ConsumerTimeouts& timeouts() const { return snapshot_->options.timeouts; }
  // Lets go of what the call that has ended went by.
  void recycle() { snapshot_.reset(); }

  // The consumer sent more: the body's bytes are taken off the front of `bytes`.
  void on_consumer_bytes(std::string_view& bytes);
  void on_consumer_writable();
  // The consumer's connection is gone, or has taken nothing for too long.
  void on_consumer_gone();
  // The consumer sent nothing for too long while its body was awaited.
  void on_consumer_stalled();

  Phase phase() const { return phase_; }
  bool awaits_body() const { return phase_ != Phase::Idle && !body_.complete(); }

 private:
  void begin(Consumer& consumer, const route::Router& router);
  void refuse_head(const Error& error);

  void run();
  Phase step();
  void move_to(Phase next);

  Phase route();
  Phase context();
  Phase look_up();
  Phase hold_body();
  Phase limit();
  Phase admit();
  Phase attempt();
  Phase await_redis();
  Phase relay();
  Phase finish();

  // --- attempts (exchange_attempts.cc) ---

  // One try of the call, and what has to be settled when it has ended.
  struct Try {
    explicit Try(AttemptEvents& events) : attempt(events) {}

    Attempt attempt;
    policy::BreakerPermit permit;
    Instant started{};
    Instant deadline = kNever;              // for its answer's head
    Duration took{};                        // until its answer's head
    std::optional<Duration> retry_after{};  // of an answer that is a failure
    bool written = false;                   // has its head
    bool open = false;                      // begun, and not settled
  };

  Phase start_try(Try& t, const policy::BreakerPermit& permit);
  std::optional<policy::BreakerPermit> ask_breaker();
  Try& try_of(const Attempt& attempt) { return &attempt == &first_.attempt ? first_ : *second_; }
  Try* other_open(const Try& t);
  policy::Outcome outcome_of(const Error& error, const Try& t) const;
  void settle(Try& t, const policy::Outcome& outcome);
  void abandon_tries(policy::AttemptEnd end);
  void fail_try(Try& t, const Error& error);
  Phase after_failure(Try& t, const Error& error);
  Phase try_again(const policy::Outcome& outcome, const Error& error,
                  std::optional<Duration> retry_after = {}, bool advised_against = false);
  bool declines_repeats() const;  // the consumer says that it be not sent again
  Phase again(const Error& error, Duration delay);
  Phase give_up(const Error& error);
  upstream::Cluster& cluster() { return *snapshot_->clusters[match_.endpoint->cluster]; }
  void arm_hedge();  // exchange_hedge.cc
  void hedge();

  void on_attempt_connected(Attempt& attempt) override;
  void on_attempt_interim(Attempt& attempt, const http::ResponseHead& head) override;
  void on_attempt_answer(Attempt& attempt, const AnswerPart& part) override;
  void on_attempt_writable(Attempt& attempt) override;
  void on_attempt_failed(Attempt& attempt, const Error& error) override;

  bool take_answer(Try& t, const http::ResponseHead& head);
  bool is_worth_holding(int status) const;
  void hold_answer(Try& t, const AnswerPart& part);
  void relay_answer(Try& t, const AnswerPart& part);

  // --- kept answers (exchange_lookup.cc, exchange_flight.cc, exchange_cache.cc) ---

  CacheCall& make_cache_call();
  bool enter_cache();
  Phase look_in_memory();
  Phase try_kept(cache::EntryRef entry, bool is_good, CacheResult source);
  void join_flight();
  bool ask_redis(const cache::CacheKey& key);
  void know_tags();
  void begin_fetch();
  Phase take_landed(const cache::EntryRef& entry);
  Phase ask_owner();
  void add_conditions(OwnerRequest& request);
  Phase serve_kept(const cache::EntryRef& entry);
  Phase relay_kept();
  void relay_all_kept();
  bool may_answer_stale() const;
  bool answer_stale();
  bool refresh_behind(const cache::EntryRef& stale);
  bool begin_keeping(Try& t, const AnswerPart& part);
  void go_on_keeping(const AnswerPart& part);
  void end_keeping();
  void keep_variant(cache::EntryParts& parts);
  void keep(const cache::EntryRef& entry);
  void freshen(Try& t, const policy::StoreQuestion& question);
  void land(const cache::EntryRef& entry);
  void give_up_flight(bool for_all);
  void leave_cache();
  void on_lookup_timer();
  void on_flight(const cache::FlightNews& news) override;
  void on_looked_up(cache::EntryRef entry, std::uint64_t generation) override;
  bool await_lock();
  void on_locked(bool got) override;

  // --- what becomes stale (exchange_invalidation.cc) ---

  bool changes_anything() const;
  bool changes_by_body() const;
  void name_changes(cache::ScopeId scope, const http::ResponseHead* answer,
                    std::vector<cache::Tag>& tags);
  void invalidate(const http::ResponseHead* answer);
  bool await_invalidation(Try& t, const AnswerPart& part);
  void hold_until_invalidated(Try& t, const AnswerPart& part);
  void leave_invalidation();
  void on_invalidated(InvalidatedScope& scope) override;

  // --- the rest of both sides (exchange_sides.cc) ---

  void on_timer(Timer& timer) override;
  void on_try_timer();
  void on_relay_timer();
  void on_limit_timer();

  bool send_request(Try& t);
  bool forward_answer(const AnswerPart& part);
  void pass_body_on(std::string_view& bytes);
  void restart_try();
  void expect_answer();

  // Waits in the queue of a limit; told at the end of the turn in which another call left.
  struct PlaceWaiter final : policy::LimitWaiter {
    explicit PlaceWaiter(Exchange& waiting) : granted(waiting) {}
    struct Granted final : net::Task {
      explicit Granted(Exchange& waiting) : exchange(&waiting) {}
      void run() override { exchange->on_place(); }
      Exchange* exchange;
    } granted;
  };
  policy::ConcurrencyLimit& limit_at(std::size_t index);
  void on_place();
  void leave_places();

  void end_with(const Error& error);
  void fail(const Error& error);
  void answer_error(const Error& error);
  bool answer_fallback(int status);
  Phase answer_options();
  void drop_trailers();
  ReplyFacts reply_facts(std::string_view allow);
  AnswerFacts answer_facts() const;
  void send_reply(int status, std::string_view answer);
  void count_shed();
  void account();
  int retry_attempt() const;
  std::uint64_t fingerprint() const;
  bool is_repeat() const;
  void remember_failure();
  void count_timeout(const Error& error);
  bool is_repeatable() const { return policy::may_repeat(repeatability_); }
  bool is_background() const { return caches_ && cache_->refreshes; }
  EndpointMetrics& endpoint_metrics();
  const policy::EndpointPolicy& endpoint_policy() const { return match_.endpoint->policy; }

  WorkerResources* resources_;
  Consumer* consumer_ = nullptr;
  std::shared_ptr<WorkerSnapshot> snapshot_;  // while there is a call
  const route::Router* router_ = nullptr;     // of that
  Phase phase_ = Phase::Idle;

  std::vector<char> head_bytes_;
  http::RequestHead head_;
  http::ConnectionOptions connection_options_;
  route::RouteMatch match_;
  policy::RequestContext context_;
  policy::IdempotencyKey key_;
  policy::Repeatability repeatability_ = policy::Repeatability::Unsafe;
  RequestBody body_;
  MemoryCharge charge_;  // of this object while it has a call
  ResponseWriter answer_;

  PlaceWaiter waiter_{*this};
  std::size_t places_ = 0;     // of the limits, in the order of limit_at()
  bool awaits_place_ = false;  // queued, or granted and not told yet

  Try first_{*this};
  std::unique_ptr<Try> second_;  // a hedge
  Try* try_ = &first_;           // the one whose answer is taken
  int hedges_ = 0;
  policy::RetryState retry_;
  Error last_error_{ErrorCode::UpstreamReset};  // of the attempt before
  std::unique_ptr<HeldAnswer> held_;
  bool holding_ = false;     // the answer that arrives is held back
  bool give_held_ = false;   // it is what the consumer gets
  bool fresh_only_ = false;  // the next attempt takes no used connection
  policy::HostSet tried_;    // an attempt goes elsewhere when it can
  bool consumer_retries_ = false;

  std::unique_ptr<CacheCall> cache_;
  bool caches_ = false;  // this call is one for the cache
  std::unique_ptr<InvalidationCall> changes_;
  bool invalidated_ = false;  // what it makes stale has been said

  Duration retry_in_{};  // CIRCUIT_OPEN: when the breaker lets a call through

  Instant started_{};
  Instant deadline_ = kNever;  // of the whole call
  Instant progress_at_{};      // the last byte of the answer, in Relay
  Timer timer_{*this};
  Timer hedge_timer_{*this};
  int attempts_ = 0;
  bool sent_ = false;            // some byte of it may have reached the owner, in any attempt
  bool answer_begun_ = false;    // some byte of the answer went to the consumer
  bool close_after_ = false;     // the consumer's connection ends with this call
  bool reset_consumer_ = false;  // … and not as if the answer were whole
  int status_ = 0;               // of the answer, for the log
  Outcome outcome_ = Outcome::consumer_gone();
  std::string_view error_name_;  // for the log; empty when the owner answered
};

}  // namespace usher::proxy
