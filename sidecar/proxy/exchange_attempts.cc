// The attempts of an Exchange: each is begun with a breaker's permit and settled exactly once, with
// what its end says of the owner; then it is decided whether there is another one. A hedged call
// has two at a time, and the first good answer wins.

#include <algorithm>

#include "base/bytes.h"
#include "policy/retry_after.h"
#include "proxy/exchange.h"

namespace usher::proxy {
namespace {

// A call that may not be repeated gets a connection that the owner has hardly had the time to
// close.
constexpr Duration kMaxIdleForUnrepeatable = std::chrono::seconds(1);
constexpr Duration kFreshOnly = Duration(-1);

constexpr Error kCircuitOpen = {ErrorCode::CircuitOpen, Retry::No, "the owner is not answering"};
constexpr Error kNoTime = {ErrorCode::DeadlineExceeded, Retry::No, "no time is left for this call",
                           Timeout::Call};

// "X-Retry: off" of a consumer, "X-Retry-Advice: no" of an owner.
bool says(const http::Fields& fields, std::string_view name, std::string_view value) {
  return std::any_of(fields.begin(), fields.end(), [&](const http::Field& field) {
    return equals_ignoring_case(field.name, name) && equals_ignoring_case(field.value, value);
  });
}

// Of answers that may be retried, or count against the owner.
std::optional<Duration> retry_after_of(const http::ResponseHead& head, std::int64_t wall_ms) {
  if (head.status != 429 && head.status < 500) return std::nullopt;
  const http::Field* field = head.fields.find(http::FieldId::RetryAfter);
  if (field == nullptr) return std::nullopt;
  return policy::parse_retry_after(field->value,
                                   std::chrono::sys_seconds(std::chrono::seconds(wall_ms / 1000)));
}

// A kept answer is better than these, even a stale one (RFC 5861 §4).
bool says_owner_failed(int status) {
  return status == 500 || status == 502 || status == 503 || status == 504;
}

}  // namespace

// --- begin --------------------------------------------------------------------------------------

// Leaves by: Attempt; Backoff (another attempt); Relay (an answer that was held back); Finish
// (DEADLINE_EXCEEDED, CIRCUIT_OPEN, or no connection can be had).
Phase Exchange::admit() {
  const Instant now = resources_->network.now();
  const policy::Deadline deadline(deadline_);
  if (deadline.for_attempt(now, endpoint_policy().per_try_timeout) < std::chrono::milliseconds(1)) {
    count_timeout(kNoTime);
    return give_up(kNoTime);
  }
  const std::optional<policy::BreakerPermit> permit = ask_breaker();
  // A breaker that opened between two attempts does not hide what the last one said.
  if (!permit) return give_up(attempts_ > 0 ? last_error_ : kCircuitOpen);
  if (attempts_ == 0) {
    policy::RetryBudget& budget = snapshot_->shared->budget(*match_.endpoint);
    if (consumer_retries_) {
      budget.withdraw(now);
    } else {
      budget.call(now);
    }
    if (policy::HedgePolicy* hedges = snapshot_->shared->hedges(*match_.endpoint))
      hedges->call(now);
  }
  return start_try(first_, *permit);
}

// Nothing: it is open.
std::optional<policy::BreakerPermit> Exchange::ask_breaker() {
  NamedBreaker* named = snapshot_->shared->breaker(*match_.endpoint);
  if (named == nullptr) return policy::BreakerPermit{};
  const policy::BreakerPermit permit = named->breaker().admit(
      resources_->network.now(), endpoint_policy().per_try_timeout, resources_->random);
  retry_in_ = permit.retry_in;
  return permit.granted ? std::optional(permit) : std::nullopt;
}

Phase Exchange::start_try(Try& t, const policy::BreakerPermit& permit) {
  const policy::EndpointPolicy& policy = endpoint_policy();
  ++attempts_;
  t.permit = permit;
  t.started = resources_->network.now();
  t.retry_after = {};
  t.deadline = std::min(deadline_, t.started + policy.per_try_timeout);
  t.written = false;
  t.open = true;
  const upstream::LeaseOptions lease{.connect_timeout = policy.connect_timeout,
                                     .max_idle = fresh_only_ ? kFreshOnly
                                                 : is_repeatable()
                                                     ? upstream::ConnectionPool::kMaxKeepAlive
                                                     : kMaxIdleForUnrepeatable,
                                     .probe = !is_repeatable(),
                                     .tried = tried_};
  const Result<bool> started =
      t.attempt.start(cluster(), head_.method, snapshot_->options.limits.head, lease);
  if (t.attempt.host()) tried_.add(*t.attempt.host());
  if (!started) return after_failure(t, started.error());
  if (&t == try_) resources_->network.arm(timer_, t.deadline);
  return Phase::Attempt;
}

Exchange::Try* Exchange::other_open(const Try& t) {
  Try* other = &t == &first_ ? second_.get() : &first_;
  return other != nullptr && other->open ? other : nullptr;
}

void Exchange::on_attempt_connected(Attempt&) {
  run();
}

// Waits for: a connection; the answer's head.  Leaves by: Admit, Backoff and Relay (from events);
// Finish (SIGNING_FAILED, …).
Phase Exchange::attempt() {
  for (Try* t : {&first_, second_.get()}) {
    if (t == nullptr || !t->open || !t->attempt.connected() || t->written) continue;
    if (!send_request(*t)) return Phase::Finish;
    if (attempts_ == 1) arm_hedge();
  }
  return Phase::Attempt;
}

// --- end ----------------------------------------------------------------------------------------

policy::Outcome Exchange::outcome_of(const Error& error, const Try& t) const {
  using policy::AttemptEnd;
  const ErrorCode code = error.code;
  const bool is_timeout = code == ErrorCode::UpstreamTimeout || code == ErrorCode::DeadlineExceeded;
  if (error.timeout == Timeout::Connect || code == ErrorCode::UpstreamConnectFailed ||
      code == ErrorCode::NoHealthyAddress) {
    return {.end = AttemptEnd::NotSent};
  }
  if (!is_timeout && code != ErrorCode::UpstreamReset && code != ErrorCode::UpstreamProtocol) {
    return {.end = AttemptEnd::Local};
  }
  if (phase_ == Phase::Relay || phase_ == Phase::Invalidate) return {.end = AttemptEnd::BodyCut};
  if (code == ErrorCode::UpstreamProtocol) return {.end = AttemptEnd::BadAnswer};
  if (is_timeout) {
    return {
        .end = AttemptEnd::TimedOut,
        .hurried = policy::is_hurried(t.deadline - t.started, endpoint_policy().per_try_timeout)};
  }
  if (t.attempt.reused() && error.retry != Retry::No) return {.end = AttemptEnd::StaleConnection};
  return {.end = error.retry == Retry::Yes ? AttemptEnd::NotSent : AttemptEnd::Reset};
}

// Once for each try: gives the breaker its permit back and notes what may have been sent.
void Exchange::settle(Try& t, const policy::Outcome& outcome) {
  if (!t.open) return;
  t.open = false;
  sent_ = sent_ || t.attempt.sent_any();
  t.attempt.record(policy::judge(outcome, policy::FailureRules{}));
  const Instant now = resources_->network.now();
  const Duration took = t.took > Duration::zero() ? t.took : now - t.started;
  t.took = {};
  if (NamedBreaker* named = snapshot_->shared->breaker(*match_.endpoint)) {
    named->breaker().record(
        t.permit,
        {.verdict = policy::judge(outcome, snapshot_->shared->failures(*match_.endpoint)),
         .took = took,
         .retry_after = t.retry_after},
        now, resources_->random);
  }
  const auto& latency = snapshot_->latencies[match_.endpoint->index];
  if (latency != nullptr && outcome.end == policy::AttemptEnd::Answered) latency->record(took, now);
}

void Exchange::abandon_tries(policy::AttemptEnd end) {
  for (Try* t : {&first_, second_.get()}) {
    if (t == nullptr) continue;
    settle(*t, {.end = end});
    t->attempt.abort();
  }
  hedge_timer_.cancel();
}

void Exchange::on_attempt_failed(Attempt& attempt, const Error& error) {
  Try& t = try_of(attempt);
  if (phase_ == Phase::Relay || phase_ == Phase::Invalidate) {
    settle(t, outcome_of(error, t));
    end_with(error);
  } else {
    fail_try(t, error);
  }
}

void Exchange::fail_try(Try& t, const Error& error) {
  const Phase next = after_failure(t, error);
  if (next == phase_) return;
  move_to(next);
  run();
}

Phase Exchange::after_failure(Try& t, const Error& error) {
  count_timeout(error);
  const policy::Outcome outcome = outcome_of(error, t);
  settle(t, outcome);
  t.attempt.abort();
  if (holding_ && &t == try_) {  // what was to be held is cut
    held_->clear();
    holding_ = false;
  }
  if (Try* other = other_open(t)) {
    try_ = other;
    resources_->network.arm(timer_, other->deadline);
    arm_hedge();
    return Phase::Attempt;
  }
  if (outcome.end == policy::AttemptEnd::StaleConnection)
    endpoint_metrics().stale_connections.add();
  // A host that took no connection has got nothing of the call. That another one is asked at once
  // is part of finding the owner, and no repeat.
  if (outcome.end == policy::AttemptEnd::NotSent && body_.is_replayable() &&
      cluster().has_other(tried_)) {
    return again(error, Duration::zero());
  }
  return try_again(outcome, error);
}

bool Exchange::declines_repeats() const {
  return says(head_.fields, "X-Retry", "off");
}

Phase Exchange::again(const Error& error, Duration delay) {
  last_error_ = error;
  body_.rewind();
  try_ = &first_;
  if (delay == Duration::zero() && phase_ != Phase::Admit) return Phase::Admit;
  resources_->network.arm(timer_, resources_->network.now() + delay);
  return Phase::Backoff;
}

// Another attempt, at once or later; or the end.
Phase Exchange::try_again(const policy::Outcome& outcome, const Error& error,
                          std::optional<Duration> retry_after, bool advised_against) {
  const Instant now = resources_->network.now();
  const policy::RetryQuestion question{
      .outcome = outcome,
      // Of a call of which the owner has got nothing a second copy is the first.
      .repeatability =
          error.retry == Retry::Yes ? policy::Repeatability::Idempotent : repeatability_,
      .answer_begun = answer_begun_,
      .body_replayable = body_.is_replayable(),
      .consumer_retries = consumer_retries_,
      .advised_against = advised_against || declines_repeats() || is_background(),
      .other_host = cluster().has_other(tried_),
      .retry_after = retry_after,
      .deadline = policy::Deadline(deadline_)};
  const policy::RetryDecision decision =
      retry_.decide(endpoint_policy().retry, question, now,
                    snapshot_->shared->budget(*match_.endpoint), resources_->random);
  endpoint_metrics().retries[static_cast<std::size_t>(decision.verdict)].add();
  if (!decision.again()) return give_up(error);
  fresh_only_ = fresh_only_ || decision.verdict == policy::RetryVerdict::Transparent;
  return again(error, decision.delay);
}

// No more attempts: the owner's last word if there is one, else the error.
Phase Exchange::give_up(const Error& error) {
  if (held_ != nullptr && held_->whole()) {
    give_held_ = true;
    return Phase::Relay;
  }
  fail(error);
  return Phase::Finish;
}

// --- answers ------------------------------------------------------------------------------------

void Exchange::on_attempt_answer(Attempt& attempt, const AnswerPart& part) {
  Try& t = try_of(attempt);
  progress_at_ = resources_->network.now();
  if (part.head != nullptr && !take_answer(t, *part.head)) return;
  if (holding_) {
    hold_answer(t, part);
  } else {
    relay_answer(t, part);
  }
}

// An answer begins. False: it is not taken, since the other attempt may still give a better one.
bool Exchange::take_answer(Try& t, const http::ResponseHead& head) {
  const Instant now = resources_->network.now();
  t.took = std::max(now - t.started, Duration(1));
  t.retry_after = retry_after_of(head, resources_->network.wall_ms());
  hedge_timer_.cancel();
  const bool is_bad = is_worth_holding(head.status);
  if (Try* other = other_open(t)) {
    Try& loser = is_bad ? t : *other;
    settle(loser, is_bad
                      ? policy::Outcome{.end = policy::AttemptEnd::Answered, .status = head.status}
                      : policy::Outcome{.end = policy::AttemptEnd::Superseded});
    loser.attempt.abort();
    try_ = is_bad ? other : &t;
    if (is_bad) {
      resources_->network.arm(timer_, other->deadline);
      return false;
    }
    if (&t == second_.get()) endpoint_metrics().hedges_won.add();
  }
  holding_ = is_bad;
  if (!holding_) return true;
  if (held_ == nullptr) held_ = std::make_unique<HeldAnswer>();
  held_->begin(head);
  return true;
}

// A status for which there may be another attempt, or a fallback.
bool Exchange::is_worth_holding(int status) const {
  const policy::EndpointPolicy& policy = endpoint_policy();
  if (policy.fallback && policy.fallback->on.contains(status)) return true;
  if (says_owner_failed(status) && may_answer_stale()) return true;
  return policy.retry.statuses.contains(status) && is_repeatable() && !consumer_retries_ &&
         retry_.retries() + 1 < policy.retry.attempts && body_.is_replayable();
}

void Exchange::hold_answer(Try& t, const AnswerPart& part) {
  if (!held_->add(part)) {
    holding_ = false;
    relay_answer(t, held_->part());
    if (held_ != nullptr && phase_ != Phase::Invalidate) held_->clear();
    return;
  }
  if (!part.complete) return;
  holding_ = false;
  const http::ResponseHead& head = held_->head();
  const policy::Outcome outcome{.end = policy::AttemptEnd::Answered, .status = head.status};
  settle(t, outcome);
  t.attempt.finish(body_.complete());
  const bool advised_against = says(head.fields, "X-Retry-Advice", "no");
  move_to(try_again(outcome, {}, t.retry_after, advised_against));
  run();
}

void Exchange::relay_answer(Try& t, const AnswerPart& part) {
  if (phase_ == Phase::Invalidate && changes_->waits()) {  // of the read that began the answer
    hold_until_invalidated(t, part);
    return;
  }
  if (part.head != nullptr) {
    if (caches_ && begin_keeping(t, part)) return;
    if (await_invalidation(t, part)) return;
    body_.forget();
    move_to(Phase::Relay);
    if (!part.complete) expect_answer();
  }
  // Before the consumer can know of the answer and come again. A probe's permit is not kept for as
  // long as the body takes.
  if (part.complete || t.permit.probe) {
    const int status = part.head != nullptr ? part.head->status : status_;
    settle(t, {.end = policy::AttemptEnd::Answered, .status = status});
  }
  if (caches_) go_on_keeping(part);
  if (!forward_answer(part) || !part.complete) return;
  t.attempt.finish(body_.complete());
  close_after_ = close_after_ || !body_.complete() || answer_.ends_by_close();
  outcome_ = Outcome::status(status_);
  move_to(Phase::Finish);
  run();
}

// Waits for: the rest of the answer; none is awaited of one that was held back; the consumer, of a
// kept one.
Phase Exchange::relay() {
  if (caches_ && cache_->relayed) return relay_kept();
  if (!give_held_) return Phase::Relay;
  give_held_ = false;
  const AnswerPart part = held_->part();
  if (!invalidated_ && changes_anything()) invalidate(part.head);
  if (says_owner_failed(part.head->status) && answer_stale()) return Phase::Finish;
  if (answer_fallback(part.head->status)) return Phase::Finish;
  if (!forward_answer(part)) return phase_;
  close_after_ = close_after_ || !body_.complete() || answer_.ends_by_close();
  outcome_ = Outcome::status(status_);
  return Phase::Finish;
}

}  // namespace usher::proxy
