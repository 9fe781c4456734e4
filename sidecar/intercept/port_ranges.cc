#include "intercept/port_ranges.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "base/bytes.h"

namespace usher::intercept {
namespace {

constexpr std::string_view kWanted = "expected ports from 1 to 65535, as in 3001-3005,80";

std::string wrong(std::string_view part, std::string_view why) {
  return "\"" + std::string(part) + "\"" + std::string(why) + "; " + std::string(kWanted);
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  const std::optional<std::uint64_t> value = parse_decimal(text);
  if (!value || *value == 0 || *value > std::numeric_limits<std::uint16_t>::max()) return {};
  return static_cast<std::uint16_t>(*value);
}

tl::expected<PortRange, std::string> parse_range(std::string_view text) {
  const std::size_t dash = text.find('-');
  const std::optional<std::uint16_t> first = parse_port(trim(text.substr(0, dash)));
  const std::optional<std::uint16_t> last =
      dash == std::string_view::npos ? first : parse_port(trim(text.substr(dash + 1)));
  if (!first || !last) return tl::unexpected(wrong(text, " is neither a port nor a range"));
  if (*first > *last) return tl::unexpected(wrong(text, " ends before it begins"));
  return PortRange{*first, *last};
}

}  // namespace

tl::expected<PortRanges, std::string> parse_port_ranges(std::string_view text) {
  std::vector<PortRange> ranges;
  for (bool more = true; more;) {
    const std::size_t comma = text.find(',');
    const auto range = parse_range(trim(text.substr(0, comma)));
    if (!range) return tl::unexpected(range.error());
    ranges.push_back(*range);
    more = comma != std::string_view::npos;
    if (more) text.remove_prefix(comma + 1);
  }
  return merged(std::move(ranges));
}

PortRanges merged(std::vector<PortRange> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const PortRange& a, const PortRange& b) { return a.first < b.first; });
  PortRanges result;
  for (const PortRange& range : ranges) {
    if (!result.empty() && range.first <= result.back().last + 1) {
      result.back().last = std::max(result.back().last, range.last);
    } else {
      result.push_back(range);
    }
  }
  return result;
}

PortRanges without(const PortRanges& ranges, const PortRanges& others) {
  PortRanges result;
  for (const PortRange& range : ranges) {
    unsigned first = range.first;
    for (const PortRange& other : others) {
      if (other.last < first || other.first > range.last) continue;
      if (other.first > first) {
        result.push_back(
            {static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(other.first - 1)});
      }
      first = other.last + 1U;
    }
    if (first <= range.last) result.push_back({static_cast<std::uint16_t>(first), range.last});
  }
  return result;
}

std::string to_string(const PortRange& range, char dash) {
  std::string text = std::to_string(range.first);
  if (range.last != range.first) text.append(1, dash).append(std::to_string(range.last));
  return text;
}

std::string to_string(const PortRanges& ranges) {
  std::string text;
  for (const PortRange& range : ranges) {
    if (!text.empty()) text += ',';
    text += to_string(range);
  }
  return text;
}

}  // namespace usher::intercept
