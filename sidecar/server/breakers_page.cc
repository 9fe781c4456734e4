#include "server/breakers_page.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/json_writer.h"

namespace usher::server {
namespace {

using policy::CircuitBreaker;
using proxy::NamedBreaker;

struct Action {
  std::string_view name;
  void (CircuitBreaker::*perform)();
};
constexpr std::array<Action, 3> kActions = {{{"open", &CircuitBreaker::force_open},
                                             {"close", &CircuitBreaker::force_closed},
                                             {"reset", &CircuitBreaker::reset}}};

void write_breaker(JsonWriter& json, const NamedBreaker& named, Instant now) {
  const policy::BreakerSnapshot breaker = named.breaker().snapshot(now);
  json.open('{').name("service").string(named.service()).name("endpoint");
  if (named.endpoint().empty()) {
    json.literal("null");
  } else {
    json.string(named.endpoint());
  }
  json.name("state").string(policy::to_string(breaker.state));
  json.name("reason").string(policy::to_string(breaker.reason));
  json.number("opensInARow", breaker.opens)
      .number("consecutiveFailures", breaker.consecutive_failures);
  json.name("window")
      .open('{')
      .number("calls", breaker.calls)
      .number("failures", breaker.failures)
      .number("slow", breaker.slow)
      .close('}');
  json.number("probes", breaker.probes)
      .number("probeSuccesses", breaker.probe_successes)
      .number("retryInMs", to_milliseconds(breaker.retry_in));
  json.name("shadow").literal(breaker.shadow ? "true" : "false").close('}');
}

std::string render_all(const proxy::SharedState& shared, Instant now) {
  JsonWriter json;
  json.open('{').name("breakers").open('[');
  for (const auto& breaker : shared.breakers()) write_breaker(json, *breaker, now);
  json.close(']').close('}');
  return json.take();
}

// Of "ticket-service/ticket-status/open"; at least one part.
std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> parts;
  for (std::size_t end = 0; end != std::string_view::npos;) {
    end = path.find('/');
    parts.push_back(path.substr(0, end));
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
  }
  return parts;
}

// How POST's path names a breaker.
std::string path_of(const NamedBreaker& breaker) {
  return breaker.endpoint().empty() ? breaker.service()
                                    : breaker.service() + "/" + breaker.endpoint();
}

// 404 with what could have been meant: the service's breakers, or all when it has none.
AdminAnswer unknown_breaker(const proxy::SharedState& shared, std::string_view service) {
  std::string of_service, all;
  for (const auto& breaker : shared.breakers()) {
    const std::string item = ", " + path_of(*breaker);
    all += item;
    if (breaker->service() == service) of_service += item;
  }
  const std::string& known = of_service.empty() ? all : of_service;
  return admin_refusal(404, known.empty() ? "there are no breakers"
                                          : "no such breaker; there are" + known.substr(1));
}

// `path`: behind "/breakers/".
AdminAnswer force(std::string_view path, proxy::SharedState& shared, Instant now) {
  const std::vector<std::string_view> parts = split(path);
  const auto action = std::find_if(kActions.begin(), kActions.end(),
                                   [&](const Action& known) { return known.name == parts.back(); });
  if (action == kActions.end() || parts.size() < 2 || parts.size() > 3) {
    return admin_refusal(404,
                         "not found; there are /breakers/{service}/{endpoint}/{action} and "
                         "/breakers/{service}/{action} with open, close and reset");
  }
  const std::string_view endpoint = parts.size() == 3 ? parts[1] : std::string_view{};
  NamedBreaker* named = shared.find(parts[0], endpoint);
  if (named == nullptr || (parts.size() == 3 && endpoint.empty())) {
    return unknown_breaker(shared, parts[0]);
  }
  (named->breaker().*action->perform)();
  JsonWriter json;
  write_breaker(json, *named, now);
  return {.body = json.take()};
}

}  // namespace

AdminAnswer answer_breakers(const AdminRequest& request, proxy::SharedState& shared, Instant now) {
  if (request.path == kBreakersPath) {
    if (!request.reads()) return method_refusal(kReadMethods);
    return {.body = render_all(shared, now)};
  }
  if (request.method != http::Method::Post) return method_refusal("POST");
  return force(request.path.substr(kBreakersPath.size() + 1), shared, now);
}

}  // namespace usher::server
