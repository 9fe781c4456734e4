#include "config/path_tree.h"

#include <algorithm>

namespace usher::config {

void PathTree::add(const route::PathTemplate& path) {
  Node* node = &root_;
  for (const auto& segment : path.segments()) {
    auto& next = segment.is_parameter() ? node->parameter : node->literals[segment.literal];
    if (next == nullptr) next = std::make_unique<Node>();
    node = next.get();
  }
  node->is_end = true;
}

bool PathTree::overlaps(const route::PathTemplate& path) const {
  return root_.overlaps(path.segments());
}

// As deep as a template has segments (route::kMaxSegments).
bool PathTree::Node::overlaps(Segments rest) const {
  if (rest.empty()) return is_end;
  const auto& segment = rest.front();
  const Segments behind = rest.subspan(1);
  if (parameter != nullptr && parameter->overlaps(behind)) return true;
  if (!segment.is_parameter()) {
    const auto same = literals.find(segment.literal);
    return same != literals.end() && same->second->overlaps(behind);
  }
  return std::any_of(literals.begin(), literals.end(),
                     [&](const auto& literal) { return literal.second->overlaps(behind); });
}

}  // namespace usher::config
