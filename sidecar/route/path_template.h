// PathTemplate: "/internal/tickets/{ticketId}/status", compiled.
//
// Thread: any; immutable once parsed.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace usher::route {

// The bound on segments of a template and of a path that can match one; a longer path matches
// nothing.
inline constexpr std::size_t kMaxSegments = 32;
inline constexpr std::size_t kMaxParameters = 8;
// Of a literal segment, decoded.
inline constexpr std::size_t kMaxLiteralBytes = 256;

// What a path's parameters were, in the order of the template: raw bytes of the path,
// percent-escapes kept.
struct Parameters {
  std::array<std::string_view, kMaxParameters> values;
  std::size_t size = 0;
};

class PathTemplate {
 public:
  struct Segment {
    std::string literal;    // decoded; empty for a parameter
    std::string parameter;  // its name; empty for a literal
    bool is_parameter() const { return !parameter.empty(); }
  };

  PathTemplate() = default;

  // Errors: a sentence that says what is wrong with `text` and what would be right.
  static tl::expected<PathTemplate, std::string> parse(std::string_view text);

  const std::vector<Segment>& segments() const { return segments_; }
  const std::string& text() const { return text_; }
  std::size_t parameter_count() const;
  // The position of a parameter among the parameters, or -1.
  int parameter_index(std::string_view name) const;

  // Prepares write(): for each parameter of this template, which one of `source` it takes. False
  // when one is not there.
  bool bind(const PathTemplate& source);

  // Appends this path with the parameters' raw bytes filled in to `buffer`; returns the number of
  // bytes, or 0 when they do not fit. REQUIRES: bind() was true.
  std::size_t write(const Parameters& parameters, std::span<char> buffer) const;

 private:
  std::string text_;
  std::vector<Segment> segments_;
  // For write(): literal text and parameter positions in turn.
  struct Piece {
    std::string text;
    int parameter = -1;
  };
  std::vector<Piece> pieces_;
};

}  // namespace usher::route
