#include "policy/retry_after.h"

#include <algorithm>

#include "base/bytes.h"
#include "http/http_date.h"

namespace usher::policy {
namespace {

constexpr auto kMaxSeconds = static_cast<std::uint64_t>(
    std::chrono::duration_cast<std::chrono::seconds>(kMaxRetryAfter).count());

std::optional<Duration> parse_seconds(std::string_view text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
  // Digits that do not fit into 64 bits are more than a day as well.
  const std::uint64_t seconds = parse_decimal(text).value_or(kMaxSeconds);
  return std::chrono::seconds(std::min(seconds, kMaxSeconds));
}

}  // namespace

std::optional<Duration> parse_retry_after(std::string_view value, std::chrono::sys_seconds now) {
  value = trim(value);
  if (value.starts_with('-')) {
    return parse_seconds(value.substr(1)) ? std::optional(Duration::zero()) : std::nullopt;
  }
  if (const auto seconds = parse_seconds(value)) return seconds;
  const auto date = http::parse_http_date(value, now);
  if (!date) return std::nullopt;
  const auto wait = std::clamp<std::chrono::seconds>(
      *date - now, std::chrono::seconds(0),
      std::chrono::duration_cast<std::chrono::seconds>(kMaxRetryAfter));
  return wait;
}

}  // namespace usher::policy
