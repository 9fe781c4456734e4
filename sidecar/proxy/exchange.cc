#include "proxy/exchange.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/check.h"
#include "http/target.h"
#include "proxy/access_log.h"

namespace usher::proxy {
namespace {

constexpr Error kTooLargeToHold = {
    ErrorCode::BodyTooLarge, Retry::No,
    "the body is larger than limits.signed_body, and its signature or its tags need all of it"};
constexpr Error kTooMany = {ErrorCode::Overloaded, Retry::Yes,
                            "too many calls are on their way to the owner"};
constexpr std::size_t kLimits = 2;  // Exchange::limit_at
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

// Says that the owner cannot answer, or cannot in time.
bool is_owners(ErrorCode code) {
  switch (code) {
    case ErrorCode::UpstreamConnectFailed:
    case ErrorCode::UpstreamReset:
    case ErrorCode::UpstreamProtocol:
    case ErrorCode::CircuitOpen:
    case ErrorCode::NoHealthyAddress:
    case ErrorCode::Overloaded:
    case ErrorCode::UpstreamTimeout:
    case ErrorCode::DeadlineExceeded:
      return true;
    case ErrorCode::BadRequest:
    case ErrorCode::MissingTenantId:
    case ErrorCode::InvalidTenantId:
    case ErrorCode::InvalidUserId:
    case ErrorCode::ConsumerNotAllowed:
    case ErrorCode::NoEndpoint:
    case ErrorCode::MethodNotAllowed:
    case ErrorCode::RequestTimeout:
    case ErrorCode::BodyTooLarge:
    case ErrorCode::HeadersTooLarge:
    case ErrorCode::Draining:
    case ErrorCode::SigningFailed:
    case ErrorCode::NotCached:
    case ErrorCode::DestinationNotAllowed:
    case ErrorCode::LoopDetected:
      return false;
  }
  return false;
}

// The methods of 405's Allow field. GET's endpoints answer HEAD too.
std::string allowed_methods(std::uint16_t bits) {
  constexpr auto kGet = 1u << static_cast<unsigned>(http::Method::Get);
  constexpr auto kHead = 1u << static_cast<unsigned>(http::Method::Head);
  if ((bits & kGet) != 0) bits = static_cast<std::uint16_t>(bits | kHead);
  std::string text;
  for (unsigned i = 0; i < 16; ++i) {
    if ((bits & (1u << i)) == 0) continue;
    if (!text.empty()) text += ", ";
    text += http::to_string(static_cast<http::Method>(i));
  }
  return text;
}

}  // namespace

Exchange::Exchange(WorkerResources& resources)
    : resources_(&resources),
      body_(resources.chunks, resources.memory),
      charge_(resources.memory) {}

Exchange::~Exchange() = default;

void Exchange::run() {
  for (Phase next = step(); next != phase_; next = step()) move_to(next);
}

// A phase returns the next one, or itself to wait.
Phase Exchange::step() {
  switch (phase_) {
    case Phase::Idle:
      return Phase::Idle;
    case Phase::Route:
      return route();
    case Phase::Context:
      return context();
    case Phase::Lookup:
      return look_up();
    case Phase::HoldBody:
      return hold_body();
    case Phase::Limit:
      return limit();
    case Phase::Admit:
      return admit();
    case Phase::Attempt:
      return attempt();
    case Phase::Backoff:
      return Phase::Backoff;  // waits for on_timer
    case Phase::Invalidate:
      return await_redis();
    case Phase::Relay:
      return relay();
    case Phase::Finish:
      return finish();
  }
  return Phase::Idle;
}

void Exchange::move_to(Phase next) {
  USHER_CHECK(may_follow(phase_, next));
  phase_ = next;
}

// --- the phases ---------------------------------------------------------------------------------

// Leaves by: Context; Finish (OPTIONS *, NO_ENDPOINT, METHOD_NOT_ALLOWED).
Phase Exchange::route() {
  if (head_.asterisk) return answer_options();
  match_ = router_->match(head_.method, http::split_target(head_.target).path);
  if (match_.endpoint != nullptr) return Phase::Context;
  if (match_.allowed_methods != 0) {
    fail({ErrorCode::MethodNotAllowed, Retry::No, "no endpoint of this path has this method"});
  } else {
    fail({ErrorCode::NoEndpoint, Retry::No, "no endpoint is configured for this method and path"});
  }
  return Phase::Finish;
}

Phase Exchange::answer_options() {
  constexpr std::string_view kAllow = "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS";
  send_reply(204, render_options(reply_facts(kAllow), resources_->network.wall_ms()));
  outcome_ = Outcome::status(204);
  return Phase::Finish;
}

// What may not go on from the head may not come late instead: what Connection names (RFC 9110
// §7.6.1), and what the scheme says itself.
void Exchange::drop_trailers() {
  for (std::size_t i = 0; i < connection_options_.size(); ++i) {
    body_.drop_trailer(connection_options_[i]);
  }
  const filter::Signer& signer = snapshot_->signers[match_.endpoint->signer].signer();
  for (const std::string& name : signer.header_names()) body_.drop_trailer(name);
}

// Leaves by: Lookup; HoldBody; Limit; Finish (what the call lacks or may not).
Phase Exchange::context() {
  const policy::EndpointPolicy& policy = endpoint_policy();
  Status checked = connection_options_.read(head_.fields);
  if (checked && !match_.endpoint->consumer_allowed) {
    checked = usher::fail(ErrorCode::ConsumerNotAllowed,
                          "the endpoint's allowlist does not name this consumer");
  }
  if (checked) checked = context_.read_identity(head_.fields, policy);
  if (!checked) {
    fail(checked.error());
    return Phase::Finish;
  }
  if (head_.framing == http::Framing::Chunked) drop_trailers();
  deadline_ = policy::Deadline::of_call(started_, policy.timeout,
                                        policy::read_request_timeout(head_.fields))
                  .at();
  key_.choose(head_.fields, policy.make_key && policy::is_mutation(head_.method),
              resources_->key_random);
  repeatability_ = match_.endpoint->repeatability(key_.usable());
  consumer_retries_ = is_repeat();
  if (caches_) deadline_ = started_ + policy.timeout;  // nobody waits for a background call
  if (enter_cache()) return Phase::Lookup;
  const bool is_held =
      body_.exists() &&
      (snapshot_->signers[match_.endpoint->signer].signer().needs_body() || changes_by_body());
  if (is_held && head_.content_length > snapshot_->options.limits.signed_body_bytes) {
    fail(kTooLargeToHold);
    return Phase::Finish;
  }
  if (head_.expect_continue && !body_.complete()) {
    const std::string_view parts[] = {kContinue};
    consumer_->stream().write(parts);
  }
  if (is_held) {
    body_.hold();
    return Phase::HoldBody;
  }
  return Phase::Limit;
}

// Waits for: the consumer's body.  Leaves by: Limit; Finish (BODY_TOO_LARGE, OVERLOADED,
// REQUEST_TIMEOUT).
Phase Exchange::hold_body() {
  const std::size_t limit = snapshot_->options.limits.signed_body_bytes;
  if (body_.waiting_bytes() > limit) {
    fail(kTooLargeToHold);
    return Phase::Finish;
  }
  if (body_.complete()) {
    body_.gather_held();
    return Phase::Limit;
  }
  if (resources_->memory.is_spent()) {
    fail(kNoMemory);
    return Phase::Finish;
  }
  resources_->network.arm(timer_, deadline_);
  return Phase::HoldBody;
}

// Waits for: a place among the calls of the endpoint, then of the owner.  Leaves by: Admit; Finish
// (OVERLOADED).
Phase Exchange::limit() {
  const Instant now = resources_->network.now();
  for (; places_ < kLimits; ++places_) {
    if (awaits_place_) return Phase::Limit;
    switch (limit_at(places_).enter(waiter_, now)) {
      case policy::ConcurrencyLimit::Entry::Entered:
        break;
      case policy::ConcurrencyLimit::Entry::Queued:
        awaits_place_ = true;
        resources_->network.arm(timer_, std::min(deadline_, waiter_.give_up_at()));
        return Phase::Limit;
      case policy::ConcurrencyLimit::Entry::Refused:
        fail(kTooMany);
        return Phase::Finish;
    }
  }
  return Phase::Admit;
}

// Leaves by: Idle.
Phase Exchange::finish() {
  timer_.cancel();
  abandon_tries(policy::AttemptEnd::ConsumerGone);
  // Its consumer did not wait: nobody knows whether it was done.
  if (sent_ && status_ == 0 && !invalidated_ && changes_anything()) invalidate(nullptr);
  leave_places();
  account();
  leave_invalidation();
  leave_cache();
  body_.reset();
  charge_.set(0);
  held_.reset();
  if (!close_after_) {
    consumer_->on_call_finished(CallEnd::KeepAlive);
  } else {
    consumer_->on_call_finished(reset_consumer_ ? CallEnd::Reset : CallEnd::Close);
  }
  return Phase::Idle;
}

// --- ends ---------------------------------------------------------------------------------------

void Exchange::end_with(const Error& error) {
  count_timeout(error);
  fail(error);
  move_to(Phase::Finish);
  run();
}

void Exchange::count_timeout(const Error& error) {
  if (error.timeout != Timeout::None) resources_->metrics.timeout(error.timeout).add();
}

void Exchange::fail(const Error& error) {
  if (error.code == ErrorCode::Overloaded) count_shed();
  abandon_tries(policy::AttemptEnd::Local);
  outcome_ = Outcome::error(error.code);
  error_name_ = kind_of(error.code).name;
  if (caches_) {
    cache_->failed = true;
    cache_->error = error;
  }
  if (sent_ && !invalidated_ && changes_anything()) invalidate(nullptr);
  if (answer_begun_) {
    // A length or a missing last chunk shows the cut; without either, only a reset does.
    close_after_ = true;
    reset_consumer_ = answer_.ends_by_close();
  } else if (!(is_owners(error.code) && answer_stale()) &&
             (error.code == ErrorCode::NotCached || !answer_fallback(kind_of(error.code).status))) {
    answer_error(error);
  }
}

// The endpoint's fixed answer in place of one with this status, if it has one for it.
bool Exchange::answer_fallback(int status) {
  if (match_.endpoint == nullptr || !endpoint_policy().fallback) return false;
  const policy::Fallback& fallback = *endpoint_policy().fallback;
  const bool is_mutation = repeatability_ != policy::Repeatability::Safe;
  if (!fallback.applies(status, is_mutation && sent_)) return false;
  send_reply(fallback.status,
             render_fallback(fallback, reply_facts({}), resources_->network.wall_ms()));
  endpoint_metrics().fallbacks.add();
  outcome_ = Outcome::status(fallback.status);
  error_name_ = "FALLBACK";
  return true;
}

void Exchange::answer_error(const Error& error) {
  const bool is_malformed =
      error.code == ErrorCode::BadRequest || error.code == ErrorCode::HeadersTooLarge;
  close_after_ = close_after_ || is_malformed;
  const std::string allow = error.code == ErrorCode::MethodNotAllowed
                                ? allowed_methods(match_.allowed_methods)
                                : std::string();
  send_reply(kind_of(error.code).status,
             render_error(error, reply_facts(allow), resources_->network.wall_ms()));
}

// What is known of the call for an answer of Usher's own, which is what ends it.
ReplyFacts Exchange::reply_facts(std::string_view allow) {
  close_after_ = close_after_ || !body_.complete() || resources_->draining;
  const route::Endpoint* endpoint = match_.endpoint;
  return {.service = endpoint == nullptr ? std::string_view{} : std::string_view(endpoint->service),
          .endpoint = endpoint == nullptr ? std::string_view{} : std::string_view(endpoint->name),
          .trace_id = context_.trace_id(),
          .span_id = context_.span_id(),
          .allow = allow,
          .attempts = attempts_,
          .sent = sent_,
          .repeatable = endpoint != nullptr && is_repeatable(),
          .retry_in = retry_in_,
          .close = close_after_,
          .keep_alive = snapshot_->keep_alive,
          .head_only = head_.method == http::Method::Head,
          .annotate = snapshot_->options.annotate};
}

void Exchange::send_reply(int status, std::string_view answer) {
  const std::string_view parts[] = {answer};
  consumer_->stream().write(parts);
  status_ = status;
  answer_begun_ = true;
}

// Where the call is says what it was refused for.
void Exchange::count_shed() {
  const ShedReason reason = phase_ == Phase::HoldBody ? ShedReason::HeldBody
                            : phase_ == Phase::Limit  ? ShedReason::Place
                            : attempts_ > 0           ? ShedReason::Connection
                                                      : ShedReason::Memory;
  resources_->metrics.calls_shed[static_cast<std::size_t>(reason)].add();
}

EndpointMetrics& Exchange::endpoint_metrics() {
  return match_.endpoint == nullptr ? resources_->metrics.unmatched()
                                    : *snapshot_->counters[match_.endpoint->index];
}

void Exchange::account() {
  resources_->metrics.calls_active.subtract();
  if (is_background()) {
    endpoint_metrics().attempts.add(static_cast<std::uint64_t>(attempts_));
    return;
  }
  const Duration took = resources_->network.now() - started_;
  EndpointMetrics& metrics = endpoint_metrics();
  if (status_ >= 500 || !error_name_.empty()) remember_failure();
  metrics.record(outcome_, took);
  metrics.attempts.add(static_cast<std::uint64_t>(attempts_));
  if (!is_logged(snapshot_->options.access_log, status_, error_name_)) return;
  log_access({.consumer = snapshot_->options.consumer,
              .endpoint = match_.endpoint,
              .method = head_.method_name,
              .status = status_,
              .error = error_name_,
              .attempts = attempts_,
              .duration = took,
              .tenant = context_.tenant(),
              .trace_id = context_.trace_id()});
}

}  // namespace usher::proxy
