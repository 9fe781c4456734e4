#include "config/units.h"

#include <array>

#include "base/bytes.h"

namespace usher::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};

// The largest first, for formatting.
constexpr std::array<Unit, 4> kDurations = {
    {{"h", 3'600'000'000'000}, {"m", 60'000'000'000}, {"s", 1'000'000'000}, {"ms", 1'000'000}}};
constexpr std::array<Unit, 4> kSizes = {
    {{"GiB", 1U << 30}, {"MiB", 1U << 20}, {"KiB", 1U << 10}, {"B", 1}}};

// Far above every bound, far below an overflow of nanoseconds.
constexpr std::uint64_t kMaxNumber = 1'000'000;

std::optional<std::uint64_t> parse(std::string_view text, const std::array<Unit, 4>& units) {
  std::size_t digits = 0;
  while (digits < text.size() && is_digit(text[digits])) ++digits;
  const auto number = parse_decimal(text.substr(0, digits));
  for (const Unit& unit : units) {
    if (text.substr(digits) != unit.name) continue;
    if (!number || *number > kMaxNumber) return std::nullopt;
    return *number * unit.factor;
  }
  return std::nullopt;
}

std::string format(std::uint64_t value, const std::array<Unit, 4>& units) {
  for (const Unit& unit : units) {
    if (value >= unit.factor && value % unit.factor == 0) {
      return std::to_string(value / unit.factor) + std::string(unit.name);
    }
  }
  return std::to_string(value / units.back().factor) + std::string(units.back().name);
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const auto nanoseconds = parse(text, kDurations);
  if (!nanoseconds) return std::nullopt;
  return Duration(static_cast<std::int64_t>(*nanoseconds));
}

std::optional<std::size_t> parse_size(std::string_view text) {
  return parse(text, kSizes);
}

std::string format_duration(Duration duration) {
  if (duration == Duration::zero()) return "0s";
  return format(static_cast<std::uint64_t>(duration.count()), kDurations);
}

std::string format_size(std::size_t bytes) {
  return format(bytes, kSizes);
}

}  // namespace usher::config
