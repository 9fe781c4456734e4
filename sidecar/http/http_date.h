// HTTP-date: the three forms of a date that a recipient must understand (RFC 9110 §5.6.7).
//
// Thread: any. Pure.
#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace usher::http {

// Nothing when `text` is none of the forms. `now` (wall clock) decides the century of the obsolete
// RFC 850 form, whose year has two digits: never more than 50 years ahead.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text,
                                                        std::chrono::sys_seconds now);

}  // namespace usher::http
