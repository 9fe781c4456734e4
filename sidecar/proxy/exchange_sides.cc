// The two sides of an Exchange: what its consumer and its owner do, and how bytes go from one to
// the other. The flow that they drive is in exchange.cc.

#include <algorithm>

#include "base/check.h"
#include "proxy/downstream_connection.h"
#include "proxy/exchange.h"
#include "proxy/local_reply.h"
#include "proxy/request_writer.h"

namespace usher::proxy {
namespace {

constexpr Error kBodyTimeout = {ErrorCode::RequestTimeout, Retry::No,
                                "the body did not arrive in time", Timeout::RequestBody};
constexpr Error kCallTimeout = {ErrorCode::DeadlineExceeded, Retry::No,
                                "the call took longer than its timeout", Timeout::Call};

}  // namespace

// --- the consumer's side ------------------------------------------------------------------------

void Exchange::start(DownstreamConnection& consumer, const route::Router& router,
                     std::string_view head, std::string_view& rest) {
  begin(consumer, router);
  head_bytes_.assign(head.begin(), head.end());
  const Status parsed = http::parse_request_head({head_bytes_.data(), head_bytes_.size()},
                                                 resources_->options.limits.head, head_);
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
  } else if (resources_->draining) {
    end_with({ErrorCode::Draining, Retry::Yes, "this sidecar is going down"});
  } else if (resources_->memory.is_spent()) {
    end_with(kNoMemory);
  } else {
    run();
  }
}

void Exchange::reject(DownstreamConnection& consumer, const Error& error) {
  begin(consumer, consumer.router());
  refuse_head(error);
}

void Exchange::begin(DownstreamConnection& consumer, const route::Router& router) {
  USHER_CHECK(phase_ == Phase::Idle);
  consumer_ = &consumer;
  router_ = &router;
  match_ = {};
  started_ = resources_->network.now();
  deadline_ = started_;
  attempts_ = stale_retries_ = status_ = 0;
  sent_ = request_written_ = answer_begun_ = close_after_ = reset_consumer_ = false;
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
  if (request_written_ && !body_.is_held()) {
    pass_body_on(bytes);
    return;
  }
  if (const Status received = body_.receive(bytes); !received) {
    end_with(received.error());
    return;
  }
  if (!body_.is_held() && body_.waiting_bytes() > resources_->options.limits.buffer_bytes) {
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
    if (!parts.empty()) room = attempt_.write(parts.view());
  }
  if (!room) consumer_->pause(PauseReason::OwnerIsSlow);
  if (body_.complete() && phase_ == Phase::Attempt) restart_try();
}

