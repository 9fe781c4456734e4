// AdminServer: the admin port: /live, /ready, /metrics, /connections. GET and HEAD only, small
// answers, kept-alive connections.
//
// A browser that was led here by a name of somebody else's (DNS rebinding) is refused by its Host.
//
// Owner: Server.  Thread: main.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "net/network.h"

namespace usher::server {

struct AdminAnswer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
};

class AdminServer final : public net::ListenerEvents {
 public:
  // Answers a path ("/metrics"); `accept` is the Accept field's value. Status 404 for what is not
  // there.
  using Handler = std::function<AdminAnswer(std::string_view path, std::string_view accept)>;

  AdminServer(net::Network& network, Handler handler);
  ~AdminServer();

  // Ends every connection.
  void shut();

 private:
  class Connection;
  static constexpr std::size_t kConnectionsMax = 64;

  net::StreamEvents* on_accept(net::Stream& stream) override;
  bool may_accept() override;

  net::Network* network_;
  Handler handler_;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace usher::server
