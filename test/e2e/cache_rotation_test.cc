// The secret that seals what is in Redis is changed under two sidecars, one after the other, and
// no answer that is kept is lost by it.
#include "support/redis_server.h"
#include "support/thing_owner.h"

namespace e2e {
namespace {

using usher::test::RedisServer;

class SecretRotation : public testing::Test {
 protected:
  // A sidecar that has these secrets, and nothing in its memory.
  Sidecar start(const std::vector<std::string>& names) const {
    Config config = thing_config(owner, {{"ttl", "1h"}});
    Json secret = Json::array();
    for (const std::string& name : names) secret.push_back({{"env", name}});
    if (names.size() == 1) secret = secret.front();
    config.usher()["cache"] = {{"memory", "0B"},
                               {"redis",
                                {{"url", "redis://127.0.0.1:" + std::to_string(redis.port())},
                                 {"secret", secret},
                                 {"timeout", "5s"},
                                 {"connect_timeout", "5s"}}}};
    return Sidecar(config, "payment-service",
                   {{"OLD", "old-0123456789abcdef0123456789abcdef"},
                    {"NEW", "new-0123456789abcdef0123456789abcdef"}});
  }
  static Request read(const std::string& name) { return read_thing(tenant_number(1), name); }
  static bool is_hit(const Response& response) {
    return response.status == 200 && response.fields.one("Cache-Status").find("usher; hit") == 0;
  }
  static bool keeps(const Sidecar& sidecar, const std::string& name) {
    return eventually([&] { return is_hit(sidecar.call(read(name))); });
  }
  // What either keeps from now on, the other has as well.
  void expect_shared(const Sidecar& one, const Sidecar& other) {
    const std::string number = std::to_string(++round_);
    ASSERT_TRUE(keeps(one, "by-one-" + number));
    EXPECT_TRUE(is_hit(other.call(read("by-one-" + number))));
    ASSERT_TRUE(keeps(other, "by-other-" + number));
    EXPECT_TRUE(is_hit(one.call(read("by-other-" + number))));
  }

  ThingOwner owner;
  RedisServer redis;

 private:
  int round_ = 0;
};

TEST_F(SecretRotation, StepByStepNothingIsLost) {
  using Names = std::vector<std::string>;
  {
    const Sidecar first = start({"OLD"});
    ASSERT_TRUE(keeps(first, "kept-before"));
  }
  const std::pair<Names, Names> steps[] = {
      {{"OLD"}, {"OLD"}},
      {{"OLD", "NEW"}, {"OLD"}},  // accepted by all …
      {{"OLD", "NEW"}, {"OLD", "NEW"}},
      {{"NEW", "OLD"}, {"OLD", "NEW"}},  // … before one seals with it
      {{"NEW", "OLD"}, {"NEW", "OLD"}},
  };
  for (const auto& [one_has, other_has] : steps) {
    SCOPED_TRACE(testing::PrintToString(one_has) + " and " + testing::PrintToString(other_has));
    const Sidecar one = start(one_has);
    const Sidecar other = start(other_has);
    expect_shared(one, other);
    const int before = owner.reads();
    EXPECT_TRUE(is_hit(one.call(read("kept-before"))));
    EXPECT_TRUE(is_hit(other.call(read("kept-before"))));
    EXPECT_EQ(owner.reads(), before);
  }
  const Sidecar one = start({"NEW"});
  const Sidecar other = start({"NEW", "OLD"});
  expect_shared(one, other);
  EXPECT_TRUE(is_hit(other.call(read("kept-before"))));
  EXPECT_FALSE(is_hit(one.call(read("kept-before")))) << "the old secret was dropped";
}

TEST_F(SecretRotation, WithoutAnOverlapNothingIsShared) {
  const Sidecar one = start({"OLD"});
  const Sidecar other = start({"NEW"});
  ASSERT_TRUE(keeps(one, "a"));
  EXPECT_FALSE(is_hit(other.call(read("a"))));
}

}  // namespace
}  // namespace e2e