void Exchange::on_consumer_writable() {
  progress_at_ = resources_->network.now();
  attempt_.resume_reading();
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

void Exchange::on_attempt_connected() {
  run();
}

bool Exchange::send_request() {
  const Instant now = resources_->network.now();
  const OwnerRequest request{.head = head_,
                             .connection_options = connection_options_,
                             .match = match_,
                             .context = context_,
                             .body = body_,
                             .authority = pool_->host().authority(),
                             .consumer = resources_->options.consumer,
                             .time_left = try_deadline_ - now,
                             .wall_ms = resources_->network.wall_ms()};
  std::string reason;
  const Result<std::string_view> head =
      write_owner_head(request, resources_->signers[match_.endpoint->signer], resources_->random,
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
  request_written_ = true;
  // The connection may be one that the owner is closing just now.
  if (attempt_.reused()) body_.keep(resources_->options.limits.replay_bytes);
  FramedParts first;
  first.add(*head);
  std::size_t taken = body_.add_waiting(first);
  bool room = attempt_.write(first.view());
  body_.taken(taken);
  while (body_.waiting_bytes() > 0) {
    FramedParts more;
    taken = body_.add_waiting(more);
    room = attempt_.write(more.view());
    body_.taken(taken);
  }
  if (room) consumer_->resume(PauseReason::OwnerIsSlow);
  return true;
}

void Exchange::on_attempt_writable() {
  consumer_->resume(PauseReason::OwnerIsSlow);
}

// 100 is not passed on: the consumer that waits for one has had Usher's own. A consumer that does
// not even read its answers needs no hints.
void Exchange::on_attempt_interim(const http::ResponseHead& head) {
  net::Stream& consumer = consumer_->stream();
  if (head.status == 100 || head_.http_1_0 || consumer.queued_bytes() > 0) return;
  ResponseWriter::send_interim(consumer, head, resources_->head_buffer);
}

void Exchange::on_attempt_answer(const AnswerPart& part) {
  progress_at_ = resources_->network.now();
  if (part.head != nullptr) {
    body_.forget();
    move_to(Phase::Relay);
    if (!part.complete) expect_answer();
  }
  if (!forward_answer(part) || !part.complete) return;
  attempt_.finish(body_.complete());
  close_after_ = close_after_ || !body_.complete() || answer_.ends_by_close();
  outcome_ = Outcome::status(status_);
  move_to(Phase::Finish);
  run();
}

// False when the call has ended over it.
bool Exchange::forward_answer(const AnswerPart& part) {
  Result<bool> room = true;
  if (part.head != nullptr) {
    status_ = part.head->status;
    close_after_ = close_after_ || !body_.complete() || resources_->draining;
    const AnswerFacts facts{.context = context_,
                            .endpoint = match_.endpoint->name,
                            .attempts = attempts_,
                            .annotate = resources_->options.annotate,
                            .retried = attempts_ > 1,
                            .close = close_after_,
                            .consumer_http_1_0 = head_.http_1_0,
                            .keep_alive = resources_->keep_alive};
    room = answer_.begin(consumer_->stream(), part, facts, resources_->head_buffer);
    if (!room) {
      end_with(room.error());
      return false;
    }
    answer_begun_ = true;
  } else {
    room = answer_.go_on(consumer_->stream(), part);
  }
  if (!*room && !part.complete) {
    attempt_.pause_reading();
    consumer_->expect_writable();
  }
  return true;
}

void Exchange::on_attempt_failed(const Error& error) {
  if (!may_repeat(error)) {
    end_with(error);
    return;
  }
  ++stale_retries_;
  sent_ = sent_ || attempt_.sent_any();
  body_.rewind();
  resources_->metrics.endpoint(match_.endpoint->index).stale_connections.add();
  move_to(Phase::Admit);
  run();
}

// A kept-alive connection that ends just as a call is put on it says nothing of the owner (RFC 9112
// §9.3.1). Once, only while all of the body is here, and only where the owner has got nothing of it
// or a second execution would do no harm.
bool Exchange::may_repeat(const Error& error) const {
  const bool is_stale = phase_ == Phase::Attempt && attempt_.reused() && stale_retries_ == 0;
  if (!is_stale || !body_.is_replayable()) return false;
  return error.retry == Retry::Yes ||
         (error.retry == Retry::IfConnectionWasReused && is_repeatable());
}

// The time of a try is the owner's: it does not run while the owner waits for a body that the
// consumer is still sending (whose progress DownstreamConnection watches).
void Exchange::on_timer(Timer&) {
  if (phase_ == Phase::Relay) {
    on_relay_timer();
    return;
  }
  const bool consumer_is_sending =
      !body_.complete() && !consumer_->is_paused(PauseReason::OwnerIsSlow);
  if (resources_->network.now() < deadline_ && consumer_is_sending) {
    restart_try();
  } else if (consumer_is_sending) {
    end_with(kBodyTimeout);
  } else if (resources_->network.now() >= deadline_) {
    end_with(kCallTimeout);
  } else {
    end_with({ErrorCode::UpstreamTimeout, Retry::No, "the owner did not answer in time",
              Timeout::FirstByte});
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
  const Duration per_try = endpoint_policy().per_try_timeout;
  try_deadline_ = std::min(deadline_, resources_->network.now() + per_try);
  resources_->network.arm(timer_, try_deadline_);
}

}  // namespace usher::proxy
