#include "policy/destination_list.h"

#include <gtest/gtest.h>

namespace usher::policy {
namespace {

bool allows(std::string_view pattern, std::string_view authority) {
  DestinationList list;
  EXPECT_TRUE(list.add(pattern)) << pattern;
  return list.allows(*http::parse_authority(authority));
}

TEST(DestinationList, AllowsNothingAtFirst) {
  EXPECT_FALSE(DestinationList().allows({.host = "a", .port = 1}));
}

TEST(DestinationList, NamesAHostAndAPort) {
  EXPECT_TRUE(allows("db.example.com:5432", "DB.example.com:5432"));
  EXPECT_FALSE(allows("db.example.com:5432", "db.example.com:5433"));
  EXPECT_FALSE(allows("db.example.com:5432", "x.db.example.com:5432"));
  EXPECT_TRUE(allows("[fd00::1]:5432", "[fd00:0::1]:5432"));
  EXPECT_TRUE(allows("10.0.0.1:5432", "10.0.0.1:5432"));
}

TEST(DestinationList, AStarStandsForAnySubdomain) {
  EXPECT_TRUE(allows("*.example.com:443", "a.b.example.com:443"));
  EXPECT_FALSE(allows("*.example.com:443", "example.com:443"));
  EXPECT_FALSE(allows("*.example.com:443", "badexample.com:443"));
}

TEST(DestinationList, RangesHoldAddressesAlone) {
  EXPECT_TRUE(allows("10.0.0.0/8:443", "10.255.0.1:443"));
  EXPECT_FALSE(allows("10.0.0.0/8:443", "11.0.0.1:443"));
  EXPECT_FALSE(allows("10.0.0.0/8:443", "10.example.com:443"));
  EXPECT_TRUE(allows("[fd00::/8]:443", "[fdff::1]:443"));
  EXPECT_FALSE(allows("[fd00::/8]:443", "10.0.0.1:443"));
  EXPECT_TRUE(allows("0.0.0.0/0:443", "192.0.2.1:443"));
  EXPECT_FALSE(allows("0.0.0.0/0:443", "[fd00::1]:443"));
}

TEST(DestinationList, SaysWhatIsWrong) {
  for (const auto* pattern : {"", "host", "host:0", "host:65536", "a b:1", "10.0.0.0/33:1", "x/8:1",
                              "*:443", "*.:443", "[fd00::/129]:1", "10.0.0.0/:1", "a@b:1"}) {
    DestinationList list;
    const auto added = list.add(pattern);
    ASSERT_FALSE(added) << pattern;
    EXPECT_NE(added.error().find("expected a host and a port"), std::string::npos);
  }
}

}  // namespace
}  // namespace usher::policy
