#include "router.h"

#include "text.h"

namespace owners {
namespace {

using Segments = std::vector<std::string_view>;

bool is_parameter(std::string_view segment) {
  return segment.starts_with(':');
}

bool fits(const Segments& pattern, const Segments& path) {
  if (pattern.size() != path.size()) return false;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (is_parameter(pattern[i]) ? path[i].empty() : pattern[i] != path[i]) return false;
  }
  return true;
}

// Decided by the first segment in which the two differ.
bool more_static(const Segments& left, const Segments& right) {
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (is_parameter(left[i]) != is_parameter(right[i])) return is_parameter(right[i]);
  }
  return false;
}

}  // namespace

RouteMatch Router::match(std::string_view method, std::string_view path) const {
  const Segments segments = split(path, '/');
  RouteMatch match;
  Segments best;
  for (const Route& route : routes_) {
    const bool head = method == "HEAD" && route.method == "GET";
    if (route.method != method && !head) continue;
    Segments pattern = split(route.pattern, '/');
    if (!fits(pattern, segments)) continue;
    if (match.route != nullptr && !more_static(pattern, best)) continue;
    match.route = &route;
    best = std::move(pattern);
  }
  if (match.route == nullptr) return match;
  match.outcome = RouteMatch::Outcome::Found;
  for (std::size_t i = 0; i < best.size(); ++i) {
    if (!is_parameter(best[i])) continue;
    auto value = decode_uri_component(segments[i]);
    if (!value) {
      match.outcome = RouteMatch::Outcome::BadEscape;
      return match;
    }
    if (value->size() > kParameterLengthMax) {
      match.outcome = RouteMatch::Outcome::ParameterTooLong;
    }
    match.params.emplace(best[i].substr(1), std::move(*value));
  }
  return match;
}

}  // namespace owners
