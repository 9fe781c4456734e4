// "hedge".
#include "config/hedge_settings.h"

#include <gmock/gmock.h>

#include "unit/config/loader_fixture.h"

namespace usher::config::test {
namespace {

using policy::HedgeOptions;
using testing::ElementsAre;

class HedgeSettingsTest : public LoaderTest {};

TEST_F(HedgeSettingsTest, AppliesWhereACallOnlyReads) {
  directory_.write("usher.json", R"({"consumer": "c", "defaults": {"hedge": {}}})");
  directory_.write("services/a.json", R"({"service": "a", "addresses": ["http://a"],
      "hedge": {"delay": "2s", "max": 3, "share": 0.5}, "endpoints": [
      {"name": "get", "match": "GET /1"}, {"name": "post", "match": "POST /1"},
      {"name": "put", "match": "PUT /1"}, {"name": "safe", "match": "POST /2", "safe": true},
      {"name": "off", "match": "GET /3", "hedge": false},
      {"name": "once", "match": "GET /4", "idempotent": false},
      {"name": "own", "match": "GET /5", "hedge": {"delay": "p95"}},
      {"name": "short", "match": "GET /6", "per_try_timeout": "1s"}]})");
  directory_.write("services/b.json", R"({"service": "b", "addresses": ["http://b"],
      "endpoints": [{"name": "default", "match": "GET /7"}]})");
  const auto snapshot = loaded();
  ASSERT_NE(snapshot, nullptr);
  const auto hedge = [&](std::size_t i) { return snapshot->endpoints[i]->policy.hedge; };
  const HedgeOptions of_service = {.delay = 2s, .max_hedges = 3, .share = 0.5};
  EXPECT_EQ(hedge(0), of_service);
  EXPECT_EQ(hedge(1), std::nullopt);
  EXPECT_EQ(hedge(2), std::nullopt);
  EXPECT_EQ(hedge(3), of_service);
  EXPECT_EQ(hedge(4), std::nullopt);
  EXPECT_EQ(hedge(5), std::nullopt);
  EXPECT_EQ(hedge(6), HedgeOptions{});
  ASSERT_TRUE(hedge(7));
  EXPECT_EQ(hedge(7)->delay, Duration(1s)) << "inherited, so it is cut";
  EXPECT_EQ(hedge(8), HedgeOptions{});
}

TEST_F(HedgeSettingsTest, OffByItself) {
  with_usher(kUsher);
  EXPECT_EQ(loaded()->endpoints[0]->policy.hedge, std::nullopt);
}

TEST_F(HedgeSettingsTest, Mistakes) {
  const std::string delay =
      "; expected \"p95\" or a duration from 1ms to 1h, such as \"250ms\" or "
      "\"1s\"";
  const std::string unsafe =
      "2:10: \"hedge\" stands at an endpoint whose calls may not be sent twice at once; leave it "
      "out, or write \"safe\": true if they only read";
  const std::pair<std::string, std::string> cases[] = {
      {"\"hedge\": true, \"safe\": true", "2:10: \"hedge\" is true; expected false or an object"},
      {"\"hedge\": \"p95\", \"safe\": true",
       "2:10: \"hedge\" is \"p95\"; expected false or an object"},
      {"\"hedge\": {\"dely\": 1}, \"safe\": true",
       "2:11: unknown key \"dely\"; did you mean \"delay\"? Allowed here: \"delay\", \"max\", "
       "\"share\""},
      {"\"hedge\": {\"delay\": \"p99\"}, \"safe\": true", "2:20: \"delay\" is \"p99\"" + delay},
      {"\"hedge\": {\"delay\": \"0s\"}, \"safe\": true", "2:20: \"delay\" is \"0s\"" + delay},
      {"\"hedge\": {\"delay\": 50}, \"safe\": true", "2:20: \"delay\" is 50" + delay},
      {"\"hedge\": {\"max\": 4}, \"safe\": true",
       "2:18: \"max\" is 4; expected a whole number from 1 to 3"},
      {"\"hedge\": {\"share\": 0}, \"safe\": true",
       "2:20: \"share\" is 0; expected a number from 0.001 to 1"},
      {"\"hedge\": {}", unsafe},
      {"\"hedge\": {}, \"idempotent\": true", unsafe},
      {"\"hedge\": {}, \"idempotent\": \"key\"", unsafe},
  };
  for (const auto& [member, message] : cases) {
    EXPECT_THAT(with_endpoint_member(member), ElementsAre("services/a.json:" + message)) << member;
  }
}

TEST_F(HedgeSettingsTest, ADelayThatNoAttemptTakesIsSuspicious) {
  EXPECT_THAT(
      warnings_with_endpoint_member("\"hedge\": {\"delay\": \"5s\"}, \"safe\": true"),
      ElementsAre(
          "services/a.json:2:20: warning: \"delay\" of 5s is longer than \"per_try_timeout\" of 3s "
          "(built-in), which ends first; lower it or raise \"per_try_timeout\""));
  EXPECT_THAT(warnings_with_endpoint_member("\"hedge\": {\"delay\": \"3s\"}, \"safe\": true"),
              testing::IsEmpty());
}

}  // namespace
}  // namespace usher::config::test
