#include "owner.h"

#include <exception>

#include "body.h"
#include "crypto.h"
#include "text.h"

namespace owners {
namespace {

std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Response problem(int status, std::string_view title, const std::string& detail,
                 const Request& request) {
  Response response = json_response(status, {{"type", "about:blank"},
                                             {"title", title},
                                             {"status", status},
                                             {"detail", detail},
                                             {"instance", request.target}});
  response.headers = {{"content-type", "application/problem+json; charset=utf-8"}};
  return response;
}

}  // namespace

Owner::Owner(Service service, Platform& platform, const std::string& host, int port,
             std::chrono::seconds keep_alive)
    : service_(std::move(service)),
      router_(service_.routes),
      platform_(platform),
      server_(host, port, keep_alive) {}

void Owner::start() {
  server_.start(
      [this](Connection& connection, Request& request) { return serve(connection, request); });
}

bool Owner::serve(Connection& connection, Request& request) {
  const std::optional<Fault> fault = platform_.faults.strike(service_.name, request);
  if (fault && fault->kind == FaultKind::Echo) return serve_echo(connection, request);
  const auto read = connection.read_body([this, &request](std::string_view piece) {
    request.body_length += piece.size();
    // What is past the limit is counted and dropped: it will be answered with 413.
    if (request.body_length <= service_.body_bytes_max) request.body += piece;
  });
  const std::uint64_t number = platform_.recorder.begin(service_.name, request);
  if (read != Connection::Read::Complete) {
    platform_.recorder.finish(number, 0, "body", "");
    if (read == Connection::Read::Malformed) {
      connection.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
      connection.close_gently();
    }
    return false;
  }
  const bool before_auth = fault && !fault->after_auth;
  if (before_auth && fault->kind == FaultKind::Delay) connection.wait_for_hangup(fault->delay);
  if (before_auth && fault->kind != FaultKind::Delay) {
    return perform(*fault, number, connection, request);
  }
  Answer answer = this->answer(request, fault && fault->after_auth ? fault : std::nullopt);
  if (answer.fault && answer.fault->kind == FaultKind::Delay) {
    connection.wait_for_hangup(answer.fault->delay);
  } else if (answer.fault) {
    return perform(*answer.fault, number, connection, request);
  }
  platform_.recorder.finish(number, answer.response.status, answer.verdict, answer.caller);
  return send(connection, request, answer.response);
}

bool Owner::perform(const Fault& fault, std::uint64_t number, Connection& connection,
                    const Request& request) {
  const auto seconds = static_cast<int>(server_.keep_alive().count());
  const bool usable = perform_fault(fault, connection, request, seconds);
  const int status = fault.kind == FaultKind::Status ? fault.status : 0;
  platform_.recorder.finish(number, status, "fault", "");
  return usable && !request.wants_close();
}

bool Owner::serve_echo(Connection& connection, Request& request) {
  Sha256 hash;
  const auto read = connection.read_body([&](std::string_view piece) {
    request.body_length += piece.size();
    hash.update(piece);
  });
  const std::uint64_t number = platform_.recorder.begin(service_.name, request);
  const bool complete = read == Connection::Read::Complete;
  platform_.recorder.finish(number, complete ? 200 : 0, "fault", "");
  if (!complete) return false;
  Json headers = Json::array();
  for (const Header& field : request.headers) {
    headers.push_back(Json::array({field.name, field.value}));
  }
  return send(connection, request,
              json_response(200, {{"method", request.method},
                                  {"target", request.target},
                                  {"headers", std::move(headers)},
                                  {"bodyLength", request.body_length},
                                  {"bodySha256", hash.finish_hex()}}));
}

bool Owner::send(Connection& connection, const Request& request, const Response& response) {
  const bool close = request.wants_close();
  const auto seconds = static_cast<int>(server_.keep_alive().count());
  const std::string head =
      response_head(response, response.body.size(), close ? std::nullopt : std::optional(seconds));
  const bool sent = connection.write(request.method == "HEAD" ? head : head + response.body);
  if (close) connection.close_gently();
  return sent && !close;
}

Owner::Answer Owner::answer(const Request& request, const std::optional<Fault>& after_auth) {
  RouteMatch match = router_.match(request.method, request.path());
  if (match.outcome != RouteMatch::Outcome::Found) {
    return {not_matched(request, match.outcome), "route", "", std::nullopt};
  }
  ParsedBody body = parse_body(request, service_.body_bytes_max);
  if (body.refusal) return {std::move(*body.refusal), "body", "", std::nullopt};
  AuthResult auth = AuthResult::accept("");
  if (match.route->guard == Guard::Scheme) {
    const Secrets secrets = platform_.secrets();
    const AuthInput input{service_.name, request,  body.canonical,
                          secrets,       now_ms(), platform_.nonces};
    auth = check_with_overlap(find_auth_check(platform_.scheme(service_.name)), input);
  }
  if (auth.refusal) return {std::move(*auth.refusal), "auth", "", std::nullopt};
  Answer answer = after_auth && after_auth->kind != FaultKind::Delay
                      ? Answer{}
                      : authorised(request, std::move(match), std::move(body.value));
  answer.fault = after_auth;
  answer.caller = std::move(auth.caller);
  for (Header& field : auth.response_headers) {
    answer.response.headers.push_back(std::move(field));
  }
  return answer;
}

Owner::Answer Owner::authorised(const Request& request, RouteMatch match, Json body) {
  std::string tenant;
  if (match.route->tenant != TenantRule::Unused) {
    tenant = lower(request.header("x-tenant-id").value_or(""));
    if (tenant.empty() && match.route->tenant == TenantRule::Required) {
      return {error_response(400, "Tenant ID required"), "tenant", "", std::nullopt};
    }
    if (!tenant.empty() && !is_uuid(tenant)) {
      return {error_response(400, "Invalid tenant ID"), "tenant", "", std::nullopt};
    }
  }
  Database::Session session = platform_.database.session();
  Call call{request,
            std::move(match.params),
            body.is_object() ? std::move(body) : Json::object(),
            std::move(tenant),
            session,
            platform_.transfer_cooldown};
  try {
    return {match.route->handler(call), "served", "", std::nullopt};
  } catch (const std::exception&) {
    return {error_response(500, "Internal error"), "served", "", std::nullopt};
  }
}

Response Owner::not_matched(const Request& request, RouteMatch::Outcome outcome) const {
  const std::string path(request.path());
  if (outcome == RouteMatch::Outcome::BadEscape) {
    const std::string detail = "'" + path + "' is not a valid url component";
    return service_.problem_json ? problem(400, "Bad Request", detail, request)
                                 : framework_error(400, "Bad Request", "FST_ERR_BAD_URL", detail);
  }
  if (outcome == RouteMatch::Outcome::ParameterTooLong && service_.fastify_5) {
    const std::string detail = "'" + path + "' is exceeding the max param length";
    return service_.problem_json
               ? problem(414, "URI Too Long", detail, request)
               : framework_error(414, "URI Too Long", "FST_ERR_MAX_PARAM_LENGTH", detail);
  }
  const std::string detail = "Route " + request.method + ":" + request.target + " not found";
  if (service_.problem_json) return problem(404, "Not Found", detail, request);
  return json_response(404, {{"message", detail}, {"error", "Not Found"}, {"statusCode", 404}});
}

}  // namespace owners
