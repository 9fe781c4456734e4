// The two sides of an Exchange: what its consumer and its owner do, and how bytes go from one to
// the other. The flow that they drive is in exchange.cc.

#include <algorithm>

#include "base/check.h"
#include "proxy/exchange.h"
#include "proxy/local_reply.h"
#include "proxy/request_writer.h"

namespace usher::proxy {
namespace {

constexpr Error kBodyTimeout = {ErrorCode::RequestTimeout, Retry::No,
                                "the body did not arrive in time", Timeout::RequestBody};
constexpr Error kTryTimeout = {ErrorCode::UpstreamTimeout, Retry::No,
                               "the owner did not answer in time", Timeout::FirstByte};
constexpr Error kCallTimeout = {ErrorCode::DeadlineExceeded, Retry::No,
                                "the call took longer than its timeout", Timeout::Call};

}  // namespace

// --- the consumer's side ------------------------------------------------------------------------

void Exchange::start(Consumer& consumer, const route::Router& router, std::string_view head,
                     std::string_view& rest, const Error* refusal) {
  begin(consumer, router);
  head_bytes_.assign(head.begin(), head.end());
  const Status parsed = http::parse_request_head({head_bytes_.data(), head_bytes_.size()},
                                                 snapshot_->options.limits.head, head_);
  if (!parsed) {
    refuse_head(parsed.error());
    return;
  }
  charge_.set(sizeof(Exchange) + head_bytes_.capacity());
  context_.read_trace(head_.fields, resources_->random);
  close_after_ = !head_.keep_alive;
  body_.start(head_);
  move_to(Phase::Route);
  if (const Status received = body_.receive(rest); !received) {
    end_with(received.error());
  } else if (refusal != nullptr) {
    end_with(*refusal);
  } else if (resources_->draining) {
    end_with(kGoingDown);
  } else if (resources_->memory.is_spent()) {
    end_with(kNoMemory);
  } else {
    run();
  }
}

void Exchange::reject(Consumer& consumer, const route::Router& router, const Error& error) {
  begin(consumer, router);
  refuse_head(error);
}

void Exchange::begin(Consumer& consumer, const route::Router& router) {
  USHER_CHECK(phase_ == Phase::Idle);
  consumer_ = &consumer;
  if (snapshot_ == nullptr) snapshot_ = resources_->snapshot;
  router_ = &router;
  match_ = {};
  started_ = resources_->network.now();
  deadline_ = started_;
  attempts_ = status_ = hedges_ = 0;
  sent_ = answer_begun_ = close_after_ = reset_consumer_ = false;
  holding_ = give_held_ = fresh_only_ = consumer_retries_ = false;
  try_ = &first_;
  second_.reset();  // not when its call ended, which may have been an event of its own
  retry_ = {};
  retry_in_ = {};
  tried_ = {};
  repeatability_ = policy::Repeatability::Unsafe;
  error_name_ = {};
  answer_.reset();
  resources_->metrics.calls_active.add();
}

// There is no head to go by: nothing of it is used, and where the next one begins is not known.
void Exchange::refuse_head(const Error& error) {
  head_.fields.clear();
  head_.method = http::Method::Other;
  head_.method_name = {};
  head_.http_1_0 = false;
  context_.read_trace(head_.fields, resources_->random);
  close_after_ = true;
  end_with(error);
}

void Exchange::on_consumer_bytes(std::string_view& bytes) {
  if (try_->attempt.connected() && try_->written && !body_.is_held()) {
    pass_body_on(bytes);
    return;
  }
  if (const Status received = body_.receive(bytes); !received) {
    end_with(received.error());
    return;
  }
  if (!body_.is_held() && body_.waiting_bytes() > snapshot_->options.limits.buffer_bytes) {
    consumer_->pause(PauseReason::OwnerIsSlow);
  }
  run();
}

void Exchange::pass_body_on(std::string_view& bytes) {
  bool room = true;
  while (!bytes.empty() && !body_.complete()) {
    FramedParts parts;
    if (const Status passed = body_.pass_on(bytes, parts); !passed) {
      end_with(passed.error());
      return;
    }
    if (!parts.empty()) room = try_->attempt.write(parts.view());
  }
  if (!room) consumer_->pause(PauseReason::OwnerIsSlow);
  if (body_.complete() && phase_ == Phase::Attempt) restart_try();
}

void Exchange::on_consumer_writable() {
  progress_at_ = resources_->network.now();
  if (caches_ && cache_->relayed) {
    run();
    return;
  }
  try_->attempt.resume_reading();
}

void Exchange::on_consumer_gone() {
  close_after_ = reset_consumer_ = true;
  outcome_ = Outcome::consumer_gone();
  error_name_ = "CONSUMER_GONE";
  move_to(Phase::Finish);
  run();
}

void Exchange::on_consumer_stalled() {
  end_with(kBodyTimeout);
}

// --- the owner's side ---------------------------------------------------------------------------

bool Exchange::send_request(Try& t) {
  const Instant now = resources_->network.now();
  OwnerRequest request{.head = head_,
                       .connection_options = connection_options_,
                       .match = match_,
                       .context = context_,
                       .body = body_,
                       .authority = t.attempt.authority(),
                       .consumer = snapshot_->options.consumer,
                       .made_key = key_.is_made() ? key_.value() : std::string_view{},
                       .retry_attempt = retry_attempt(),
                       .time_left = policy::Deadline(deadline_).for_attempt(now, t.deadline - now),
                       .wall_ms = resources_->network.wall_ms(),
                       .may_keep = caches_ && cache_->may_keep};
  if (caches_) add_conditions(request);
  std::string reason;
  const Result<std::string_view> head =
      write_owner_head(request, snapshot_->signers[match_.endpoint->signer], resources_->random,
                       resources_->head_buffer, reason);
  if (!head) {
    if (!reason.empty()) {
      LogLine(LogLevel::Error, "signing failed")
          .field("service", match_.endpoint->service)
          .field("reason", reason);
    }
    fail(head.error());
    return false;
  }
  t.written = true;
  // The connection may be one that the owner is closing just now, or there may be another attempt.
  if (t.attempt.reused() || (is_repeatable() && endpoint_policy().retry.attempts > 1)) {
    body_.keep(snapshot_->options.limits.replay_bytes);
  }
  FramedParts first;
  first.add(*head);
  std::size_t taken = body_.add_waiting(first);
  bool room = t.attempt.write(first.view());
  body_.taken(taken);
  while (body_.waiting_bytes() > 0) {
    FramedParts more;
    taken = body_.add_waiting(more);
    room = t.attempt.write(more.view());
    body_.taken(taken);
  }
  if (room) consumer_->resume(PauseReason::OwnerIsSlow);
  return true;
}

void Exchange::on_attempt_writable(Attempt&) {
  consumer_->resume(PauseReason::OwnerIsSlow);
}

// 100 is not passed on: the consumer that waits for one has had Usher's own. A consumer that does
// not even read its answers needs no hints.
void Exchange::on_attempt_interim(Attempt&, const http::ResponseHead& head) {
  net::Stream& consumer = consumer_->stream();
  if (head.status == 100 || head_.http_1_0 || consumer.queued_bytes() > 0) return;
  ResponseWriter::send_interim(consumer, head, resources_->head_buffer);
}

// False when the call has ended over it.
bool Exchange::forward_answer(const AnswerPart& part) {
  Result<bool> room = true;
  if (part.head != nullptr) {
    status_ = part.head->status;
    close_after_ = close_after_ || !body_.complete() || resources_->draining;
    room = answer_.begin(consumer_->stream(), part, answer_facts(), resources_->head_buffer);
    if (!room) {
      end_with(room.error());
      return false;
    }
    answer_begun_ = true;
  } else {
    room = answer_.go_on(consumer_->stream(), part);
  }
  if (!*room && !part.complete) {
    try_->attempt.pause_reading();
    consumer_->expect_writable();
  }
  return true;
}

// What an answer's head says beside its own fields.
AnswerFacts Exchange::answer_facts() const {
  return {.context = context_,
          .endpoint = match_.endpoint->name,
          .attempts = attempts_,
          .annotate = snapshot_->options.annotate,
          .retried = attempts_ > 1,
          .close = close_after_,
          .consumer_http_1_0 = head_.http_1_0,
          .keep_alive = snapshot_->keep_alive,
          .cache_status = caches_ ? cache_->status.view() : std::string_view{},
          .invalidation_failed = invalidated_ && changes_->failed()};
}

// --- time ---------------------------------------------------------------------------------------

void Exchange::on_timer(Timer& timer) {
  if (&timer == &hedge_timer_) {
    hedge();
  } else if (phase_ == Phase::Relay) {
    on_relay_timer();
  } else if (phase_ == Phase::Limit) {
    on_limit_timer();
  } else if (phase_ == Phase::Lookup) {
    on_lookup_timer();
  } else if (phase_ == Phase::Backoff) {
    move_to(Phase::Admit);
    run();
  } else {
    on_try_timer();
  }
}

// The time of a try is the owner's: it does not run while the owner waits for a body that the
// consumer is still sending (whose progress DownstreamConnection watches).
void Exchange::on_try_timer() {
  const bool is_over = resources_->network.now() >= deadline_;
  const bool consumer_is_sending =
      !body_.complete() && !consumer_->is_paused(PauseReason::OwnerIsSlow);
  if (!is_over && consumer_is_sending) {
    restart_try();
  } else if (consumer_is_sending) {
    end_with(kBodyTimeout);
  } else if (phase_ == Phase::HoldBody) {
    end_with(kCallTimeout);
  } else {
    fail_try(*try_, is_over ? kCallTimeout : kTryTimeout);
  }
}

void Exchange::on_limit_timer() {
  if (resources_->network.now() >= deadline_) {
    end_with(kCallTimeout);
  } else {
    end_with({ErrorCode::Overloaded, Retry::Yes,
              "the calls that are on their way to the owner left no place in time"});
  }
}

// Progress moves the time without touching the timer, which finds out when it fires.
void Exchange::on_relay_timer() {
  const Instant now = resources_->network.now();
  if (now >= deadline_) {
    end_with(kCallTimeout);
  } else if (consumer_->is_write_stalled() || now - progress_at_ < endpoint_policy().body_timeout) {
    expect_answer();
  } else {
    end_with({ErrorCode::UpstreamTimeout, Retry::No, "the owner did not go on with its answer",
              Timeout::AnswerBody});
  }
}

// More of the answer. While the consumer does not take it, none is asked for.
void Exchange::expect_answer() {
  const Instant since = consumer_->is_write_stalled() ? resources_->network.now() : progress_at_;
  resources_->network.arm(timer_, std::min(deadline_, since + endpoint_policy().body_timeout));
}

void Exchange::restart_try() {
  if (!try_->open) return;
  const Duration per_try = endpoint_policy().per_try_timeout;
  try_->deadline = std::min(deadline_, resources_->network.now() + per_try);
  resources_->network.arm(timer_, try_->deadline);
}

// --- places -------------------------------------------------------------------------------------

policy::ConcurrencyLimit& Exchange::limit_at(std::size_t index) {
  return index == 0 ? *snapshot_->endpoint_limits[match_.endpoint->index]
                    : *snapshot_->owner_limits[match_.endpoint->cluster];
}

// Another call has left its place to this one.
void Exchange::on_place() {
  awaits_place_ = false;
  ++places_;
  run();
}

void Exchange::leave_places() {
  if (awaits_place_) {
    awaits_place_ = false;
    if (waiter_.queued()) {
      limit_at(places_).cancel(waiter_);
    } else {
      waiter_.granted.unlink();
      ++places_;
    }
  }
  while (places_ > 0) {
    policy::LimitWaiter* next = limit_at(--places_).leave();
    if (next != nullptr) resources_->network.defer(granted(*next));
  }
}

// --- repeats ------------------------------------------------------------------------------------

// The attempt's number as the owner is told it; 0: as the consumer says.
int Exchange::retry_attempt() const {
  return attempts_ > 1 ? policy::read_retry_attempt(head_.fields) + attempts_ - 1 : 0;
}

// Of a consumer's call that it may repeat by itself; 0 when it could not be recognised. A body that
// streams by is not known yet, so such a call is known by its key alone.
std::uint64_t Exchange::fingerprint() const {
  const bool by_key = !key_.is_made() && key_.usable();
  if (!by_key && body_.exists()) return 0;
  const http::Field* trace = head_.fields.find(http::FieldId::TraceId);
  return policy::RepeatDetector::fingerprint(
      {.endpoint =  // its counters are the next Snapshot's too
       reinterpret_cast<std::uintptr_t>(snapshot_->counters[match_.endpoint->index].get()),
       .idempotency_key = by_key ? key_.value() : std::string_view{},
       .tenant = context_.tenant(),
       .trace_id = trace == nullptr ? std::string_view{} : trace->value,
       .target = head_.target});
}

bool Exchange::is_repeat() const {
  if (policy::read_retry_attempt(head_.fields) > 0) return true;
  return resources_->repeats.remembers() &&
         resources_->repeats.repeats(fingerprint(), resources_->network.now());
}

void Exchange::remember_failure() {
  if (match_.endpoint == nullptr || attempts_ == 0) return;
  resources_->repeats.failed(fingerprint(), resources_->network.now());
}

}  // namespace usher::proxy
