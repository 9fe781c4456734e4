// HTTP-date: the three forms of a date that a recipient must understand, and the one that is
// written (RFC 9110 §5.6.7).
//
// Thread: any. Pure.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace usher::http {

// Nothing when `text` is none of the forms. Letters are compared without case, and UTC is taken for
// GMT, as a cache should (RFC 9111 §4.2). `now` (wall clock) decides the century of the obsolete
// RFC 850 form, whose year has two digits: never more than 50 years ahead.
std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text,
                                                        std::chrono::sys_seconds now);

// "Sun, 06 Nov 1994 08:49:37 GMT"
class HttpDate {
 public:
  // `wall_ms`: milliseconds since 1970; what is outside of 1970–9999 is taken for its nearest end.
  explicit HttpDate(std::int64_t wall_ms);

  std::string_view text() const { return {text_.data(), text_.size()}; }

 private:
  std::array<char, 29> text_;
};

}  // namespace usher::http
