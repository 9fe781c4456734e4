#include "service_jwt/duration.h"

#include <charconv>

namespace usher::plugins {
namespace {

constexpr int64_t kDayMs = 86'400'000;
constexpr int64_t kLongestMs = 3650 * kDayMs;

int64_t unit_ms(std::string_view unit) {
  if (unit == "ms") return 1;
  if (unit == "s") return 1000;
  if (unit == "m") return 60'000;
  if (unit == "h") return 3'600'000;
  if (unit == "d") return kDayMs;
  return 0;
}

}  // namespace

std::optional<int64_t> parse_duration_ms(std::string_view text) {
  int64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, count);
  if (read.ec != std::errc() || count < 0 || text.starts_with('-')) return std::nullopt;
  const int64_t unit = unit_ms({read.ptr, static_cast<size_t>(end - read.ptr)});
  if (unit == 0 || count > kLongestMs / unit) return std::nullopt;
  return count * unit;
}

}  // namespace usher::plugins
