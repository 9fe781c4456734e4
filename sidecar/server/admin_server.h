// AdminServer: the admin port: probes, metrics and inspection by GET and HEAD, changes by POST.
// Calls carry no body but for a small one of JSON to one path, answers are small, connections are
// kept alive.
//
// Browsers on the same machine reach this port, so what they can be led to do is refused: a name of
// somebody else's that was made to lead here (DNS rebinding) by its Host, and a POST that comes
// from a page by what browsers add to it (Origin, Sec-Fetch-Site, the content type of a form).
//
// Owner: Server.  Thread: main.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "http/message.h"
#include "net/network.h"

namespace usher::server {

struct AdminRequest {
  http::Method method = http::Method::Get;
  std::string_view path;      // "/metrics"
  std::string_view query{};   // behind '?', nothing decoded
  std::string_view accept{};  // the Accept field's value
  std::string_view body{};
  std::uint64_t ticket = 0;  // by which an answer can be given later

  bool reads() const { return method == http::Method::Get || method == http::Method::Head; }
};

struct AdminAnswer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::string_view allow{};  // with status 405: the path's methods; a literal
};

inline constexpr std::string_view kReadMethods = "GET, HEAD";

// {"error":"…"}
AdminAnswer admin_refusal(int status, std::string_view text);
// To a method that this path has not.
AdminAnswer method_refusal(std::string_view allow);

class AdminServer final : public net::ListenerEvents {
 public:
  // Answers 404 for a path that is not there, 405 for a method that a path has not. What changes
  // anything must be a POST. Nothing: answer() follows, with the request's ticket, in a later turn.
  using Handler = std::function<std::optional<AdminAnswer>(const AdminRequest& request)>;

  static constexpr std::size_t kBodyBytesMax = 64 * 1024;

  // A POST to `body_path` may have a body: application/json with a Content-Length of up to
  // kBodyBytesMax. It is a literal.
  AdminServer(net::Network& network, Handler handler, std::string_view body_path = {});
  ~AdminServer();

  // The answer to a call that the handler has left open. Nothing when its connection is gone.
  void answer(std::uint64_t ticket, const AdminAnswer& answer);

  // Ends every connection.
  void shut();

 private:
  class Connection;
  static constexpr std::size_t kConnectionsMax = 64;

  net::StreamEvents* on_accept(net::Stream& stream) override;
  bool may_accept() override;

  net::Network* network_;
  Handler handler_;
  std::string_view body_path_;
  std::uint64_t last_ticket_ = 0;
  std::unordered_map<std::uint64_t, Connection*> waiting_;  // for an answer, by ticket
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace usher::server
