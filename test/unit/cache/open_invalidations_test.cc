#include "cache/open_invalidations.h"

#include <gtest/gtest.h>

#include <array>

namespace usher::cache {
namespace {

std::array<Tag, 1> tag_named(std::string_view text) {
  Hasher hasher;
  return {make_tag(hasher, {1}, text)};
}

TEST(OpenInvalidations, AreOpenUntilSettled) {
  OpenInvalidations open;
  const auto a = tag_named("a");
  const auto b = tag_named("b");
  EXPECT_FALSE(open.any(1, a));
  open.open(a);
  EXPECT_TRUE(open.any(1, a));
  EXPECT_TRUE(open.any(UINT64_MAX, a));
  EXPECT_FALSE(open.any(1, b));
  EXPECT_FALSE(open.any(1, {}));
  open.settle(a, 5);
  EXPECT_TRUE(open.any(4, a));  // looked up before it was settled
  EXPECT_FALSE(open.any(5, a));
}

TEST(OpenInvalidations, OfOneTagAreCounted) {
  OpenInvalidations open;
  const auto a = tag_named("a");
  open.open(a);
  open.open(a);
  open.settle(a, 7);
  EXPECT_TRUE(open.any(9, a));
  open.settle(a, 6);
  EXPECT_FALSE(open.any(7, a));
  EXPECT_TRUE(open.any(6, a));  // the later of the two counts
}

TEST(OpenInvalidations, HaveNamesOfTheirOwn) {
  EXPECT_NE(OpenInvalidations().sender(), OpenInvalidations().sender());
}

}  // namespace
}  // namespace usher::cache
