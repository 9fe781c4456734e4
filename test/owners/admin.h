// The admin port: how a test looks at the owners and tells them to misbehave (README.md, "Admin").
//
// Owner:  main().   Thread: one per connection.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http_server.h"
#include "owner.h"
#include "platform.h"

namespace owners {

class Admin {
 public:
  // Throws std::system_error when the port cannot be had.
  Admin(Platform& platform, std::vector<Owner*> services, const std::string& host, int port);

  HttpServer& server() { return server_; }
  void start();

 private:
  bool serve(Connection& connection, Request& request);
  Response answer(const Request& request);
  Response change(std::string_view path, const Json& body);
  Response change_schemes(const Json& body);
  Response change_secrets(const Json& body);
  Json stats();
  void reset();

  Platform& platform_;
  const std::vector<Owner*> services_;
  HttpServer server_;
};

}  // namespace owners
