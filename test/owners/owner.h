// Owner is one owning service: its port, its routes, and the way of a request through them.
//
// Owner:  main().   Thread: one per connection.
//
//   head -> fault struck? -> body -> record -> [fault] -> route -> body checks -> scheme -> tenant
//        -> [fault after auth] -> handler -> answer
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http_server.h"
#include "platform.h"
#include "router.h"

namespace owners {

// What sets one owning service apart from the others.
struct Service {
  std::string_view name;
  std::size_t body_bytes_max;
  bool fastify_5;     // answers 414 to a long parameter, where 4 answers 404
  bool problem_json;  // its framework errors are RFC 7807 documents
  std::vector<Route> routes;
};

Service auth_service();
Service venue_service();
Service event_service();
Service ticket_service();
Service order_service();

class Owner {
 public:
  // Throws std::system_error when the port cannot be had.
  Owner(Service service, Platform& platform, const std::string& host, int port,
        std::chrono::seconds keep_alive);

  std::string_view name() const { return service_.name; }
  HttpServer& server() { return server_; }
  void start();

 private:
  struct Answer {
    Response response;
    std::string_view verdict = "served";
    std::string caller;
    std::optional<Fault> fault;  // to be performed instead of answering
  };

  bool serve(Connection& connection, Request& request);
  bool serve_echo(Connection& connection, Request& request);
  bool perform(const Fault& fault, std::uint64_t number, Connection& connection,
               const Request& request);
  bool send(Connection& connection, const Request& request, const Response& response);
  Answer answer(const Request& request, const std::optional<Fault>& after_auth);
  Answer authorised(const Request& request, RouteMatch match, Json body);
  Response not_matched(const Request& request, RouteMatch::Outcome outcome) const;

  const Service service_;
  const Router router_;
  Platform& platform_;
  HttpServer server_;
};

}  // namespace owners
