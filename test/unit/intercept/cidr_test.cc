#include "intercept/cidr.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace usher::intercept {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string error_of(std::string_view text) {
  const auto cidr = parse_cidr(text);
  return cidr ? "none: " + to_string(*cidr) : cidr.error();
}

std::vector<std::string> reduced_texts(const std::vector<std::string>& texts) {
  std::vector<Cidr> cidrs;
  for (const std::string& text : texts) cidrs.push_back(parse_cidr(text).value());
  std::vector<std::string> result;
  for (const Cidr& cidr : reduced(cidrs)) result.push_back(to_string(cidr));
  return result;
}

TEST(Cidr, IsWrittenAsItIsRead) {
  for (const char* text :
       {"10.0.0.0/8", "10.1.2.3", "0.0.0.0/0", "fd00::/8", "::1", "::/0", "fe80::/10"}) {
    EXPECT_EQ(to_string(parse_cidr(text).value()), text);
  }
  EXPECT_EQ(to_string(parse_cidr("10.1.2.3/32").value()), "10.1.2.3");
}

TEST(Cidr, SaysWhatIsWrong) {
  for (const char* text : {"", "localhost", "10.0.0", "10.0.0.0.0/8", "fd00:/8", "10.1.2.3 "}) {
    EXPECT_THAT(error_of(text), HasSubstr("is no range of addresses; expected")) << text;
  }
  EXPECT_THAT(error_of("10.0.0.0/33"), HasSubstr("expected 0 to 32"));
  EXPECT_THAT(error_of("fd00::/129"), HasSubstr("expected 0 to 128"));
  EXPECT_THAT(error_of("10.0.0.0/"), HasSubstr("wrong length"));
  EXPECT_THAT(error_of("10.1.2.3/12"), HasSubstr("expected 10.0.0.0/12"));
  EXPECT_THAT(error_of("fd00::1/8"), HasSubstr("expected fd00::/8"));
}

TEST(Cidr, ListsAreReduced) {
  EXPECT_THAT(reduced_texts({"fd00::/8", "10.1.0.0/16", "10.0.0.0/8", "10.1.2.3"}),
              ElementsAre("10.0.0.0/8", "fd00::/8"));
  EXPECT_THAT(reduced_texts({"10.0.0.0", "10.0.0.1", "10.0.0.2/31"}), ElementsAre("10.0.0.0/30"));
  // Neighbours that are no halves of one.
  EXPECT_THAT(reduced_texts({"12.0.0.0/8", "11.0.0.0/8"}), ElementsAre("11.0.0.0/8", "12.0.0.0/8"));
  EXPECT_THAT(reduced_texts({"128.0.0.0/1", "0.0.0.0/1"}), ElementsAre("0.0.0.0/0"));
  // The same bits in both families.
  EXPECT_THAT(reduced_texts({"::/8", "0.0.0.0/8"}), ElementsAre("0.0.0.0/8", "::/8"));
}

TEST(Cidr, EndsBehindItsLast) {
  EXPECT_THAT(end_of(parse_cidr("10.0.0.0/8").value()), ElementsAre(11, 0, 0, 0));
  EXPECT_THAT(end_of(parse_cidr("10.255.255.255").value()), ElementsAre(11, 0, 0, 0));
  EXPECT_THAT(end_of(parse_cidr("169.254.128.0/17").value()), ElementsAre(169, 255, 0, 0));
  EXPECT_THAT(end_of(parse_cidr("255.0.0.0/8").value()), IsEmpty());
  EXPECT_THAT(end_of(parse_cidr("::/0").value()), IsEmpty());
}

}  // namespace
}  // namespace usher::intercept
