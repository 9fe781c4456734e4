#include "intercept/port_ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace usher::intercept {
namespace {

using testing::HasSubstr;

std::string normal(std::string_view text) {
  const auto ranges = parse_port_ranges(text);
  return ranges ? to_string(*ranges) : "error: " + ranges.error();
}

TEST(PortRanges, AreSortedAndMerged) {
  EXPECT_EQ(normal("80"), "80");
  EXPECT_EQ(normal("3001-3005,80"), "80,3001-3005");
  EXPECT_EQ(normal("5-9, 1-3 ,4"), "1-9");
  EXPECT_EQ(normal("10-20,12,20-30,32"), "10-30,32");
  EXPECT_EQ(normal("65535,1-65534"), "1-65535");
}

TEST(PortRanges, SayWhatIsWrong) {
  for (const char* text : {"", ",", "80,", "0", "65536", "a", "1-", "-1", "1-2-3", "+1", "0x10"}) {
    EXPECT_THAT(normal(text), HasSubstr("is neither a port nor a range; expected")) << text;
  }
  EXPECT_THAT(normal("80,5-3"), HasSubstr("\"5-3\" ends before it begins"));
}

TEST(PortRanges, LoseOthers) {
  const auto left = [](std::string_view from, std::string_view others) {
    return to_string(without(*parse_port_ranges(from), *parse_port_ranges(others)));
  };
  EXPECT_EQ(left("1-10", "3,5-6"), "1-2,4,7-10");
  EXPECT_EQ(left("1-10", "1-2,10"), "3-9");
  EXPECT_EQ(left("5,7", "1-6"), "7");
  EXPECT_EQ(left("1-65535", "65535"), "1-65534");
  EXPECT_EQ(left("5-6,8", "5-8"), "");
}

}  // namespace
}  // namespace usher::intercept
