// PathTree: the paths of several templates, and whether one more can match the same path as any of
// them.
//
// Thread: main.  Costs: at most the segments that are in it, for each question.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>

#include "route/path_template.h"

namespace usher::config {

class PathTree {
 public:
  void add(const route::PathTemplate& path);
  // Both have as many segments, and each pair is equal or one of the two a parameter.
  bool overlaps(const route::PathTemplate& path) const;

 private:
  using Segments = std::span<const route::PathTemplate::Segment>;
  // What can follow behind some segments.
  struct Node {
    std::map<std::string, std::unique_ptr<Node>> literals{};
    std::unique_ptr<Node> parameter{};
    bool is_end = false;

    bool overlaps(Segments rest) const;
  };

  Node root_;
};

}  // namespace usher::config
