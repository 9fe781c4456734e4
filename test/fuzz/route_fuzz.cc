// Path templates and matching: the endpoint is a naive matcher's, which tries every endpoint in the
// order of precedence; and a path that is written with its parameters reads the same again.
//
// Input: lines "METHOD /template/{parameter}", an empty line, lines "METHOD /path".
#include <algorithm>
#include <array>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "fuzz/support/input.h"
#include "route/router.h"

namespace {

using namespace usher::route;
using usher::http::Method;

constexpr std::size_t kMaxEndpoints = 64;
constexpr std::size_t kMaxPaths = 32;

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  for (path.remove_prefix(1);;) {
    const std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos) return segments;
    path.remove_prefix(slash + 1);
  }
}

std::string decoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::string digits(text.substr(i + 1, 2));
    if (text[i] == '%' && digits.size() == 2 &&
        digits.find_first_not_of(kDigits) == std::string::npos) {
      result += static_cast<char>(std::stoi(digits, nullptr, 16));
      i += 2;
    } else {
      result += text[i];
    }
  }
  return result;
}

// "LPL" where the template matches: a literal, a parameter, a literal. In this order the first is
// the one with precedence.
std::optional<std::string> shape_of_match(const PathTemplate& path_template,
                                          const std::vector<std::string_view>& path) {
  const auto& segments = path_template.segments();
  if (segments.size() != path.size()) return std::nullopt;
  std::string shape;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool is_parameter = segments[i].is_parameter();
    if (is_parameter ? path[i].empty() : segments[i].literal != decoded(path[i])) return {};
    shape += is_parameter ? 'P' : 'L';
  }
  return shape;
}

struct NaiveMatch {
  const Endpoint* endpoint = nullptr;
  std::uint16_t methods = 0;
};

NaiveMatch match_naively(const std::deque<Endpoint>& endpoints, Method method,
                         std::string_view path) {
  NaiveMatch result;
  if (!path.starts_with('/')) return result;
  const auto segments = split(path);
  std::string best;
  for (const Endpoint& endpoint : endpoints) {
    const auto shape = shape_of_match(endpoint.match, segments);
    if (!shape) continue;
    result.methods =
        static_cast<std::uint16_t>(result.methods | (1U << static_cast<unsigned>(endpoint.method)));
    const bool is_own = endpoint.method == method;
    if (!is_own && !(method == Method::Head && endpoint.method == Method::Get)) continue;
    // '0' before '1': HEAD's own endpoint before GET's of the same shape.
    const std::string rank = *shape + (is_own ? '0' : '1');
    if (result.endpoint == nullptr || rank < best) {
      result.endpoint = &endpoint;
      best = rank;
    }
  }
  if (result.endpoint != nullptr) result.methods = 0;
  return result;
}

// The matched template, written with the parameters, is the path again.
void check_rewrite(const Endpoint& endpoint, const Parameters& parameters, std::string_view path) {
  USHER_CHECK(parameters.size == endpoint.match.parameter_count());
  PathTemplate same = endpoint.match;
  USHER_CHECK(same.bind(endpoint.match));
  std::string buffer(path.size() * 3 + 16, '\0');
  buffer.resize(same.write(parameters, buffer));
  USHER_CHECK(decoded(buffer) == decoded(path) && split(buffer).size() == split(path).size());
  if (!buffer.empty()) USHER_CHECK(same.write(parameters, std::span(buffer).first(1)) <= 1);
}

struct Line {
  Method method = Method::Other;
  std::string_view path;
};

Line parse(std::string_view line) {
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return {.path = line};
  for (const Method method : {Method::Get, Method::Head, Method::Post, Method::Put, Method::Delete,
                              Method::Patch, Method::Options}) {
    if (line.substr(0, space) == usher::http::to_string(method))
      return {.method = method, .path = line.substr(space + 1)};
  }
  return {.path = line.substr(space + 1)};
}

void check_template(const PathTemplate& path_template, std::string_view text) {
  USHER_CHECK(path_template.text() == text && text.front() == '/');
  USHER_CHECK(path_template.segments().size() == split(text).size());
  USHER_CHECK(path_template.segments().size() <= kMaxSegments);
  USHER_CHECK(path_template.parameter_count() <= kMaxParameters);
  for (const PathTemplate::Segment& segment : path_template.segments()) {
    USHER_CHECK(segment.literal != "." && segment.literal != "..");
    USHER_CHECK(segment.literal.size() <= kMaxLiteralBytes);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  usher::fuzz::Input input(data, size);
  std::deque<Endpoint> endpoints;
  Router router;
  for (std::string_view line = input.line(); !line.empty(); line = input.line()) {
    const Line parsed = parse(line);
    auto path_template = PathTemplate::parse(parsed.path);
    USHER_CHECK(path_template || !path_template.error().empty());
    if (!path_template || endpoints.size() == kMaxEndpoints) continue;
    check_template(*path_template, parsed.path);
    Endpoint& endpoint = endpoints.emplace_back();
    endpoint.method = parsed.method;
    endpoint.match = *std::move(path_template);
    if (router.add(endpoint) != nullptr) endpoints.pop_back();
  }
  for (std::size_t paths = 0; !input.empty() && paths < kMaxPaths; ++paths) {
    const Line line = parse(input.line());
    const RouteMatch match = router.match(line.method, line.path);
    const NaiveMatch naive = match_naively(endpoints, line.method, line.path);
    USHER_CHECK(match.endpoint == naive.endpoint && match.allowed_methods == naive.methods);
    if (match.endpoint != nullptr) check_rewrite(*match.endpoint, match.parameters, line.path);
  }
  return 0;
}
