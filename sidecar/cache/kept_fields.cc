#include "cache/kept_fields.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"

namespace usher::cache {

void read_lines(std::string_view lines, http::Fields& fields) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find("\r\n"), lines.size());
    const std::string_view line = lines.substr(0, end);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
      const std::string_view name = line.substr(0, colon);
      fields.add(name, trim(line.substr(colon + 1)), http::field_id(name));
    }
    lines.remove_prefix(std::min(end + 2, lines.size()));
  }
}

std::string_view find_value(std::string_view lines, std::string_view name) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find("\r\n"), lines.size());
    const std::string_view line = lines.substr(0, end);
    const std::size_t colon = std::min(line.find(':'), line.size());
    if (colon < line.size() && equals_ignoring_case(line.substr(0, colon), name)) {
      return trim(line.substr(colon + 1));
    }
    lines.remove_prefix(std::min(end + 2, lines.size()));
  }
  return {};
}

std::string names_beyond(std::string_view vary, std::span<const std::string> names) {
  std::vector<std::string> beyond;
  while (!vary.empty()) {
    const std::size_t comma = std::min(vary.find(','), vary.size());
    std::string name(trim(vary.substr(0, comma)));
    std::transform(name.begin(), name.end(), name.begin(), to_lower);
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
      beyond.push_back(std::move(name));
    }
    vary.remove_prefix(std::min(comma + 1, vary.size()));
  }
  std::sort(beyond.begin(), beyond.end());
  beyond.erase(std::unique(beyond.begin(), beyond.end()), beyond.end());
  std::string text;
  for (const std::string& name : beyond) text.append(text.empty() ? "" : ",").append(name);
  return text;
}

}  // namespace usher::cache
