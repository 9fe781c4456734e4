#include "http/http_date.h"

#include <gtest/gtest.h>

#include <limits>

namespace usher::http {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

const sys_seconds kNow{seconds(1'768'210'800)};    // 2026-01-12
const sys_seconds kExample{seconds(784'111'777)};  // RFC 9110 §5.6.7's own

TEST(HttpDate, ReadsAllThreeForms) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow), kExample);
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", kNow), kExample);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", kNow), kExample);
  EXPECT_EQ(parse_http_date("Wed Nov 16 08:49:37 1994", kNow), kExample + std::chrono::days(10));
}

TEST(HttpDate, TwoDigitYearsAreAtMostFiftyYearsAhead) {
  const auto year_of = [](std::string_view text) {
    const auto time = parse_http_date(text, kNow);
    const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(*time));
    return static_cast<int>(date.year());
  };
  EXPECT_EQ(year_of("Monday, 06-Jan-76 00:00:00 GMT"), 2076);
  EXPECT_EQ(year_of("Monday, 06-Jan-77 00:00:00 GMT"), 1977);
  EXPECT_EQ(year_of("Monday, 06-Jan-00 00:00:00 GMT"), 2000);
}

TEST(HttpDate, RefusesWhatIsNone) {
  for (const std::string_view text :
       {"", "0", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, +6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 199",
        "Sun Nov  6 08:49:37 94", "Sunday, 06-Nov-94"}) {
    EXPECT_EQ(parse_http_date(text, kNow), std::nullopt) << text;
  }
}

// RFC 9111 §4.2: a cache compares without case, and takes UTC for GMT.
TEST(HttpDate, ReadsWhatACacheShould) {
  for (const std::string_view text :
       {"SUN, 06 NOV 1994 08:49:37 GMT", "sun, 06 nov 1994 08:49:37 gmt",
        "Sun, 06 Nov 1994 08:49:37 UTC", "sunday, 06-nov-94 08:49:37 utc",
        "sun nov  6 08:49:37 1994"}) {
    EXPECT_EQ(parse_http_date(text, kNow), kExample) << text;
  }
}

TEST(HttpDate, IsWritten) {
  EXPECT_EQ(HttpDate(784'111'777'999).text(), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(HttpDate(0).text(), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(HttpDate(951'782'400'000).text(), "Tue, 29 Feb 2000 00:00:00 GMT");
  EXPECT_EQ(HttpDate(-1).text(), HttpDate(0).text());
  EXPECT_EQ(HttpDate(std::numeric_limits<std::int64_t>::min()).text(), HttpDate(0).text());
  EXPECT_EQ(HttpDate(std::numeric_limits<std::int64_t>::max()).text(),
            "Fri, 31 Dec 9999 23:59:59 GMT");
}

TEST(HttpDate, WhatIsWrittenReadsTheSame) {
  constexpr std::int64_t kStep = 99'991;  // comes to all times of the day
  for (std::int64_t second = 0; second < 100LL * 366 * 86'400; second += kStep) {
    EXPECT_EQ(parse_http_date(HttpDate(second * 1000).text(), kNow), sys_seconds(seconds(second)));
  }
}

TEST(HttpDate, TakesALeapSecond) {
  EXPECT_EQ(parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT", kNow),
            parse_http_date("Sun, 01 Jan 2017 00:00:00 GMT", kNow));
}

}  // namespace
}  // namespace usher::http
