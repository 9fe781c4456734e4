#include "http/http_date.h"

#include <algorithm>

#include "base/bytes.h"

namespace usher::http {
namespace {

using std::chrono::sys_seconds;

constexpr std::array<std::string_view, 7> kDays{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
constexpr std::array<std::string_view, 7> kLongDays{"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                    "Friday", "Saturday", "Sunday"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Takes a date apart from its front; once something does not fit, nothing fits any more.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}

  bool whole() const { return good_ && rest_.empty(); }

  Cursor& text(std::string_view expected) {
    good_ = good_ && begins_with(expected);
    if (good_) rest_.remove_prefix(expected.size());
    return *this;
  }

  template <std::size_t N>
  Cursor& name(const std::array<std::string_view, N>& names, int& index) {
    for (std::size_t i = 0; i < N; ++i) {
      if (!begins_with(names[i])) continue;
      index = static_cast<int>(i);
      return text(names[i]);
    }
    good_ = false;
    return *this;
  }

  Cursor& digits(std::size_t count, int& value) {
    const auto number = parse_decimal(rest_.substr(0, count));
    good_ = good_ && rest_.size() >= count && number.has_value();
    if (!good_) return *this;
    value = static_cast<int>(*number);
    rest_.remove_prefix(count);
    return *this;
  }

  Cursor& zone() { return text(begins_with(" UTC") ? " UTC" : " GMT"); }

  // asctime's day of the month: two digits, or a space and one.
  Cursor& padded_day(int& value) {
    return rest_.starts_with(' ') ? text(" ").digits(1, value) : digits(2, value);
  }

 private:
  bool begins_with(std::string_view text) const {
    return equals_ignoring_case(rest_.substr(0, text.size()), text);
  }

  std::string_view rest_;
  bool good_ = true;
};

struct Parts {
  int weekday = 0;
  int day = 0;
  int month = 0;  // 0 is January
  int year = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
};

Cursor& time_of_day(Cursor& cursor, Parts& parts) {
  return cursor.digits(2, parts.hour)
      .text(":")
      .digits(2, parts.minute)
      .text(":")
      .digits(2, parts.second);
}

// "Sun, 06 Nov 1994 08:49:37 GMT"
bool read_imf(std::string_view text, Parts& parts) {
  Cursor cursor(text);
  cursor.name(kDays, parts.weekday).text(", ").digits(2, parts.day).text(" ");
  cursor.name(kMonths, parts.month).text(" ").digits(4, parts.year).text(" ");
  return time_of_day(cursor, parts).zone().whole();
}

// "Sunday, 06-Nov-94 08:49:37 GMT"
bool read_rfc850(std::string_view text, Parts& parts) {
  Cursor cursor(text);
  cursor.name(kLongDays, parts.weekday).text(", ").digits(2, parts.day).text("-");
  cursor.name(kMonths, parts.month).text("-").digits(2, parts.year).text(" ");
  return time_of_day(cursor, parts).zone().whole();
}

// "Sun Nov  6 08:49:37 1994"
bool read_asctime(std::string_view text, Parts& parts) {
  Cursor cursor(text);
  cursor.name(kDays, parts.weekday).text(" ").name(kMonths, parts.month).text(" ");
  cursor.padded_day(parts.day).text(" ");
  return time_of_day(cursor, parts).text(" ").digits(4, parts.year).whole();
}

int full_year(int two_digits, sys_seconds now) {
  const std::chrono::year_month_day today(std::chrono::floor<std::chrono::days>(now));
  const int this_year = static_cast<int>(today.year());
  const int year = this_year - this_year % 100 + two_digits;
  return year > this_year + 50 ? year - 100 : year;
}

// The day of the week is not held against the date: RFC 9110 asks to be robust here.
std::optional<sys_seconds> to_time(const Parts& parts) {
  const std::chrono::year_month_day date(std::chrono::year(parts.year),
                                         std::chrono::month(static_cast<unsigned>(parts.month + 1)),
                                         std::chrono::day(static_cast<unsigned>(parts.day)));
  constexpr int kLeapSecond = 60;
  if (!date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > kLeapSecond) {
    return std::nullopt;
  }
  return std::chrono::sys_days(date) + std::chrono::hours(parts.hour) +
         std::chrono::minutes(parts.minute) + std::chrono::seconds(parts.second);
}

}  // namespace

std::optional<sys_seconds> parse_http_date(std::string_view text, sys_seconds now) {
  Parts parts;
  if (read_imf(text, parts) || read_asctime(text, parts)) return to_time(parts);
  if (!read_rfc850(text, parts)) return std::nullopt;
  parts.year = full_year(parts.year, now);
  return to_time(parts);
}

HttpDate::HttpDate(std::int64_t wall_ms) {
  using std::chrono::days;
  constexpr std::int64_t kLast = 253'402'300'799;  // 9999-12-31 23:59:59
  const sys_seconds time(std::chrono::seconds(std::clamp<std::int64_t>(wall_ms / 1000, 0, kLast)));
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  const std::size_t weekday = std::chrono::weekday(day).iso_encoding() - 1;
  const std::size_t month = static_cast<unsigned>(date.month()) - 1;

  char* out = text_.data();
  const auto text = [&out](std::string_view part) {
    out = std::copy(part.begin(), part.end(), out);
  };
  const auto two_digits = [&out](auto number) {
    *out++ = static_cast<char>('0' + number / 10);
    *out++ = static_cast<char>('0' + number % 10);
  };
  const int year = static_cast<int>(date.year());
  text(kDays[weekday]);
  text(", ");
  two_digits(static_cast<unsigned>(date.day()));
  text(" ");
  text(kMonths[month]);
  text(" ");
  two_digits(year / 100);
  two_digits(year % 100);
  text(" ");
  two_digits(clock.hours().count());
  text(":");
  two_digits(clock.minutes().count());
  text(":");
  two_digits(clock.seconds().count());
  text(" GMT");
}

}  // namespace usher::http
