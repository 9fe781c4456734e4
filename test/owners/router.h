// Router finds an owner's endpoint by method and path, as the platform's framework does.
//
// The path is matched raw, segment by segment: a static segment beats a parameter whatever the
// order of registration, an escaped '/' separates nothing, and a trailing or doubled '/' is another
// path.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "database.h"
#include "http_message.h"

namespace owners {

// One request on its way through a handler.
struct Call {
  const Request& request;
  std::map<std::string, std::string, std::less<>> params;  // decoded once
  Json body;           // the parsed body, null when there is none
  std::string tenant;  // empty only where the route's rule allows it
  Database::Session& database;
  bool transfer_cooldown;

  const std::string& param(std::string_view name) const { return params.find(name)->second; }
  // NULL for a request without a tenant, for "?n IS NULL OR tenant_id = ?n".
  Value tenant_or_null() const { return tenant.empty() ? Value() : Value(tenant); }
};

// What becomes of a request without X-Tenant-ID.
enum class TenantRule {
  Required,     // 400
  WhenPresent,  // served without a filter
  Unused,       // the header is not looked at
};

// Whether the owner's scheme guards the route.
enum class Guard { Scheme, Open };

struct Route {
  std::string_view method;
  std::string_view pattern;  // segments; ":name" is a parameter
  TenantRule tenant;
  std::function<Response(Call&)> handler;
  Guard guard = Guard::Scheme;
};

struct RouteMatch {
  enum class Outcome { Found, NotFound, BadEscape, ParameterTooLong };
  Outcome outcome = Outcome::NotFound;
  const Route* route = nullptr;
  std::map<std::string, std::string, std::less<>> params;
};

class Router {
 public:
  static constexpr std::size_t kParameterLengthMax = 100;

  explicit Router(std::vector<Route> routes) : routes_(std::move(routes)) {}
  // HEAD finds the GET routes.
  RouteMatch match(std::string_view method, std::string_view path) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace owners
