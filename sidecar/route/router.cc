// The tree is flat, so that a match touches few cache lines: nodes of 12 bytes in one vector, the
// edges of all nodes in one hash table, and equal literal texts kept once.
//
// A node is entered at most once in a match, since it has one parent: the worst case is bounded by
// the tree, and the usual one by the length of the path.
#include "route/router.h"

#include <array>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>

#include "base/bytes.h"
#include "base/check.h"

namespace usher::route {
namespace {

constexpr std::size_t kMethods = static_cast<std::size_t>(http::Method::Other) + 1;
static_assert(kMethods <= 16, "RouteMatch::allowed_methods has 16 bits");

// Eight bytes at a time; only configured literals are in the table, so nobody can provoke
// collisions.
std::size_t hash_of(std::uint32_t parent, std::string_view text) {
  constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15U;
  std::uint64_t hash = (text.size() + (std::uint64_t{parent} << 32)) * kMultiplier;
  while (!text.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = text.size() < sizeof word ? text.size() : sizeof word;
    std::memcpy(&word, text.data(), size);
    hash = (hash ^ word) * kMultiplier;
    hash ^= hash >> 32;
    text.remove_prefix(size);
  }
  return hash;
}

// `segment` without percent-escapes, in `buffer`. Nothing when it is longer than any literal.
std::optional<std::string_view> decode(std::string_view segment, std::span<char> buffer) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    if (size == buffer.size()) return std::nullopt;
    char c = segment[i];
    const bool escape = c == '%' && i + 2 < segment.size() && is_hex_digit(segment[i + 1]) &&
                        is_hex_digit(segment[i + 2]);
    if (escape) {
      c = static_cast<char>(hex_value(segment[i + 1]) * 16 + hex_value(segment[i + 2]));
      i += 2;
    }
    buffer[size++] = c;
  }
  return std::string_view(buffer.data(), size);
}

}  // namespace

struct Router::Tree {
  struct Node {
    std::uint32_t parameter = 0;  // the parameter child; 0, which is the root: none
    std::uint32_t endpoints = 0;  // position in `endpoints`, where methods is not 0
    std::uint16_t methods = 0;    // the endpoints that are there, as bits
    bool has_literals = false;
  };
  // From a node to a literal child.
  struct Edge {
    std::uint32_t parent = 0;
    std::uint32_t child = 0;  // 0: a free slot
    std::uint32_t text_offset = 0;
    std::uint32_t text_size = 0;
  };
  using ByMethod = std::array<const Endpoint*, kMethods>;

  std::vector<Node> nodes = std::vector<Node>(1);  // [0]: the root
  // Open addressing, linear probing, a power of two, at most half full.
  std::vector<Edge> edges = std::vector<Edge>(64);
  std::size_t edge_count = 0;
  std::string texts;                                     // of all edges
  std::unordered_map<std::string, std::uint32_t> known;  // text → its offset in `texts`
  std::vector<ByMethod> endpoints;

  std::string_view text_of(const Edge& edge) const {
    return std::string_view(texts).substr(edge.text_offset, edge.text_size);
  }

  // The slot of that edge, or the free one where it belongs.
  std::size_t slot_of(std::uint32_t parent, std::string_view text) const {
    const std::size_t mask = edges.size() - 1;
    std::size_t i = hash_of(parent, text) & mask;
    while (edges[i].child != 0 && (edges[i].parent != parent || text_of(edges[i]) != text)) {
      i = (i + 1) & mask;
    }
    return i;
  }

  // The literal child of `parent` for a segment as it stands in a path; 0: none.
  std::uint32_t find(std::uint32_t parent, std::string_view segment, bool escaped) const {
    if (!nodes[parent].has_literals) return 0;
    if (!escaped) return edges[slot_of(parent, segment)].child;
    std::array<char, kMaxLiteralBytes> buffer;
    const auto decoded = decode(segment, buffer);
    return decoded ? edges[slot_of(parent, *decoded)].child : 0;
  }

  std::uint32_t add_node() {
    nodes.emplace_back();
    return static_cast<std::uint32_t>(nodes.size() - 1);
  }

  void grow() {
    std::vector<Edge> old(edges.size() * 2);
    old.swap(edges);
    for (const Edge& edge : old) {
      if (edge.child != 0) edges[slot_of(edge.parent, text_of(edge))] = edge;
    }
  }

