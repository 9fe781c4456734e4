#include "policy/retry_after.h"

#include <gtest/gtest.h>

namespace usher::policy {
namespace {

const std::chrono::sys_seconds kNow{std::chrono::seconds(784'111'777)};

TEST(RetryAfter, Seconds) {
  EXPECT_EQ(parse_retry_after("0", kNow), 0s);
  EXPECT_EQ(parse_retry_after("120", kNow), 120s);
  EXPECT_EQ(parse_retry_after(" 7\t", kNow), 7s);
  EXPECT_EQ(parse_retry_after("-3", kNow), 0s);
}

TEST(RetryAfter, MoreThanADayIsADay) {
  EXPECT_EQ(parse_retry_after("86401", kNow), kMaxRetryAfter);
  EXPECT_EQ(parse_retry_after("99999999999999999999999999", kNow), kMaxRetryAfter);
  EXPECT_EQ(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", kNow), kMaxRetryAfter);
}

TEST(RetryAfter, Dates) {
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:47 GMT", kNow), 10s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:30 GMT", kNow), 0s);
  EXPECT_EQ(parse_retry_after("Sunday, 06-Nov-94 08:50:37 GMT", kNow), 60s);
}

TEST(RetryAfter, WhatIsNeitherIsIgnored) {
  for (const std::string_view text : {"", "soon", "1.5", "1s", "+1", "--1", "-", "1 2", "0x1"}) {
    EXPECT_EQ(parse_retry_after(text, kNow), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace usher::policy
