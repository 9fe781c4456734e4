// Invalidations that Redis does not take for a while, in simulated time.
#include "cache/invalidation_retries.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cache/hex.h"
#include "cache/redis_tier.h"
#include "unit/cache/scripted_redis.h"

namespace usher::cache {
namespace {

class InvalidationRetriesTest : public testing::Test {
 protected:
  InvalidationRetriesTest() {
    options.addresses = {{"127.0.0.1", 6379, ""}};
    options.timeout = 10s;
    network.listen(address, server);
    server.script =
        ScriptedRedis::greeting_then([this](ScriptedRedis::Session& session, const auto& args) {
          if (!is_back) return session.say("-READONLY no\r\n");
          taken.push_back(args);
          if (is_slow) return waiting.push_back(&session);
          session.say(":1\r\n");
        });
    client = std::make_unique<RedisClient>(network, options);
    tier = std::make_unique<RedisTier>(network, *client, options, tags, &open);
    network.run_until_idle();
  }

  void pass(Duration duration) {
    for (Duration passed = 0s; passed < duration; passed += 100ms) network.advance(100ms);
  }
  std::array<Tag, 1> tag_named(std::string_view text, std::uint64_t scope = 1) {
    return {make_tag(hasher, {scope}, text)};
  }
  void later(std::string_view text, std::uint64_t scope = 1) {
    tier->invalidate_later({scope}, tag_named(text, scope));
  }
  bool is_open(std::string_view text) { return open.any(tags.now(), tag_named(text)); }
  // How many of the commands that Redis took name the tag.
  long taken_for(std::string_view text, std::uint64_t scope = 1) {
    std::string id;
    append_hex(id, tag_named(text, scope)[0].id);
    return std::count_if(taken.begin(), taken.end(), [&](const std::vector<std::string>& args) {
      return std::any_of(args.begin(), args.end(),
                         [&](const std::string& word) { return word.ends_with(":t:" + id); });
    });
  }

  sim::SimNetwork network{7};
  net::SocketAddress address = *net::SocketAddress::from_ip("127.0.0.1", 6379);
  ScriptedRedis server;
  bool is_back = false;
  bool is_slow = false;
  std::vector<ScriptedRedis::Session*> waiting;  // for a reply
  std::vector<std::vector<std::string>> taken;
  Hasher hasher;
  RedisOptions options;
  TagTable tags;
  OpenInvalidations open;
  std::unique_ptr<RedisClient> client;
  std::unique_ptr<RedisTier> tier;
};

TEST_F(InvalidationRetriesTest, GoOnUntilRedisTakesThem) {
  const std::uint64_t begun = tags.now();
  later("a");
  EXPECT_FALSE(tags.is_good(begun, tag_named("a")));
  pass(10s);
  EXPECT_TRUE(is_open("a"));
  EXPECT_GT(tier->facts().invalidations_failed, 5U);
  EXPECT_LT(tier->facts().invalidations_failed, 500U);
  const std::uint64_t meanwhile = tags.now();
  is_back = true;
  pass(5s);
  EXPECT_FALSE(is_open("a"));
  EXPECT_FALSE(tags.is_good(meanwhile, tag_named("a")));
  EXPECT_EQ(taken_for("a"), 1);
  EXPECT_EQ(taken_for(""), 0);
  EXPECT_EQ(tier->facts().invalidations, 1U);
  EXPECT_EQ(tier->facts().invalidations_given_up, 0U);
}

TEST_F(InvalidationRetriesTest, BecomeOneOfTheScopeAfterTheirTime) {
  later("a");
  later("b");
  pass(RedisTier::kRepeatFor - 1s);
  EXPECT_EQ(tier->facts().invalidations_given_up, 0U);
  EXPECT_TRUE(is_open("a"));
  EXPECT_FALSE(is_open(""));
  pass(4s);
  EXPECT_EQ(tier->facts().invalidations_given_up, 2U);
  EXPECT_FALSE(is_open("a"));
  EXPECT_TRUE(is_open(""));
  pass(600s);
  EXPECT_TRUE(is_open(""));
  is_back = true;
  pass(5s);
  EXPECT_FALSE(is_open(""));
  EXPECT_EQ(taken_for(""), 1);
  EXPECT_EQ(taken_for("a"), 0);
}

TEST_F(InvalidationRetriesTest, AreBoundedAndTheOldestBecomeOneOfTheirScope) {
  for (std::size_t i = 0; i < RedisTier::kLaterMax; ++i) later("same");
  EXPECT_EQ(tier->facts().invalidations_given_up, 0U);
  for (std::size_t i = 0; i < RedisTier::kLaterMax; ++i) later("other", 2);
  EXPECT_EQ(tier->facts().invalidations_given_up, RedisTier::kLaterMax);
  EXPECT_FALSE(is_open("same"));
  EXPECT_TRUE(is_open(""));
  is_back = true;
  pass(10s);
  EXPECT_GE(taken_for(""), 1);
  EXPECT_LE(taken_for(""), 2);
  EXPECT_EQ(taken_for("other", 2), static_cast<long>(RedisTier::kLaterMax));
  EXPECT_EQ(taken_for("", 2), 0);
}

// The scope's may have been done before what is given up now was asked for.
TEST_F(InvalidationRetriesTest, OfTheScopeOnItsWayIsSentOnceMoreForThoseGivenUpMeanwhile) {
  later("a");
  pass(RedisTier::kRepeatFor + 3s);
  ASSERT_TRUE(is_open(""));
  is_back = is_slow = true;
  for (int i = 0; i < 5000 && taken_for("") == 0; ++i) network.advance(1ms);
  ASSERT_EQ(taken_for(""), 1);
  later("c");
  for (std::size_t i = 0; i < RedisTier::kLaterMax; ++i) later("b", 2);
  ASSERT_EQ(tier->facts().invalidations_given_up, 2U);
  is_slow = false;
  for (ScriptedRedis::Session* session : waiting) session->say(":1\r\n");
  pass(10s);
  EXPECT_EQ(taken_for(""), 2);
  EXPECT_FALSE(is_open(""));
}

TEST_F(InvalidationRetriesTest, OfATierThatGoesAreSettled) {
  later("a");
  EXPECT_TRUE(is_open("a"));
  tier.reset();
  EXPECT_FALSE(is_open("a"));
  EXPECT_FALSE(is_open(""));
}

TEST_F(InvalidationRetriesTest, OfEveryScopeSayThatNothingWasDone) {
  const std::uint64_t begun = tags.now();
  int told = 0;
  tier->invalidate_everywhere("a", [&](bool complete, std::size_t scopes) {
    EXPECT_FALSE(complete);
    EXPECT_EQ(scopes, 0U);
    ++told;
  });
  EXPECT_EQ(told, 0);
  pass(1s);
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(tags.is_good(begun, tag_named("a")));
}

}  // namespace
}  // namespace usher::cache
