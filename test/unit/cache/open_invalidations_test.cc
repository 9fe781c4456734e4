#include "cache/open_invalidations.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "cache/redis_tier.h"
#include "support/fake_network.h"

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

// A Redis that nobody reaches, and time that the test makes.
class InvalidationRetries : public testing::Test {
 protected:
  InvalidationRetries() { options.addresses = {{"127.0.0.1", 1, ""}}; }

  void pass(Duration duration) {
    for (Duration passed = 0s; passed < duration; passed += 100ms) network.pass(100ms);
  }
  void later(std::string_view text) { tier.invalidate_later({1}, tag_named(text)); }
  bool is_open(std::string_view text) { return open.any(tags.now(), tag_named(text)); }

  net::FakeNetwork network;
  RedisOptions options;
  RedisClient client{network, options};
  TagTable tags;
  OpenInvalidations open;
  RedisTier tier{network, client, options, tags, &open};
};

TEST_F(InvalidationRetries, GoOnForTheirTimeAndAreGivenUp) {
  const std::uint64_t begun = tags.now();
  later("a");
  EXPECT_FALSE(tags.is_good(begun, tag_named("a")));
  EXPECT_TRUE(is_open("a"));
  EXPECT_EQ(tier.facts().invalidations_failed, 1U);
  pass(RedisTier::kRepeatFor - 1s);
  EXPECT_GT(tier.facts().invalidations_failed, 10U);
  EXPECT_LT(tier.facts().invalidations_failed, 1000U);
  EXPECT_EQ(tier.facts().invalidations_given_up, 0U);
  EXPECT_TRUE(is_open("a"));
  pass(4s);
  EXPECT_EQ(tier.facts().invalidations_given_up, 1U);
  EXPECT_FALSE(is_open("a"));
  const std::uint64_t tries = tier.facts().invalidations_failed;
  pass(10s);
  EXPECT_EQ(tier.facts().invalidations_failed, tries);
}

TEST_F(InvalidationRetries, AreBoundedAndTheOldestGoFirst) {
  for (std::size_t i = 0; i < RedisTier::kLaterMax; ++i) later("same");
  EXPECT_EQ(tier.facts().invalidations_given_up, 0U);
  for (std::size_t i = 0; i < RedisTier::kLaterMax; ++i) later("other");
  EXPECT_EQ(tier.facts().invalidations_given_up, RedisTier::kLaterMax);
  EXPECT_FALSE(is_open("same"));
  EXPECT_TRUE(is_open("other"));
}

TEST_F(InvalidationRetries, OfATierThatGoesAreSettled) {
  auto other = std::make_unique<RedisTier>(network, client, options, tags, &open);
  other->invalidate_later({1}, tag_named("a"));
  EXPECT_TRUE(is_open("a"));
  other.reset();
  EXPECT_FALSE(is_open("a"));
}

TEST_F(InvalidationRetries, OfEveryScopeSayThatNothingWasDone) {
  const std::uint64_t begun = tags.now();
  int told = 0;
  tier.invalidate_everywhere("a", [&](bool complete, std::size_t scopes) {
    EXPECT_FALSE(complete);
    EXPECT_EQ(scopes, 0U);
    ++told;
  });
  EXPECT_EQ(told, 0);
  network.end_turn();
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(tags.is_good(begun, tag_named("a")));
}

}  // namespace
}  // namespace usher::cache
