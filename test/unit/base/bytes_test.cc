#include "base/bytes.h"

#include <gtest/gtest.h>

namespace usher {
namespace {

TEST(Bytes, CaseIsAsciiOnly) {
  EXPECT_EQ(to_lower('A'), 'a');
  EXPECT_EQ(to_lower('Z'), 'z');
  EXPECT_EQ(to_lower('@'), '@');
  EXPECT_EQ(to_lower('['), '[');
  EXPECT_EQ(to_lower('\xc4'), '\xc4');
  EXPECT_TRUE(equals_ignoring_case("X-Tenant-ID", "x-TENANT-id"));
  EXPECT_FALSE(equals_ignoring_case("a", "ab"));
  EXPECT_FALSE(equals_ignoring_case("k", "\xe2\x84\xaa"));  // the Kelvin sign
  EXPECT_TRUE(equals_ignoring_case("", ""));
}

TEST(Bytes, Digits) {
  for (int c = 0; c < 256; ++c) {
    const char byte = static_cast<char>(c);
    EXPECT_EQ(is_digit(byte), c >= '0' && c <= '9');
    EXPECT_EQ(is_hex_digit(byte),
              std::string_view("0123456789abcdefABCDEF").find(byte) != std::string_view::npos);
  }
  EXPECT_EQ(hex_value('0'), 0);
  EXPECT_EQ(hex_value('a'), 10);
  EXPECT_EQ(hex_value('F'), 15);
}

TEST(Bytes, TrimTakesSpacesAndTabsAlone) {
  EXPECT_EQ(trim(" \ta b\t "), "a b");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim("\na\n"), "\na\n");
}

TEST(Bytes, Decimals) {
  EXPECT_EQ(parse_decimal("0"), 0u);
  EXPECT_EQ(parse_decimal("007"), 7u);
  EXPECT_EQ(parse_decimal("18446744073709551615"), UINT64_MAX);
  for (const char* wrong :
       {"", "18446744073709551616", "-1", "+1", " 1", "1 ", "0x1", "1.0", "1e3"}) {
    EXPECT_FALSE(parse_decimal(wrong).has_value()) << wrong;
  }
}

TEST(Bytes, PercentEscapesAreDecodedOnce) {
  EXPECT_EQ(percent_decoded(""), "");
  EXPECT_EQ(percent_decoded("a+b/%2F%2f%25%2525"), "a+b///%%25");
  EXPECT_EQ(percent_decoded("%00"), std::string(1, '\0'));
  for (const char* wrong : {"%", "%2", "a%", "%2g", "%g2", "% 20"}) {
    EXPECT_FALSE(percent_decoded(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace usher
