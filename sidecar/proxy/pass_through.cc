#include "proxy/pass_through.h"

#include "http/head_scanner.h"
#include "http/head_writer.h"
#include "http/parser.h"
#include "proxy/local_reply.h"

namespace usher::proxy {
namespace {

constexpr Error kUnreachable = {ErrorCode::UpstreamConnectFailed, Retry::Yes,
                                "the call's own destination cannot be reached"};
constexpr Error kBadAnswer = {ErrorCode::UpstreamProtocol, Retry::No,
                              "the destination's answer is not HTTP/1.1"};
constexpr Error kCut = {ErrorCode::UpstreamReset, Retry::No,
                        "the destination closed the connection before it answered"};

// What is said to the proxy that is called, and not to the destination (RFC 9110 §7.6.1).
bool speaks_to_proxy(const http::Field& field) {
  return field.id == http::FieldId::ProxyConnection ||
         field.id == http::FieldId::ProxyAuthorization;
}

// The bytes of `before` that are not in `after`, its end.
std::string_view taken(std::string_view before, std::string_view after) {
  return before.substr(0, before.size() - after.size());
}

// Takes all of the body off the front of `bytes`, framing included. False: it is malformed.
bool follow(http::BodyDecoder& decoder, std::string_view& bytes) {
  while (!bytes.empty() && !decoder.complete()) {
    if (!decoder.next(bytes)) return false;
  }
  return true;
}

}  // namespace

PassThrough::PassThrough(WorkerResources& resources, Consumer& consumer)
    : resources_(&resources), consumer_(&consumer), dialler_(resources, *this) {}

PassThrough::~PassThrough() {
  drop_upstream();
}

void PassThrough::drop_upstream() {
  if (upstream_ != nullptr) upstream_->close();
  upstream_ = nullptr;
}

void PassThrough::adopt(net::Stream& stream, const Destination& destination) {
  drop_upstream();
  upstream_ = &stream;
  destination_ = destination;
  was_used_ = false;
  stream.set_events(*this);
}

std::string_view write_passed_head(const http::RequestHead& head, bool is_proxied,
                                   std::span<char> buffer) {
  http::HeadWriter writer(buffer);
  // One that was redirected on its way to another proxy speaks to that.
  std::string absolute;
  if (!is_proxied && !head.authority.empty() && head.method != http::Method::Connect) {
    absolute = "http://" + std::string(head.authority);
    if (!head.asterisk) absolute += head.target;
  }
  writer.request_line(head.method_name, absolute.empty() ? head.target : absolute, head.http_1_0);
  for (const http::Field& field : head.fields) {
    if (is_proxied && speaks_to_proxy(field)) continue;
    // What is offered with every call (h2c) and is HTTP by another name: the connection stays what
    // Usher can follow.
    if (field.id == http::FieldId::Upgrade && !head.upgrade) continue;
    writer.trusted_field(field.name, field.value);
  }
  writer.end();
  return writer.ok() ? writer.view() : std::string_view{};
}

bool PassThrough::start(const http::RequestHead& head, bool is_proxied,
                        const Destination& destination, std::string_view& rest) {
  waiting_ = write_passed_head(head, is_proxied, resources_->head_buffer);
  if (waiting_.empty()) return false;
  active_ = true;
  answer_begun_ = head_done_ = false;
  close_after_ = !head.keep_alive;
  method_ = head.method;
  scanned_ = 0;
  request_.start(head.framing, head.content_length);
  resources_->metrics.passed_through.add();
  if (upstream_ != nullptr && !(destination == destination_ && upstream_->is_quiet())) {
    drop_upstream();
  }
  destination_ = destination;
  if (upstream_ == nullptr) {
    was_used_ = false;
    take_body(rest);
    if (!active_) return true;
    if (awaits_body()) consumer_->pause(PauseReason::OwnerIsSlow);
    dialler_.dial(destination);
    return true;
  }
  send(waiting_);
  waiting_ = std::string();
  take_body(rest);
  return true;
}

void PassThrough::on_consumer_bytes(std::string_view& bytes) {
  take_body(bytes);
}

// A malformed body ends both sides, so that neither takes it for a whole one.
void PassThrough::take_body(std::string_view& bytes) {
  const std::string_view before = bytes;
  if (!follow(request_, bytes)) {
    bytes = {};
    drop_upstream();
    finish(CallEnd::Reset);
    return;
  }
  send(taken(before, bytes));
}

// False when it has to wait.
bool PassThrough::send(std::string_view bytes) {
  if (bytes.empty()) return true;
  if (upstream_ == nullptr) {
    waiting_ += bytes;
    return false;
  }
  const std::string_view parts[] = {bytes};
  if (upstream_->write(parts)) return true;
  if (awaits_body()) consumer_->pause(PauseReason::OwnerIsSlow);
  return false;
}

void PassThrough::on_dialled(net::Stream& stream) {
  upstream_ = &stream;
  stream.set_events(*this);
  if (send(waiting_)) consumer_->resume(PauseReason::OwnerIsSlow);
  waiting_ = std::string();
}

void PassThrough::on_dial_failed() {
  answer_error(kUnreachable);
}

void PassThrough::on_writable() {
  if (active_) consumer_->resume(PauseReason::OwnerIsSlow);
}

void PassThrough::on_consumer_writable() {
  if (upstream_ != nullptr) upstream_->resume();
}

void PassThrough::on_consumer_gone() {
  active_ = false;
  dialler_.cancel();
  drop_upstream();
}

void PassThrough::on_read(std::string_view bytes) {
  if (!active_) {  // nobody asked
    drop_upstream();
    return;
  }
  was_used_ = true;
  take_answer(bytes);
}

void PassThrough::take_answer(std::string_view bytes) {
  while (!bytes.empty() && active_ && !head_done_) {
    if (!take_answer_head(bytes)) return;
  }
  if (!active_ || !head_done_) return;
  const std::string_view before = bytes;
  const bool is_sound = follow(answer_, bytes);
  pass_answer(taken(before, bytes));
  if (!is_sound) {
    drop_upstream();
    finish(CallEnd::Reset);
    return;
  }
  if (!answer_.complete()) return;
  if (!bytes.empty()) drop_upstream();  // more than an answer
  const bool is_whole_call = request_.complete();
  if (!is_whole_call || close_after_) drop_upstream();
  finish(is_whole_call && !close_after_ ? CallEnd::KeepAlive : CallEnd::Close);
}

// False when more of it must come, or when the call has ended.
bool PassThrough::take_answer_head(std::string_view& bytes) {
  answer_head_ += bytes;
  const http::HeadLimits& limits = resources_->options().limits.head;
  const Result<std::size_t> size = http::find_head_end(answer_head_, scanned_);
  if (size && *size == 0 && answer_head_.size() <= limits.head_bytes) return false;
  http::ResponseHead head;
  if (!size || *size == 0 ||
      !http::parse_response_head(std::string_view(answer_head_).substr(0, *size), method_, limits,
                                 head)) {
    answer_error(kBadAnswer);
    return false;
  }
  bytes.remove_prefix(bytes.size() - (answer_head_.size() - *size));
  answer_head_.resize(*size);
  pass_answer(answer_head_);
  answer_head_ = std::string();
  scanned_ = 0;
  if (head.status < 200) return true;
  head_done_ = true;
  close_after_ = close_after_ || !head.keep_alive;
  answer_.start(head.framing, head.content_length);
  return true;
}

void PassThrough::pass_answer(std::string_view bytes) {
  if (bytes.empty()) return;
  answer_begun_ = true;
  const std::string_view parts[] = {bytes};
  if (consumer_->stream().write(parts)) return;
  if (upstream_ != nullptr) upstream_->pause();
  consumer_->expect_writable();
}

void PassThrough::on_end() {
  drop_upstream();
  if (!active_) return;
  if (head_done_ && answer_.complete_at_close()) {
    finish(CallEnd::Close);
  } else if (answer_begun_ || was_used_) {
    // As it would have gone without Usher: the consumer sees its connection end, and knows what it
    // may repeat.
    finish(head_done_ ? CallEnd::Reset : CallEnd::Close);
  } else {
    answer_error(kCut);
  }
}

void PassThrough::on_failure() {
  drop_upstream();
  if (active_) finish(CallEnd::Reset);
}

void PassThrough::answer_error(const Error& error) {
  drop_upstream();
  if (answer_begun_) {
    finish(CallEnd::Reset);
    return;
  }
  ReplyFacts facts;
  facts.close = true;
  facts.head_only = method_ == http::Method::Head;
  facts.annotate = resources_->options().annotate;
  const std::string text = render_error(error, facts, resources_->network.wall_ms());
  const std::string_view parts[] = {text};
  consumer_->stream().write(parts);
  resources_->metrics.unmatched().record(Outcome::error(error.code), Duration::zero());
  finish(CallEnd::Close);
}

void PassThrough::finish(CallEnd end) {
  active_ = false;
  dialler_.cancel();
  if (upstream_ != nullptr) upstream_->resume();  // the consumer may have been slow to the end
  waiting_ = std::string();
  answer_head_ = std::string();
  consumer_->on_call_finished(end);
}

}  // namespace usher::proxy
