#include "proxy/attempt.h"

#include <algorithm>
#include <array>

#include "base/bytes.h"
#include "base/check.h"
#include "http/head_scanner.h"
#include "http/hop_by_hop.h"
#include "http/list.h"

namespace usher::proxy {
namespace {

constexpr std::size_t kSpansPerEvent = 24;

// How long the owner says it keeps an idle connection, less a second for the way ("Keep-Alive:
// timeout=5, max=100", the informal field of RFC 2068 §19.7.1 that Node and Apache send). Node
// itself subtracts as much on its client side.
Duration keep_alive_of(const http::ResponseHead& head) {
  if (!head.keep_alive) return Duration::zero();
  Duration result = upstream::ConnectionPool::kDefaultKeepAlive;
  const http::Field* field = head.fields.find(http::FieldId::KeepAlive);
  for (const std::string_view option : http::List(field == nullptr ? "" : field->value)) {
    const std::size_t equals = std::min(option.find('='), option.size());
    const auto value = parse_decimal(option.substr(std::min(equals + 1, option.size())));
    if (!value) continue;
    if (equals_ignoring_case(option.substr(0, equals), "timeout")) {
      if (*value <= 1) return Duration::zero();
      result = std::chrono::seconds(std::min<std::uint64_t>(*value, 3600) - 1);
    } else if (*value == 0 && equals_ignoring_case(option.substr(0, equals), "max")) {
      return Duration::zero();  // no call more
    }
  }
  return result;
}

Error protocol_error(const Error& error) {
  return {ErrorCode::UpstreamProtocol, Retry::No, error.detail};
}

}  // namespace

Result<bool> Attempt::start(upstream::Cluster& cluster, http::Method method,
                            const http::HeadLimits& limits, const upstream::LeaseOptions& options) {
  USHER_CHECK(!active());
  cluster_ = &cluster;
  method_ = method;
  limits_ = limits;
  answer_begun_ = surplus_bytes_ = reused_ = sent_any_ = false;
  interim_heads_ = 0;
  scanned_ = 0;
  head_bytes_.clear();
  const auto connection = cluster.acquire(*this, options);
  if (!connection) return tl::unexpected(connection.error());
  if (*connection == nullptr) {
    state_ = State::Connecting;
    return false;
  }
  begin(**connection);
  return true;
}

void Attempt::begin(upstream::UpstreamConnection& connection) {
  connection_ = &connection;
  connection.stream().set_events(*this);
  reused_ = connection.reused();
  sent_before_ = connection.stream().sent_bytes();
  state_ = State::Head;
}

void Attempt::on_connection(upstream::UpstreamConnection& connection) {
  begin(connection);
  events_->on_attempt_connected(*this);
}

void Attempt::on_no_connection(const Error& error) {
  state_ = State::Done;
  events_->on_attempt_failed(*this, error);
}

void Attempt::pause_reading() {
  if (connection_ != nullptr) connection_->stream().pause();
}

void Attempt::resume_reading() {
  if (connection_ != nullptr) connection_->stream().resume();
}

void Attempt::on_read(std::string_view bytes) {
  answer_begun_ = true;
  if (state_ == State::Body) {
    read_body(nullptr, bytes);
    return;
  }
  std::string_view input = bytes;
  if (!head_bytes_.empty()) {
    head_bytes_.append(bytes);
    input = head_bytes_;
  }
  const Result<bool> have_head = read_head(input);
  if (!have_head) {
    fail(protocol_error(have_head.error()));
  } else if (*have_head) {
    read_body(&head_, input);
  } else if (input.size() > limits_.head_bytes) {
    fail({ErrorCode::UpstreamProtocol, Retry::No, "the answer's head is too large"});
  } else {
    // `input` may be all of head_bytes_ already, or what is left of it behind an interim head.
    if (input.data() != head_bytes_.data()) head_bytes_ = std::string(input);
  }
}

// Takes heads off the front of `input` up to a final one, which is then in head_. False: it is not
// there yet.
Result<bool> Attempt::read_head(std::string_view& input) {
  for (;;) {
    const Result<std::size_t> size = http::find_head_end(input, scanned_);
    if (!size) return tl::unexpected(size.error());
    if (*size == 0) return false;
    if (const Status parsed =
            http::parse_response_head(input.substr(0, *size), method_, limits_, head_);
        !parsed) {
      return tl::unexpected(parsed.error());
    }
    input.remove_prefix(*size);
    scanned_ = 0;
    if (head_.status >= 200) break;
    if (++interim_heads_ > kMaxInterimHeads) {
      return usher::fail(ErrorCode::UpstreamProtocol, "the owner sent too many interim answers");
    }
    events_->on_attempt_interim(*this, head_);
  }
  state_ = State::Body;
  keep_alive_ = keep_alive_of(head_);
  decoder_.start(head_.framing, head_.content_length);
  if (head_.framing == http::Framing::Chunked) drop_nominated_trailers();
  return true;
}

// RFC 9110 §7.6.1. A Connection that is not acceptable is refused by whoever writes the answer.
void Attempt::drop_nominated_trailers() {
  http::ConnectionOptions options;
  if (head_.fields.find(http::FieldId::Connection) == nullptr || !options.read(head_.fields))
    return;
  for (std::size_t i = 0; i < options.size(); ++i) decoder_.drop_trailer(options[i]);
}

void Attempt::read_body(const http::ResponseHead* head, std::string_view input) {
  std::array<std::string_view, kSpansPerEvent> spans;
  std::size_t count = 0;
  while (!input.empty() && !decoder_.complete()) {
    const Result<std::string_view> run = decoder_.next(input);
    if (!run) {
      fail(protocol_error(run.error()));
      return;
    }
    if (!run->empty()) spans[count++] = *run;
    if (count == spans.size()) {
      events_->on_attempt_answer(*this, {.head = head, .body = spans, .complete = false});
      if (state_ != State::Body) return;
      head = nullptr;
      count = 0;
    }
  }
  surplus_bytes_ = !input.empty();
  const bool complete = decoder_.complete();
  if (head == nullptr && count == 0 && !complete) return;
  events_->on_attempt_answer(*this, {.head = head,
                                     .body = {spans.data(), count},
                                     .complete = complete,
                                     .trailers = decoder_.trailers()});
}

void Attempt::on_end() {
  if (state_ == State::Body && decoder_.complete_at_close()) {
    keep_alive_ = Duration::zero();
    events_->on_attempt_answer(*this, {.head = nullptr, .body = {}, .complete = true});
  } else {
    lost();
  }
}

void Attempt::on_failure() {
  lost();
}

bool Attempt::sent_any() const {
  if (connection_ == nullptr) return sent_any_;
  return connection_->stream().sent_bytes() != sent_before_;
}

void Attempt::lost() {
  if (!answer_begun_) {
    leave();
    if (reused_) {
      record(policy::Verdict::Ignored);
      connection_->pool().discard_stale(*connection_);
      connection_ = nullptr;
    }
    fail({ErrorCode::UpstreamReset, sent_any_ ? Retry::IfConnectionWasReused : Retry::Yes,
          "the owner closed the connection without an answer"});
  } else {
    fail({ErrorCode::UpstreamReset, Retry::No,
          "the owner closed the connection before its answer was complete"});
  }
}

void Attempt::fail(const Error& error) {
  record(policy::Verdict::Failure);
  abort();
  events_->on_attempt_failed(*this, error);
}

// The connection is about to go: remembers what must be known of it.
void Attempt::leave() {
  if (connection_ != nullptr) sent_any_ = sent_any();
}

void Attempt::finish(bool request_sent) {
  leave();
  record(policy::Verdict::Success);
  upstream::UpstreamConnection* connection = connection_;
  connection_ = nullptr;
  state_ = State::Done;
  connection->stream().resume();
  const bool is_reusable =
      request_sent && !surplus_bytes_ && connection->stream().queued_bytes() == 0;
  connection->pool().give_back(*connection, is_reusable ? keep_alive_ : Duration::zero());
}

void Attempt::abort() {
  if (state_ == State::Connecting) cluster_->cancel(*this);
  leave();
  record(policy::Verdict::Ignored);
  if (connection_ != nullptr) connection_->pool().discard(*connection_);
  connection_ = nullptr;
  state_ = State::Done;
}

}  // namespace usher::proxy
