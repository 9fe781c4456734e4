#include "explain/nearest.h"

#include <algorithm>
#include <array>

#include "config/spelling.h"

namespace usher::explain {
namespace {

using Segment = route::PathTemplate::Segment;

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    segments.push_back(path.substr(0, path.find('/')));
    path.remove_prefix(segments.back().size());
  }
  return segments;
}

// A literal that is spelt the same says most, one that is nearly so less, a parameter little.
int likeness(const Segment& segment, std::string_view text) {
  if (segment.is_parameter()) return 1;
  if (segment.literal == text) return 4;
  const std::array<std::string_view, 1> word = {segment.literal};
  return config::nearest(text, word).empty() ? 0 : 3;
}

int likeness(const route::Endpoint& endpoint, http::Method method,
             const std::vector<std::string_view>& path) {
  const std::vector<Segment>& segments = endpoint.match.segments();
  const std::size_t common = std::min(segments.size(), path.size());
  int score = 0;
  for (std::size_t i = 0; i < common; ++i) score += likeness(segments[i], path[i]);
  if (score == 0) return 0;
  const std::size_t longer = std::max(segments.size(), path.size()) - common;
  return 4 * score - 6 * static_cast<int>(longer) + (endpoint.method == method ? 1 : 0);
}

}  // namespace

std::vector<std::string> nearest_endpoints(const config::Snapshot& snapshot, http::Method method,
                                           std::string_view path) {
  const std::vector<std::string_view> segments = split(path);
  std::vector<std::pair<int, const route::Endpoint*>> scored;
  for (const auto& endpoint : snapshot.endpoints) {
    const int score = likeness(*endpoint, method, segments);
    if (score > 0) scored.emplace_back(-score, endpoint.get());
  }
  std::stable_sort(scored.begin(), scored.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  scored.resize(std::min(scored.size(), kNearest));
  std::vector<std::string> texts;
  texts.reserve(scored.size());
  for (const auto& [score, endpoint] : scored) {
    texts.push_back(std::string(http::to_string(endpoint->method)) + " " + endpoint->match.text() +
                    " (" + endpoint->service + "/" + endpoint->name + ")");
  }
  return texts;
}

}  // namespace usher::explain
