// The value of a field of a head, as text; "" without it.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace usher::sim {

inline std::string field_of(std::string_view head, std::string_view name) {
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const std::string_view line = head.substr(0, end);
    head = end == std::string_view::npos ? std::string_view{} : head.substr(end + 2);
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) continue;
    if (equals_ignoring_case(line.substr(0, colon), name)) {
      return std::string(trim(line.substr(colon + 1)));
    }
  }
  return "";
}

}  // namespace usher::sim
