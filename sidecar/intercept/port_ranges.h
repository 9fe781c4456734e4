// PortRange: TCP ports from one to another, and lists of them.
//
// Thread: any. Pure functions. Errors: a sentence that says what is wrong and what would be right.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace usher::intercept {

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;  // included; not below first

  bool operator==(const PortRange&) const = default;
};

// In order, with at least one port between one range and the next.
using PortRanges = std::vector<PortRange>;

// "3001-3005,80": ports from 1 to 65535, in any order, overlapping or not.
tl::expected<PortRanges, std::string> parse_port_ranges(std::string_view text);

// Ranges in any order made into a list.
PortRanges merged(std::vector<PortRange> ranges);

// What is in `ranges` and not in `others`.
PortRanges without(const PortRanges& ranges, const PortRanges& others);

// "80", or first and last with `dash` between them.
std::string to_string(const PortRange& range, char dash = '-');
// "80,3001-3005"
std::string to_string(const PortRanges& ranges);

}  // namespace usher::intercept
