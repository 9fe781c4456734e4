// Router: method and path → Endpoint, at a cost that does not depend on how many endpoints there
// are.
//
// A tree of segments; a node finds a literal child by hash and has at most one parameter child.
// A literal wins over a parameter whatever the order of configuration, and where the literal's
// branch has no endpoint of this method the parameter's is tried, as Fastify's router does it.
//
// Paths are compared as owners read them: percent-escapes in literal segments are decoded first
// (%61dmins is admins), or a consumer could reach one endpoint under another's policy; an escaped
// slash stays inside its segment. Nothing else is normalised: an empty segment or a trailing slash
// is a segment of its own, as it is for the owners.
//
// Thread: any; immutable once built.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "route/endpoint.h"

namespace usher::route {

struct RouteMatch {
  const Endpoint* endpoint = nullptr;  // null: nothing matches
  Parameters parameters;
  // Without an endpoint: the methods that other endpoints have at this path, as bits of
  // http::Method; 0: none at all.
  std::uint16_t allowed_methods = 0;
};

class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  // Adds an endpoint; it must outlive the router. Returns the endpoint that already has this method
  // and shape (parameter names do not count), or null when it was added.
  const Endpoint* add(const Endpoint& endpoint) { return add(endpoint, endpoint.match); }
  // The same at another path with the same parameters in the same order.
  const Endpoint* add(const Endpoint& endpoint, const PathTemplate& match);

  // Matches `path` (no query). HEAD matches GET's endpoints where no endpoint has HEAD itself.
  RouteMatch match(http::Method method, std::string_view path) const;

 private:
  struct Tree;
  struct Walk;
  std::unique_ptr<Tree> tree_;
};

}  // namespace usher::route
