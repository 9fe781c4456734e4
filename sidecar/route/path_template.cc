#include "route/path_template.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/check.h"

namespace usher::route {
namespace {

// pchar of RFC 3986 §3.3 but the percent-escape.
bool is_path_byte(char c) {
  constexpr std::string_view kOthers = "-._~!$&'()*+,;=:@";
  const char lower = to_lower(c);
  return is_digit(c) || (lower >= 'a' && lower <= 'z') || kOthers.find(c) != std::string_view::npos;
}

bool is_name(std::string_view text) {
  if (text.empty() || is_digit(text.front())) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    const char lower = to_lower(c);
    return is_digit(c) || (lower >= 'a' && lower <= 'z') || c == '_';
  });
}

std::string quoted(std::string_view text) {
  return '"' + std::string(text) + '"';
}

tl::unexpected<std::string> wrong(std::string message) {
  return tl::unexpected<std::string>(std::move(message));
}

using Segment = PathTemplate::Segment;

tl::expected<Segment, std::string> parse_parameter(std::string_view raw) {
  const std::string_view name = raw.substr(1, raw.size() - 2);
  if (!is_name(name)) {
    return wrong("the parameter " + quoted(raw) +
                 " has no usable name; letters, digits and _ are, a digit not in front");
  }
  return Segment{.literal = {}, .parameter = std::string(name)};
}

tl::expected<Segment, std::string> parse_literal(std::string_view raw) {
  std::string literal;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const char c = raw[i];
    if (c == '{' || c == '}') {
      return wrong("a parameter must be a whole segment, as in \"/{name}/\"; " + quoted(raw) +
                   " is not");
    }
    if (c == '%') {
      if (i + 2 >= raw.size() || !is_hex_digit(raw[i + 1]) || !is_hex_digit(raw[i + 2])) {
        return wrong("a '%' without two hexadecimal digits in " + quoted(raw) +
                     "; a percent sign itself is %25");
      }
      literal += static_cast<char>(hex_value(raw[i + 1]) * 16 + hex_value(raw[i + 2]));
      i += 2;
    } else if (is_path_byte(c)) {
      literal += c;
    } else if (c == '?' || c == '#') {
      return wrong("a template is a path alone; leave out what begins with '" + std::string(1, c) +
                   "'");
    } else {
      return wrong("a byte in " + quoted(raw) +
                   " may not stand in a path; write it as a percent-escape");
    }
  }
  if (literal == "." || literal == "..") {
    return wrong("the segment " + quoted(raw) + " is refused in calls; write the path it leads to");
  }
  if (literal.size() > kMaxLiteralBytes) {
    return wrong("a segment is longer than " + std::to_string(kMaxLiteralBytes) + " bytes");
  }
  return Segment{.literal = std::move(literal), .parameter = {}};
}

tl::expected<Segment, std::string> parse_segment(std::string_view raw) {
  const bool parameter = raw.size() >= 2 && raw.front() == '{' && raw.back() == '}' &&
                         raw.find('{', 1) == std::string_view::npos;
  return parameter ? parse_parameter(raw) : parse_literal(raw);
}

}  // namespace

tl::expected<PathTemplate, std::string> PathTemplate::parse(std::string_view text) {
  if (text.empty() || text.front() != '/') return wrong("a path template begins with '/'");
  PathTemplate result;
  result.text_ = text;
  int parameters = 0;
  std::string literal_run;
  for (std::size_t begin = 1; begin <= text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    const std::string_view raw = text.substr(begin, end - begin);
    if (raw.empty() && end < text.size()) {
      return wrong("an empty segment (\"//\"); owners do not skip it, write one '/'");
    }
    auto segment = parse_segment(raw);
    if (!segment) return wrong(std::move(segment.error()));
    literal_run += '/';
    if (!segment->is_parameter()) {
      literal_run += raw;
    } else {
      if (result.parameter_index(segment->parameter) >= 0) {
        return wrong("the parameter {" + segment->parameter + "} stands twice; name them apart");
      }
      result.pieces_.push_back({.text = std::move(literal_run), .parameter = -1});
      result.pieces_.push_back({.text = {}, .parameter = parameters++});
      literal_run.clear();
    }
    result.segments_.push_back(std::move(*segment));
    begin = end + 1;
  }
  if (!literal_run.empty()) result.pieces_.push_back({.text = std::move(literal_run)});
  if (result.segments_.size() > kMaxSegments) {
    return wrong("more than " + std::to_string(kMaxSegments) + " segments");
  }
  if (result.parameter_count() > kMaxParameters) {
    return wrong("more than " + std::to_string(kMaxParameters) + " parameters");
  }
  return result;
}

std::size_t PathTemplate::parameter_count() const {
  return static_cast<std::size_t>(std::count_if(segments_.begin(), segments_.end(),
                                                [](const Segment& s) { return s.is_parameter(); }));
}

int PathTemplate::parameter_index(std::string_view name) const {
  int index = 0;
  for (const Segment& segment : segments_) {
    if (!segment.is_parameter()) continue;
    if (segment.parameter == name) return index;
    ++index;
  }
  return -1;
}

bool PathTemplate::bind(const PathTemplate& source) {
  std::vector<int> positions;
  for (const Segment& segment : segments_) {
    if (!segment.is_parameter()) continue;
    const int position = source.parameter_index(segment.parameter);
    if (position < 0) return false;
    positions.push_back(position);
  }
  auto next = positions.begin();
  for (Piece& piece : pieces_) {
    if (piece.parameter >= 0) piece.parameter = *next++;
  }
  return true;
}

std::size_t PathTemplate::write(const Parameters& parameters, std::span<char> buffer) const {
  std::size_t size = 0;
  for (const Piece& piece : pieces_) {
    std::string_view text = piece.text;
    if (piece.parameter >= 0) {
      const auto position = static_cast<std::size_t>(piece.parameter);
      USHER_CHECK(position < parameters.size);
      text = parameters.values[position];
    }
    if (text.size() > buffer.size() - size) return 0;
    std::memcpy(buffer.data() + size, text.data(), text.size());
    size += text.size();
  }
  return size;
}

}  // namespace usher::route