  std::uint32_t literal_child(std::uint32_t parent, const std::string& text) {
    if ((edge_count + 1) * 2 > edges.size()) grow();
    Edge& edge = edges[slot_of(parent, text)];
    if (edge.child != 0) return edge.child;
    const auto [offset, is_new] = known.emplace(text, static_cast<std::uint32_t>(texts.size()));
    if (is_new) texts += text;
    edge = {.parent = parent,
            .child = add_node(),
            .text_offset = offset->second,
            .text_size = static_cast<std::uint32_t>(text.size())};
    ++edge_count;
    nodes[parent].has_literals = true;
    return edge.child;
  }

  std::uint32_t parameter_child(std::uint32_t parent) {
    if (nodes[parent].parameter == 0) {
      const std::uint32_t child = add_node();
      nodes[parent].parameter = child;
    }
    return nodes[parent].parameter;
  }

  const Endpoint* endpoint(const Node& node, http::Method method) const {
    if (node.methods == 0) return nullptr;
    const ByMethod& by_method = endpoints[node.endpoints];
    const Endpoint* own = by_method[static_cast<std::size_t>(method)];
    if (own != nullptr || method != http::Method::Head) return own;
    return by_method[static_cast<std::size_t>(http::Method::Get)];
  }
};

// One match: a walk down the tree with backtracking.
struct Router::Walk {
  const Tree& tree;
  http::Method method;
  bool escaped;  // the path has a percent sign
  RouteMatch& result;

  // Matches `rest`, what follows the '/' behind the segment of `node`.
  bool descend(std::uint32_t node, std::string_view rest, std::size_t depth) const {
    if (depth == kMaxSegments) return false;
    const std::size_t slash = rest.find('/');
    const std::string_view segment = rest.substr(0, slash);
    const std::uint32_t literal = tree.find(node, segment, escaped);
    if (literal != 0 && enter(literal, rest, slash, depth)) return true;

    const std::uint32_t parameter = tree.nodes[node].parameter;
    if (parameter == 0 || segment.empty()) return false;
    // There is room: no template has more than kMaxParameters.
    result.parameters.values[result.parameters.size++] = segment;
    if (enter(parameter, rest, slash, depth)) return true;
    --result.parameters.size;
    return false;
  }

  // `child` stands for the segment of `rest` that ends at `slash`.
  bool enter(std::uint32_t child, std::string_view rest, std::size_t slash,
             std::size_t depth) const {
    if (slash != std::string_view::npos) return descend(child, rest.substr(slash + 1), depth + 1);
    const Tree::Node& node = tree.nodes[child];
    result.allowed_methods |= node.methods;
    result.endpoint = tree.endpoint(node, method);
    return result.endpoint != nullptr;
  }
};

Router::Router() : tree_(std::make_unique<Tree>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

const Endpoint* Router::add(const Endpoint& endpoint, const PathTemplate& match) {
  USHER_CHECK(!match.segments().empty());
  std::uint32_t position = 0;
  for (const PathTemplate::Segment& segment : match.segments()) {
    position = segment.is_parameter() ? tree_->parameter_child(position)
                                      : tree_->literal_child(position, segment.literal);
  }
  Tree::Node& node = tree_->nodes[position];
  if (node.methods == 0) {
    node.endpoints = static_cast<std::uint32_t>(tree_->endpoints.size());
    tree_->endpoints.emplace_back();
  }
  const auto method = static_cast<std::size_t>(endpoint.method);
  const Endpoint*& place = tree_->endpoints[node.endpoints][method];
  if (place != nullptr) return place;
  place = &endpoint;
  node.methods = static_cast<std::uint16_t>(node.methods | (1U << method));
  return nullptr;
}

RouteMatch Router::match(http::Method method, std::string_view path) const {
  RouteMatch result;
  if (path.empty() || path.front() != '/') return result;
  const bool escaped = path.find('%') != std::string_view::npos;
  const Walk walk = {.tree = *tree_, .method = method, .escaped = escaped, .result = result};
  if (walk.descend(0, path.substr(1), 0)) result.allowed_methods = 0;
  return result;
}

}  // namespace usher::route
