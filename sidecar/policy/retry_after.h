// Retry-After: how long an owner asks to be left alone (RFC 9110 §10.2.3).
//
// Thread: any. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace usher::policy {

// What is asked for beyond a day counts as a day.
inline constexpr Duration kMaxRetryAfter = std::chrono::hours(24);

// Seconds or a date; a negative number or a date that is past is zero. Nothing when it is neither.
// `now` is the wall clock's.
std::optional<Duration> parse_retry_after(std::string_view value, std::chrono::sys_seconds now);

}  // namespace usher::policy
