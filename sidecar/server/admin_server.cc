#include "server/admin_server.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"
#include "base/intrusive_list.h"
#include "base/slab.h"
#include "http/head_scanner.h"
#include "http/head_writer.h"
#include "http/parser.h"
#include "http/target.h"
#include "server/json_writer.h"

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

// A program that calls this port sends none of these with its POSTs, which have no body; a browser
// sends the first two with every one, and an old browser's form has a type of its own.
bool is_from_page(const http::Fields& fields) {
  constexpr std::string_view kFormTypes[] = {"application/x-www-form-urlencoded",
                                             "multipart/form-data", "text/plain"};
  return std::any_of(fields.begin(), fields.end(), [&](const http::Field& field) {
    if (equals_ignoring_case(field.name, "Content-Type")) {
      const std::string_view type = trim(field.value.substr(0, field.value.find(';')));
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
    stream_ = nullptr;
    timer_.cancel();
    server_->network_->defer(*this);
  }

 private:
  void on_read(std::string_view bytes) override {
    head_.append(bytes);
    while (stream_ != nullptr && !head_.empty() && answer_one()) {
    }
  }
  void on_end() override { shut(); }
  void on_writable() override {}
  void on_failure() override { shut(); }
  void on_timer(Timer&) override { shut(); }
  void run() override;

  void rearm() { server_->network_->arm(timer_, server_->network_->now() + kIdle); }

  // Answers the first call in head_. False when it is not whole yet.
  bool answer_one() {
    http::HeadLimits limits;
    limits.head_bytes = kHeadBytesMax;
    std::size_t scanned = 0;
    const Result<std::size_t> size = http::find_head_end(head_, scanned);
    if (size && *size == 0 && head_.size() <= kHeadBytesMax) return false;
    auto request = std::make_unique<http::RequestHead>();
    const bool is_parsed =
        size && *size > 0 &&
        http::parse_request_head(std::string_view(head_).substr(0, *size), limits, *request)
            .has_value();
    const bool is_whole = is_parsed && !has_body(*request);
    const AdminAnswer answer = is_whole    ? answer_to(*request)
                               : is_parsed ? admin_refusal(400, "a body is not taken here")
                                           : admin_refusal(400, "not an acceptable request");
    const bool close = !is_whole || !request->keep_alive;
    send(answer, is_parsed && request->method == http::Method::Head, close);
    if (close) {
      stream_->close_gracefully();
      stream_ = nullptr;
      timer_.cancel();
      server_->network_->defer(*this);
      return false;
    }
    head_.erase(0, *size);
    rearm();
    return true;
  }

  AdminAnswer answer_to(const http::RequestHead& request) {
    if (!is_trusted_host(request.host))
      return admin_refusal(403, "the Host is not an address of this admin port");
    if (request.method == http::Method::Post && is_from_page(request.fields))
      return admin_refusal(403, "a page in a browser, or a form, may change nothing here");
    std::string_view accept;
    for (const http::Field& field : request.fields) {
      if (equals_ignoring_case(field.name, "Accept")) accept = field.value;
    }
    return server_->handler_({.method = request.method,
                              .path = http::split_target(request.target).path,
                              .accept = accept});
  }

  void send(const AdminAnswer& answer, bool head_only, bool close) {
    std::vector<char> buffer(1024);
    http::HeadWriter head(buffer);
    head.status_line(answer.status);
    head.field("Content-Type", answer.content_type);
    head.field("Content-Length", answer.body.size());
    head.field("Cache-Control", "no-store");
    if (!answer.allow.empty()) head.field("Allow", answer.allow);
    if (close) head.field("Connection", "close");
    head.end();
    const std::string_view parts[] = {head.view(), head_only ? std::string_view{} : answer.body};
    stream_->write(parts);
  }

  AdminServer* server_;
  net::Stream* stream_;
  std::string head_;
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

AdminServer::AdminServer(net::Network& network, Handler handler)
    : network_(&network), handler_(std::move(handler)), state_(std::make_unique<State>()) {}

AdminServer::~AdminServer() = default;

net::StreamEvents* AdminServer::on_accept(net::Stream& stream) {
  Connection* connection = state_->connections.create(*this, stream);
  if (connection != nullptr) state_->open.push_back(*connection);
  return connection;
}

bool AdminServer::may_accept() {
  return state_->connections.size() < kConnectionsMax;
}

void AdminServer::shut() {
  while (Connection* connection = state_->open.pop_front()) connection->shut();
}

}  // namespace usher::server
