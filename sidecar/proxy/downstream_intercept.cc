// A consumer's connection that is more than a base URL's: redirected here by the kernel, or used as
// a forward proxy's. What its calls are decides proxy/call_choice.h.

#include <utility>

#include "base/check.h"
#include "http/parser.h"
#include "proxy/downstream_connection.h"
#include "proxy/local_reply.h"
#include "proxy/outbound_listener.h"
#include "proxy/protocol_sniffer.h"

namespace usher::proxy {
namespace {

constexpr std::string_view kEstablished = "HTTP/1.1 200 Connection Established\r\n\r\n";
constexpr Error kLoop = {ErrorCode::LoopDetected, Retry::No,
                         "the connection comes from this sidecar itself; the rules that redirect "
                         "must leave out its user"};
constexpr Error kUnreachable = {ErrorCode::UpstreamConnectFailed, Retry::Yes,
                                "the destination of CONNECT cannot be reached"};
constexpr Error kTooLarge = {ErrorCode::HeadersTooLarge, Retry::No,
                             "the head is too large to be passed on"};

// Origin-form and "*" are calls to the listener itself; absolute-form and CONNECT's are not.
bool is_for_proxy(std::string_view head) {
  const std::size_t space = head.find(' ');
  if (space == std::string_view::npos || space + 1 >= head.size()) return false;
  return head[space + 1] != '/' && head[space + 1] != '*';
}

}  // namespace

DownstreamConnection::Interception& DownstreamConnection::intercept() {
  if (interception_ == nullptr) interception_ = std::make_unique<Interception>();
  return *interception_;
}

// Where no service listens, what comes is most likely not Usher's: its destination is dialled at
// once, so that a server that speaks first is not kept waiting.
void DownstreamConnection::redirected_from(const Destination& destination) {
  const InterceptOptions& options = listener_->resources().options().intercept;
  USHER_CHECK(options.directory != nullptr);
  Interception& own = intercept();
  own.to = destination;
  state_ = State::Detect;
  const bool is_own = options.directory->is_listener(destination.authority);
  if (!is_own && !own.is_loop && !options.directory->is_service_port(destination.authority.port)) {
    dial(destination);
    return;
  }
  arm(options.detect_timeout);
}

void DownstreamConnection::is_from_self() {
  listener_->resources().metrics.loops.add();
  intercept().is_loop = true;
}

// --- what does it carry? ------------------------------------------------------------------------

void DownstreamConnection::detect(std::string_view bytes) {
  head_.append(bytes);
  head_charge_.set(head_.capacity());
  const http::HeadLimits& limits = listener_->resources().options().limits.head;
  switch (sniff(head_, limits.head_bytes)) {
    case Protocol::Unknown:
      return;
    case Protocol::Raw:
      relay(*interception_->to, std::exchange(head_, {}));
      return;
    case Protocol::Http: {
      const std::string input = std::exchange(head_, {});
      head_charge_.set(0);
      state_ = State::Idle;
      arm(listener_->resources().options().timeouts.idle);
      consume(input);
      return;
    }
  }
}

// It says nothing: perhaps it waits for the server.
void DownstreamConnection::on_detect_timer() {
  Interception& own = *interception_;
  const route::ServiceDirectory* directory = listener_->resources().options().intercept.directory;
  if (own.relay != nullptr && own.relay->is_dialled() && !is_for_service()) {
    join();
    return;
  }
  const bool is_own = directory != nullptr && own.to && directory->is_listener(own.to->authority);
  if (own.relay != nullptr || own.is_loop || is_own) {
    close_stream(StreamEnd::Gracefully);
    return;
  }
  dial(*own.to);
  arm(listener_->resources().options().timeouts.idle);
}

// --- calls --------------------------------------------------------------------------------------

bool DownstreamConnection::is_intercepted(std::string_view head) const {
  if (interception_ != nullptr && (interception_->to || interception_->is_loop)) return true;
  return is_for_proxy(head) && listener_->resources().options().intercept.directory != nullptr;
}

// `input`: a head of `size` bytes and what follows it, the end of `bytes`.
void DownstreamConnection::take_intercepted(std::string_view input, std::size_t size,
                                            std::string_view& bytes) {
  timer_.cancel();
  WorkerResources& resources = listener_->resources();
  const InterceptOptions& options = resources.options().intercept;
  Interception& own = intercept();
  http::RequestHead& head = resources.intercepted_head;
  const Status parsed = http::parse_request_head(
      input.substr(0, size), resources.options().limits.head, head, http::Reading::Everything);
  CallChoice choice;
  if (own.is_loop) {
    choice = {.kind = CallChoice::Kind::Refused, .error = kLoop};
  } else if (!parsed) {
    if (carry_unread(input)) {
      bytes = {};
      return;
    }
    choice = {.kind = CallChoice::Kind::Refused, .error = parsed.error()};
  } else if (options.directory != nullptr) {
    choice = choose_call(options, router(), head, own.to ? &*own.to : nullptr);
  }
  const std::string_view rest = input.substr(size);
  switch (choice.kind) {
    case CallChoice::Kind::Call:
      own.relay.reset();
      start_call(input.substr(0, size), bytes, rest,
                 choice.router == nullptr ? router() : *choice.router);
      return;
    case CallChoice::Kind::PassThrough:
      pass_through(choice, bytes, rest);
      return;
    case CallChoice::Kind::Tunnel:
    case CallChoice::Kind::Open:
      open_tunnel(choice, bytes, rest);
      return;
    case CallChoice::Kind::Refused:
      // What was read as a tunnel's beginning is no call that could be refused and another follow.
      if (!parsed || head.method == http::Method::Connect || head.upgrade) {
        bytes = {};
        refuse_head(choice.error);
      } else {
        start_call(input.substr(0, size), bytes, rest, router(), &choice.error);
      }
      return;
  }
}

// What is malformed to Usher may not be so to its destination, and it is nobody's call that has a
// policy: from here on the connection is carried. False where it could be one.
bool DownstreamConnection::carry_unread(std::string_view input) {
  if (interception_ == nullptr || !interception_->to || interception_->is_loop) return false;
  if (is_for_service()) return false;
  std::string first(input);
  head_ = {};
  head_charge_.set(0);
  scanned_ = 0;
  relay(*interception_->to, std::move(first));
  return true;
}

void DownstreamConnection::pass_through(const CallChoice& choice, std::string_view& bytes,
                                        std::string_view rest) {
  WorkerResources& resources = listener_->resources();
  Interception& own = *interception_;
  const http::RequestHead& head = resources.intercepted_head;
  if (resources.draining || resources.memory.is_spent()) {
    bytes = {};
    refuse_head(resources.draining ? kGoingDown : kNoMemory);
    return;
  }
  if (own.pass == nullptr) own.pass = std::make_unique<PassThrough>(resources, *this);
  if (own.relay != nullptr && own.relay->is_dialled() && !own.relay->has_spoken()) {
    own.pass->adopt(*own.relay->take(), choice.destination);
  }
  own.relay.reset();
  own.guest.emplace(listener_->exchanges());
  state_ = State::Passing;
  if (!own.pass->start(head, !own.to && !head.authority.empty(), choice.destination, rest)) {
    own.guest.reset();
    bytes = {};
    refuse_head(kTooLarge);
    return;
  }
  bytes.remove_prefix(bytes.size() - rest.size());
  drop_head();
  scanned_ = 0;
  expect_body();
}

// For CONNECT, and for an upgrade that is no endpoint's.
void DownstreamConnection::open_tunnel(const CallChoice& choice, std::string_view& bytes,
                                       std::string_view rest) {
  Interception& own = *interception_;
  const http::RequestHead& head = listener_->resources().intercepted_head;
  const bool answers = head.method == http::Method::Connect && !own.to;
  scanned_ = 0;
  if (choice.kind == CallChoice::Kind::Open) {
    const std::string_view parts[] = {kEstablished};
    stream_->write(parts);
    bytes.remove_prefix(bytes.size() - rest.size());
    drop_head();
    own.to = choice.destination;
    state_ = State::Detect;
    arm(listener_->resources().options().intercept.detect_timeout);
    return;
  }
  own.answers_connect = answers;
  std::string first;
  if (!answers) {
    first = write_passed_head(head, !own.to && !head.authority.empty(),
                              listener_->resources().head_buffer);
    if (first.empty()) {
      bytes = {};
      refuse_head(kTooLarge);
      return;
    }
  }
  first += rest;
  bytes = {};
  drop_head();
  relay(choice.destination, std::move(first));
}

bool DownstreamConnection::is_for_service() const {
  const route::ServiceDirectory* directory = listener_->resources().options().intercept.directory;
  return directory != nullptr && interception_->to &&
         directory->is_service_port(interception_->to->authority.port);
}

void DownstreamConnection::dial(const Destination& destination) {
  RawRelayEvents& events = *this;
  interception_->relay = std::make_unique<RawRelay>(listener_->resources(), events);
  interception_->relay->dial(destination);
}

// --- bytes --------------------------------------------------------------------------------------

void DownstreamConnection::relay(const Destination& destination, std::string first) {
  Interception& own = *interception_;
  const InterceptOptions& options = listener_->resources().options().intercept;
  if (own.is_loop || options.directory == nullptr ||
      options.directory->is_listener(destination.authority)) {
    close_stream(StreamEnd::Reset);
    return;
  }
  state_ = State::Relaying;
  timer_.cancel();
  own.first = std::move(first);
  if (!own.guest) own.guest.emplace(listener_->exchanges());
  own.pass.reset();
  pause(PauseReason::OwnerIsSlow);
  if (own.relay != nullptr && own.relay->has_failed()) own.relay.reset();
  if (own.relay == nullptr) {
    dial(destination);
  } else if (own.relay->is_dialled()) {
    join();
  }
}

void DownstreamConnection::on_relay_dialled() {
  if (state_ == State::Relaying) join();
  if (state_ == State::Detect && !timer_.armed()) {
    arm(listener_->resources().options().timeouts.idle);
  }
}

// From Detect too: the server has spoken.
void DownstreamConnection::join() {
  if (state_ != State::Relaying && state_ != State::Detect) return;
  Interception& own = *interception_;
  timer_.cancel();
  if (!own.guest) own.guest.emplace(listener_->exchanges());
  if (own.answers_connect) {
    const std::string_view parts[] = {kEstablished};
    stream_->write(parts);
  }
  const std::string first =
      state_ == State::Detect ? std::exchange(head_, {}) : std::exchange(own.first, {});
  head_charge_.set(0);
  if (!own.relay->join(*stream_, first)) {
    close_stream(StreamEnd::Reset);
    return;
  }
  stream_ = nullptr;
  state_ = State::Joined;
}

void DownstreamConnection::on_relay_failed(bool was_there) {
  if (state_ == State::Relaying && interception_->answers_connect) {
    resume(PauseReason::OwnerIsSlow);
    refuse_head(kUnreachable);
  } else if (state_ == State::Detect && is_for_service()) {
    arm(listener_->resources().options().timeouts.idle);  // a call may come yet
  } else if (state_ == State::Relaying || state_ == State::Detect) {
    close_stream(was_there && state_ == State::Detect ? StreamEnd::Gracefully : StreamEnd::Reset);
  }
}

void DownstreamConnection::on_relay_ended() {
  state_ = State::Closed;
  listener_->resources().network.defer(*this);
}

}  // namespace usher::proxy
