#include "proxy/downstream_connection.h"

#include <utility>

#include "base/check.h"
#include "http/head_scanner.h"
#include "proxy/local_reply.h"
#include "proxy/outbound_listener.h"

namespace usher::proxy {
namespace {

constexpr Error kRetired = {ErrorCode::Draining, Retry::Yes,
                            "this listener is not configured any more"};

}  // namespace

DownstreamConnection::DownstreamConnection(OutboundListener& listener, net::Stream& stream)
    : listener_(&listener),
      stream_(&stream),
      head_charge_(listener.resources().memory),
      pending_(listener.resources().chunks) {
  arm(listener.resources().options().timeouts.idle);
}

const route::Router& DownstreamConnection::router() const {
  return listener_->router();
}

void DownstreamConnection::arm(Duration timeout) {
  net::Network& network = listener_->resources().network;
  network.arm(timer_, network.now() + timeout);
}

void DownstreamConnection::on_read(std::string_view bytes) {
  consume(bytes);
}

void DownstreamConnection::consume(std::string_view bytes) {
  while (!bytes.empty()) {
    switch (state_) {
      case State::Detect:
        detect(bytes);
        return;
      case State::Idle:
      case State::Head:
        if (!take_head(bytes)) return;
        break;
      case State::Passing:
        if (!awaits_body()) {
          stash(bytes);
          return;
        }
        arm(body_timeout());
        interception_->pass->on_consumer_bytes(bytes);
        break;
      case State::Call:
        if (!exchange_->awaits_body()) {
          stash(bytes);
          return;
        }
        arm(body_timeout());
        exchange_->on_consumer_bytes(bytes);
        break;
      case State::Finished:
        stash(bytes);
        return;
      case State::Relaying:
        interception_->first += bytes;
        return;
      case State::Joined:
      case State::Closed:
        return;
    }
  }
}

void DownstreamConnection::stash(std::string_view bytes) {
  pending_.append(bytes);
  pause(PauseReason::Pipelined);
}

// False when more bytes are needed.
bool DownstreamConnection::take_head(std::string_view& bytes) {
  const std::size_t limit = listener_->resources().options().limits.head.head_bytes;
  std::string_view input = bytes;
  if (!head_.empty()) {
    head_.append(bytes);
    input = head_;
  }
  const Result<std::size_t> size = http::find_head_end(input, scanned_);
  if (!size || (*size == 0 && input.size() > limit)) {
    if (carry_unread(input)) return false;
    bytes = {};
    refuse_head(size ? Error{ErrorCode::HeadersTooLarge, Retry::No,
                             "the head is larger than limits.request_head"}
                     : size.error());
    return true;
  }
  if (*size == 0 && listener_->resources().memory.is_spent()) {
    bytes = {};
    refuse_head(kNoMemory);
    return true;
  }
  if (*size == 0) {
    if (head_.empty()) {
      head_ = bytes;
      state_ = State::Head;
      arm(listener_->resources().options().timeouts.head);
    }
    head_charge_.set(head_.capacity());
    return false;
  }
  if (listener_->is_retired()) {
    bytes = {};
    refuse_head(kRetired);
    return true;
  }
  if (is_intercepted(input.substr(0, *size))) {
    take_intercepted(input, *size, bytes);
  } else {
    start_call(input.substr(0, *size), bytes, input.substr(*size), router());
  }
  return true;
}

// `rest`, what follows the head, is the end of `bytes`; what the call has taken leaves it.
void DownstreamConnection::start_call(std::string_view head, std::string_view& bytes,
                                      std::string_view rest, const route::Router& router,
                                      const Error* refusal) {
  state_ = State::Call;
  timer_.cancel();
  exchange_ = listener_->exchanges().take();
  exchange_->start(*this, router, head, rest, refusal);
  bytes.remove_prefix(bytes.size() - rest.size());
  if (!head_.empty()) drop_head();
  scanned_ = 0;
  expect_body();
}

void DownstreamConnection::refuse_head(const Error& error) {
  state_ = State::Call;
  timer_.cancel();
  drop_head();
  exchange_ = listener_->exchanges().take();
  exchange_->reject(*this, router(), error);
}

void DownstreamConnection::drop_head() {
  head_ = std::string();
  head_charge_.set(0);
}

void DownstreamConnection::pause(PauseReason reason) {
  paused_ = static_cast<std::uint8_t>(paused_ | static_cast<std::uint8_t>(reason));
  stream_->pause();
}

void DownstreamConnection::resume(PauseReason reason) {
  paused_ = static_cast<std::uint8_t>(paused_ & ~static_cast<std::uint8_t>(reason));
  if (paused_ == 0) stream_->resume();
  expect_body();
}

// While a call's body is awaited, some of it must come before the body timeout.
void DownstreamConnection::expect_body() {
  if (!awaits_body()) return;
  arm(body_timeout());
}

bool DownstreamConnection::awaits_body() const {
  if (state_ == State::Passing) return interception_->pass->awaits_body();
  return state_ == State::Call && exchange_->awaits_body();
}

Duration DownstreamConnection::body_timeout() const {
  return exchange_ != nullptr ? exchange_->timeouts().body
                              : listener_->resources().options().timeouts.body;
}

void DownstreamConnection::expect_writable() {
  write_stalled_ = true;
  arm(body_timeout());
}

void DownstreamConnection::on_writable() {
  if (!write_stalled_) return;
  write_stalled_ = false;
  timer_.cancel();
  expect_body();
  if (state_ == State::Call) exchange_->on_consumer_writable();
  if (state_ == State::Passing) interception_->pass->on_consumer_writable();
}

void DownstreamConnection::on_end() {
  peer_ended_ = true;
  if (state_ == State::Idle || state_ == State::Head) {
    close_stream(StreamEnd::Gracefully);
  } else if (state_ == State::Detect) {
    relay(*interception_->to, std::exchange(head_, {}));  // it only listens
  } else if (awaits_body()) {
    // The body was cut: it must not reach the owner as if it were whole.
    lose_consumer();
  } else if (state_ == State::Passing) {
    arm(body_timeout());  // nobody else bounds the wait for an answer that may interest nobody
  }
}

// Whoever answers the call is told.
void DownstreamConnection::lose_consumer() {
  if (state_ == State::Call) {
    exchange_->on_consumer_gone();
  } else {
    interception_->pass->on_consumer_gone();
    close_stream(StreamEnd::Reset);
  }
}

void DownstreamConnection::on_failure() {
  if (state_ == State::Call || state_ == State::Passing) {
    lose_consumer();
  } else {
    close_stream(StreamEnd::AtOnce);
  }
}

void DownstreamConnection::on_timer(Timer&) {
  switch (state_) {
    case State::Detect:
      on_detect_timer();
      break;
    case State::Idle:
      listener_->resources().metrics.timeout(Timeout::Idle).add();
      close_stream(StreamEnd::Gracefully);
      break;
    case State::Head:
      refuse_head({ErrorCode::RequestTimeout, Retry::No, "the head did not arrive in time",
                   Timeout::RequestHead});
      break;
    case State::Call:
      if (write_stalled_) {
        listener_->resources().metrics.timeout(Timeout::AnswerWrite).add();
        lose_consumer();
      } else if (exchange_->awaits_body() && !is_paused(PauseReason::OwnerIsSlow)) {
        exchange_->on_consumer_stalled();
      }
      break;
    case State::Passing:
      if (write_stalled_ || peer_ended_ ||
          (awaits_body() && !is_paused(PauseReason::OwnerIsSlow))) {
        const Timeout kind = awaits_body() ? Timeout::RequestBody : Timeout::AnswerWrite;
        listener_->resources().metrics.timeout(kind).add();
        lose_consumer();
      }
      break;
    case State::Finished:
    case State::Relaying:
    case State::Joined:
    case State::Closed:
      break;
  }
}

void DownstreamConnection::on_call_finished(CallEnd end) {
  USHER_CHECK(state_ == State::Call || state_ == State::Passing);
  state_ = State::Finished;
  end_ = end;
  timer_.cancel();
  write_stalled_ = false;
  listener_->resources().network.defer(*this);
}

void DownstreamConnection::retire() {
  if (state_ == State::Idle) close_stream(StreamEnd::Gracefully);
}

void DownstreamConnection::shut() {
  if (state_ == State::Call) {
    exchange_->on_consumer_gone();
    close_stream(StreamEnd::Reset);
  } else if (state_ == State::Passing) {
    lose_consumer();
  } else if (state_ == State::Joined) {
    interception_->relay.reset();
    on_relay_ended();
  } else {
    const bool was_cut = state_ == State::Finished && end_ == CallEnd::Reset;
    close_stream(was_cut ? StreamEnd::Reset : StreamEnd::Gracefully);
  }
}

// The stream goes now, this object at the end of the turn.
void DownstreamConnection::close_stream(StreamEnd end) {
  if (state_ == State::Closed) return;
  const State state = state_;
  state_ = State::Closed;
  timer_.cancel();
  switch (end) {
    case StreamEnd::AtOnce:
      stream_->close();
      break;
    case StreamEnd::Gracefully:
      // Nobody waits for the last bytes of an answer that have long been taken.
      if (state == State::Idle && stream_->queued_bytes() == 0) {
        stream_->close();
      } else {
        stream_->close_gracefully();
      }
      break;
    case StreamEnd::Reset:
      stream_->reset();
      break;
  }
  stream_ = nullptr;
  listener_->resources().network.defer(*this);
}

void DownstreamConnection::run() {
  if (exchange_ != nullptr) listener_->exchanges().give_back(std::move(exchange_));
  if (interception_ != nullptr) interception_->guest.reset();
  if (state_ == State::Finished) {
    if (end_ == CallEnd::KeepAlive && !listener_->is_retired()) {
      go_on();
      return;
    }
    close_stream(end_ == CallEnd::Reset ? StreamEnd::Reset : StreamEnd::Gracefully);
  }
  Task::unlink();
  listener_->destroy(*this);
}

void DownstreamConnection::go_on() {
  state_ = State::Idle;
  scanned_ = 0;
  resume(PauseReason::OwnerIsSlow);  // still set when the owner answered before it took the body
  arm(listener_->resources().options().timeouts.idle);
  if (!pending_.empty()) {
    std::string bytes(pending_.size(), '\0');
    pending_.copy_to(bytes);
    pending_.clear();
    consume(bytes);
  }
  if (state_ == State::Closed) return;
  if (pending_.empty()) resume(PauseReason::Pipelined);
  if (peer_ended_ && (state_ == State::Idle || state_ == State::Head))
    close_stream(StreamEnd::Gracefully);
}

}  // namespace usher::proxy
