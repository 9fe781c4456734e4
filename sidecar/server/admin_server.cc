#include "server/admin_server.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/intrusive_list.h"
#include "base/json_writer.h"
#include "base/slab.h"
#include "http/head_scanner.h"
#include "http/head_writer.h"
#include "http/parser.h"
#include "http/target.h"

namespace usher::server {
namespace {

constexpr std::size_t kHeadBytesMax = 16 * 1024;
constexpr Duration kIdle = std::chrono::seconds(75);

struct OpenHook : ListHook {};

// An address, or "localhost": what a name that an attacker chose cannot be.
bool is_trusted_host(std::string_view host) {
  if (host.empty()) return true;  // HTTP/1.0
  if (host.front() == '[') return true;
  const std::string_view name = host.substr(0, host.rfind(':'));
  const bool is_ipv4 =
      std::all_of(name.begin(), name.end(), [](char c) { return is_digit(c) || c == '.'; });
  return is_ipv4 || equals_ignoring_case(name, "localhost");
}

// Of a Content-Type, without its parameters.
std::string_view media_type(std::string_view value) {
  return trim(value.substr(0, value.find(';')));
}

// A program that calls this port sends none of these with its POSTs; a browser sends the first two
// with every one, and an old browser's form has a type of its own.
bool is_from_page(const http::Fields& fields) {
  constexpr std::string_view kFormTypes[] = {"application/x-www-form-urlencoded",
                                             "multipart/form-data", "text/plain"};
  return std::any_of(fields.begin(), fields.end(), [&](const http::Field& field) {
    if (equals_ignoring_case(field.name, "Content-Type")) {
      const std::string_view type = media_type(field.value);
      return std::any_of(std::begin(kFormTypes), std::end(kFormTypes),
                         [&](std::string_view form) { return equals_ignoring_case(type, form); });
    }
    return equals_ignoring_case(field.name, "Origin") ||
           equals_ignoring_case(field.name, "Sec-Fetch-Site");
  });
}

bool has_body(const http::RequestHead& request) {
  return request.framing == http::Framing::Chunked || request.content_length > 0;
}

bool is_json(const http::Fields& fields) {
  const http::Field* type = fields.find(http::FieldId::ContentType);
  return type != nullptr && equals_ignoring_case(media_type(type->value), "application/json");
}

}  // namespace

AdminAnswer admin_refusal(int status, std::string_view text) {
  JsonWriter json;
  json.open('{').name("error").string(text).close('}');
  return {.status = status, .body = json.take()};
}

AdminAnswer method_refusal(std::string_view allow) {
  AdminAnswer answer = admin_refusal(405, "only " + std::string(allow));
  answer.allow = allow;
  return answer;
}

class AdminServer::Connection final : public OpenHook,
                                      public net::StreamEvents,
                                      private TimerEvents,
                                      private net::Task {
 public:
  Connection(AdminServer& server, net::Stream& stream) : server_(&server), stream_(&stream) {
    rearm();
  }

  void shut() {
    if (stream_ == nullptr) return;
    stream_->close();
    leave();
  }

  // The answer that the handler owed.
  void answer_later(const AdminAnswer& answer) {
    server_->waiting_.erase(std::exchange(ticket_, 0));
    stream_->resume();
    if (finish(answer)) answer_all();
  }

 private:
  void on_read(std::string_view bytes) override {
    buffer_.append(bytes);
    answer_all();
  }
  void on_end() override { shut(); }
  void on_writable() override {}
  void on_failure() override { shut(); }
  void on_timer(Timer&) override { shut(); }
  void run() override;

  void rearm() { server_->network_->arm(timer_, server_->network_->now() + kIdle); }

  void answer_all() {
    while (stream_ != nullptr && ticket_ == 0 && !buffer_.empty() && answer_one()) {
    }
  }

  // Answers the first call in buffer_. False when it is not whole yet, its answer comes later or
  // the connection ends with it.
  bool answer_one() {
    http::HeadLimits limits;
    limits.head_bytes = kHeadBytesMax;
    std::size_t scanned = 0;
    const Result<std::size_t> head = http::find_head_end(buffer_, scanned);
    if (head && *head == 0 && buffer_.size() <= kHeadBytesMax) return false;
    auto request = std::make_unique<http::RequestHead>();
    head_only_ = false;
    close_ = true;
    if (!head || *head == 0 ||
        !http::parse_request_head(std::string_view(buffer_).substr(0, *head), limits, *request)) {
      return finish(admin_refusal(400, "not an acceptable request"));
    }
    head_only_ = request->method == http::Method::Head;
    const auto refusal = refusal_of(*request);
    // A body that is refused is not read.
    close_ = !request->keep_alive || (refusal && has_body(*request));
    call_bytes_ = *head;
    if (refusal) return finish(*refusal);
    call_bytes_ += request->content_length;
    if (buffer_.size() < call_bytes_) return false;
    return handle(*request, std::string_view(buffer_).substr(*head, request->content_length));
  }

  // Why nobody looks at what a call wants.
  std::optional<AdminAnswer> refusal_of(const http::RequestHead& request) const {
    const bool takes_body = request.method == http::Method::Post && !server_->body_path_.empty() &&
                            http::split_target(request.target).path == server_->body_path_;
    if (has_body(request) && !takes_body) return admin_refusal(400, "a body is not taken here");
    if (!is_trusted_host(request.host)) {
      return admin_refusal(403, "the Host is not an address of this admin port");
    }
    if (request.method == http::Method::Post && is_from_page(request.fields)) {
      return admin_refusal(403, "a page in a browser, or a form, may change nothing here");
    }
    if (!has_body(request)) return std::nullopt;
    if (request.framing == http::Framing::Chunked) {
      return admin_refusal(411, "a body needs a Content-Length here");
    }
    if (request.content_length > kBodyBytesMax) {
      return admin_refusal(413, "the body is longer than 64 KiB");
    }
    if (!is_json(request.fields)) {
      return admin_refusal(415, "the body's Content-Type is not application/json");
    }
    return std::nullopt;
  }

  bool handle(const http::RequestHead& request, std::string_view body) {
    std::string_view accept;
    for (const http::Field& field : request.fields) {
      if (equals_ignoring_case(field.name, "Accept")) accept = field.value;
    }
    const http::Target target = http::split_target(request.target);
    const std::uint64_t ticket = ++server_->last_ticket_;
    const auto answer = server_->handler_({.method = request.method,
                                           .path = target.path,
                                           .query = target.query,
                                           .accept = accept,
                                           .body = body,
                                           .ticket = ticket});
    if (answer) return finish(*answer);
    ticket_ = ticket;
    server_->waiting_.emplace(ticket, this);
    stream_->pause();
    return false;
  }

  // True when there may be another call.
  bool finish(const AdminAnswer& answer) {
    send(answer);
    if (close_) {
      stream_->close_gracefully();
      leave();
      return false;
    }
    buffer_.erase(0, call_bytes_);
    rearm();
    return true;
  }

  void leave() {
    stream_ = nullptr;
    timer_.cancel();
    server_->waiting_.erase(ticket_);
    server_->network_->defer(*this);
  }

  void send(const AdminAnswer& answer) {
    std::vector<char> buffer(1024);
    http::HeadWriter head(buffer);
    head.status_line(answer.status);
    head.field("Content-Type", answer.content_type);
    head.field("Content-Length", answer.body.size());
    head.field("Cache-Control", "no-store");
    if (!answer.allow.empty()) head.field("Allow", answer.allow);
    if (close_) head.field("Connection", "close");
    head.end();
    const std::string_view parts[] = {head.view(), head_only_ ? std::string_view{} : answer.body};
    stream_->write(parts);
  }

  AdminServer* server_;
  net::Stream* stream_;
  std::string buffer_;
  // Of the call at its beginning:
  std::size_t call_bytes_ = 0;
  bool head_only_ = false;
  bool close_ = false;
  std::uint64_t ticket_ = 0;  // its answer comes later; else 0
  Timer timer_{*this};
};

struct AdminServer::State {
  Slab<Connection> connections{kConnectionsMax};
  IntrusiveList<Connection, OpenHook> open;
};

void AdminServer::Connection::run() {
  AdminServer* server = server_;
  const bool was_full = !server->may_accept();
  OpenHook::unlink();
  server->state_->connections.destroy(this);
  if (was_full) server->network_->resume_accepting();
}

AdminServer::AdminServer(net::Network& network, Handler handler, std::string_view body_path)
    : network_(&network),
      handler_(std::move(handler)),
      body_path_(body_path),
      state_(std::make_unique<State>()) {}

AdminServer::~AdminServer() = default;

net::StreamEvents* AdminServer::on_accept(net::Stream& stream) {
  Connection* connection = state_->connections.create(*this, stream);
  if (connection != nullptr) state_->open.push_back(*connection);
  return connection;
}

bool AdminServer::may_accept() {
  return state_->connections.size() < kConnectionsMax;
}

void AdminServer::answer(std::uint64_t ticket, const AdminAnswer& answer) {
  const auto waiting = waiting_.find(ticket);
  if (waiting != waiting_.end()) waiting->second->answer_later(answer);
}

void AdminServer::shut() {
  while (Connection* connection = state_->open.pop_front()) connection->shut();
}

}  // namespace usher::server
