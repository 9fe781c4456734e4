// Orders of the admin port on a real Redis, as another sidecar sees them.
#include "server/redis_invalidator.h"

#include <gtest/gtest.h>

#include <optional>

#include "unit/cache/redis_tier_fixture.h"

namespace usher::server {
namespace {

class RedisInvalidatorTest : public cache::RedisTierTest {
 protected:
  RedisInvalidatorTest() { scope = scope_of(hasher, policy::CacheScope::Tenant, "t"); }

  // Whether Redis took all of it.
  bool invalidate(RedisInvalidator& invalidator, const InvalidationOrder& order) {
    std::optional<bool> result;
    invalidator.invalidate(order, [&](bool complete) { result = complete; });
    EXPECT_EQ(result, std::nullopt) << "never inline";
    EXPECT_TRUE(run_until([&] { return result.has_value(); }));
    return result.value_or(false);
  }

  std::unique_ptr<cache::Sidecar> here_ = make_sidecar();
  std::unique_ptr<cache::Sidecar> other_ = make_sidecar();
  RedisInvalidator invalidator_{network, here_->tier};
};

TEST_F(RedisInvalidatorTest, TagsOfATenant) {
  ASSERT_TRUE(fill(*other_, "a", "of a", {"", "ticket:7"}));
  ASSERT_TRUE(fill(*other_, "b", "of b", {"", "ticket:8"}));
  EXPECT_TRUE(invalidate(invalidator_, {.tags = {"ticket:7", "ticket:9"}, .tenant = "t"}));
  EXPECT_EQ(body_of(*other_, "a"), "(none)");
  EXPECT_EQ(body_of(*other_, "b"), "of b");
  EXPECT_TRUE(invalidate(invalidator_, {.tags = {"ticket:8"}, .tenant = "u"}));
  EXPECT_EQ(body_of(*other_, "b"), "of b");
  EXPECT_TRUE(invalidate(invalidator_, {.tags = {}, .tenant = "t"}));
  EXPECT_EQ(body_of(*other_, "b"), "(none)");
}

TEST_F(RedisInvalidatorTest, TagsOfEveryTenant) {
  ASSERT_TRUE(fill(*other_, "a", "of a", {"", "ticket:7"}));
  ASSERT_TRUE(fill(*other_, "b", "of b", {"", "ticket:8"}));
  ASSERT_TRUE(fill(*other_, "c", "of c", {""}));
  EXPECT_TRUE(invalidate(invalidator_, {.tags = {"ticket:7", "ticket:8"}, .tenant = {}}));
  EXPECT_EQ(body_of(*other_, "a"), "(none)");
  EXPECT_EQ(body_of(*other_, "b"), "(none)");
  EXPECT_EQ(body_of(*other_, "c"), "of c");
  EXPECT_TRUE(invalidate(invalidator_, {.tags = {}, .tenant = {}}));
  EXPECT_EQ(body_of(*other_, "c"), "(none)");
}

TEST_F(RedisInvalidatorTest, ARedisThatIsGoneIsToldWhenItIsBack) {
  ASSERT_TRUE(fill(*other_, "a", "of a", {"", "ticket:7"}));
  server.freeze();
  std::optional<bool> result;
  invalidator_.invalidate({.tags = {"ticket:7"}, .tenant = "t"},
                          [&](bool complete) { result = complete; });
  server.thaw();
  EXPECT_TRUE(run_until([&] { return result.has_value(); }));
  EXPECT_EQ(body_of(*other_, "a"), "(none)");
  server.kill();
  EXPECT_TRUE(run_until([&] { return !here_->tier.is_available(); }));
  EXPECT_FALSE(invalidate(invalidator_, {.tags = {"ticket:7"}, .tenant = "t"}));
  EXPECT_FALSE(invalidate(invalidator_, {.tags = {"ticket:7"}, .tenant = {}}));
}

// An order in flight when the process ends.
TEST_F(RedisInvalidatorTest, OneThatGoesCallsNobodyBack) {
  bool called = false;
  {
    RedisInvalidator gone(network, here_->tier);
    gone.invalidate({.tags = {"ticket:7"}, .tenant = "t"}, [&](bool) { called = true; });
  }
  EXPECT_TRUE(invalidate(invalidator_, {.tags = {"ticket:8"}, .tenant = "t"}));
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace usher::server
