#include "admin.h"

#include <stdexcept>

#include "text.h"

namespace owners {
namespace {

constexpr std::chrono::seconds kKeepAlive{60};

Response done() {
  return json_response(200, {{"ok", true}});
}

}  // namespace

Admin::Admin(Platform& platform, std::vector<Owner*> services, const std::string& host, int port)
    : platform_(platform), services_(std::move(services)), server_(host, port, kKeepAlive) {}

void Admin::start() {
  server_.start(
      [this](Connection& connection, Request& request) { return serve(connection, request); });
}

bool Admin::serve(Connection& connection, Request& request) {
  const auto read =
      connection.read_body([&request](std::string_view piece) { request.body += piece; });
  if (read != Connection::Read::Complete) return false;
  Response response;
  try {
    response = answer(request);
  } catch (const std::exception& error) {  // a bad fault or scheme, or JSON of the wrong shape
    response = error_response(400, error.what());
  }
  const bool close = request.wants_close();
  const auto seconds = static_cast<int>(kKeepAlive.count());
  const bool sent = connection.write(
      response_head(response, response.body.size(), close ? std::nullopt : std::optional(seconds)) +
      response.body);
  if (close) connection.close_gently();
  return sent && !close;
}

Response Admin::answer(const Request& request) {
  const std::string_view path = request.path();
  if (request.method == "GET") {
    if (path == "/live") return done();
    if (path == "/stats") return json_response(200, stats());
    if (path == "/requests") {
      const auto owner = query_value(request.query(), "owner");
      return json_response(200, platform_.recorder.requests(owner.value_or("")));
    }
    if (path == "/schemes") return json_response(200, Json(platform_.schemes()));
  }
  if (request.method == "DELETE" && path == "/faults") {
    platform_.faults.clear();
    return done();
  }
  if (request.method == "POST") {
    return change(path, request.body.empty() ? Json::object() : Json::parse(request.body));
  }
  return error_response(404, "No such admin call");
}

Response Admin::change(std::string_view path, const Json& body) {
  if (path == "/reset") {
    reset();
    return done();
  }
  if (path == "/faults") {
    platform_.faults.add(parse_fault(body));
    return done();
  }
  if (path == "/schemes") return change_schemes(body);
  if (path == "/secrets") return change_secrets(body);
  if (path == "/settings") {
    platform_.transfer_cooldown = body.at("transferCooldown").get<bool>();
    return done();
  }
  return error_response(404, "No such admin call");
}

Response Admin::change_schemes(const Json& body) {
  Schemes schemes = platform_.schemes();
  for (const auto& member : body.items()) {
    set_scheme(schemes, member.key(), member.value().get<std::string>());
  }
  platform_.change_schemes(schemes);
  return json_response(200, Json(schemes));
}

Response Admin::change_secrets(const Json& body) {
  const auto text = [&body](const char* name) {
    return body.contains(name) ? body.at(name).get_ptr<const std::string*>() : nullptr;
  };
  platform_.change_secrets(text("hmac"), text("previous"), text("apiKey"));
  return done();
}

Json Admin::stats() {
  Json stats = Json::object();
  for (Owner* owner : services_) {
    const Recorder::Counts requests = platform_.recorder.counts(std::string(owner->name()));
    const HttpServer::Counts connections = owner->server().counts();
    stats[std::string(owner->name())] = {{"requests", requests.requests},
                                         {"connections", connections.accepted},
                                         {"openConnections", connections.open},
                                         {"inFlight", requests.in_flight},
                                         {"maxInFlight", requests.in_flight_max}};
  }
  return stats;
}

void Admin::reset() {
  platform_.reset();
  for (Owner* owner : services_) owner->server().clear_counts();
}

}  // namespace owners
