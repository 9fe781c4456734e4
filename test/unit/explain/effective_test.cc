#include "explain/effective.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/explain/support.h"

namespace usher::explain::test {
namespace {

using testing::ElementsAre;

class Effective : public ExplainTest {};

constexpr const char* kUsher = R"({ "consumer": "p",
"defaults": { "timeout": "8s", "breaker": { "window": "20s" } },
"retry_presets": {
  "fast": { "preset": "fast", "attempts": 2 },
  "mine": { "preset": "fast", "max_delay": "2s" } } })";

TEST_F(Effective, SaysWhereEachKindOfValueComesFrom) {
  load(kUsher, "\"tenant\": \"optional\",\n\"retry\": \"mine\",",
       R"({"name": "e", "match": "GET /a", "body_timeout": "7s"})");
  EXPECT_EQ(setting("body_timeout"), "7s | services/t.json:4:64");
  EXPECT_EQ(setting("tenant"), "optional | services/t.json:1:34");
  EXPECT_EQ(setting("timeout"), "8s | usher.json:2:26");
  EXPECT_EQ(setting("connect_timeout"), "1s | built-in");
  EXPECT_EQ(setting("breaker.window"), "20s | usher.json:2:55");
  EXPECT_EQ(setting("breaker.jitter"), "0.5 | built-in");
}

TEST_F(Effective, FollowsPresetsToTheOnesTheyAreBuiltOn) {
  load(kUsher, R"("retry": "mine",)", R"({"name": "e", "match": "GET /a"})");
  EXPECT_EQ(setting("retry.max_delay"), "2s | preset mine, usher.json:5:44");
  EXPECT_EQ(setting("retry.attempts"), "2 | preset fast, usher.json:4:43");
  EXPECT_EQ(setting("retry.initial_delay"), "100ms | preset fast (built-in)");
  load(kUsher, R"("retry": {"preset": "patient", "attempts": 5},)",
       R"({"name": "e", "match": "GET /a"})");
  EXPECT_EQ(setting("retry.attempts"), "5 | services/t.json:1:67");
  EXPECT_EQ(setting("retry.initial_delay"), "2s | preset patient (built-in)");
  load(kUsher, R"("retry": {"attempts": 5},)", R"({"name": "e", "match": "GET /a"})");
  EXPECT_EQ(setting("retry.initial_delay"), "25ms | built-in");
  load(kUsher, R"("retry": "none",)", R"({"name": "e", "match": "GET /a"})");
  EXPECT_EQ(setting("retry.attempts"), "1 | preset none (built-in)");
  EXPECT_EQ(setting("retry.statuses"), "");
}

TEST_F(Effective, SaysWhatATimeWasCutBy) {
  load(kUsher, "", R"({"name": "e", "match": "GET /a", "timeout": "2s"},
                      {"name": "f", "match": "GET /f"})");
  EXPECT_EQ(setting("per_try_timeout"), "2s | built-in | from 3s by timeout");
  EXPECT_EQ(setting("connect_timeout"), "1s | built-in");
  for (const Setting& other : effective_policy(*snapshot_, *snapshot_->endpoints[1])) {
    EXPECT_EQ(other.cut_by, "") << other.key;
  }
}

TEST_F(Effective, NamesBreakersAndWhatIsOff) {
  load(kUsher, R"("breaker": "platform",)", R"({"name": "e", "match": "GET /a"})");
  EXPECT_EQ(setting("breaker.failure_threshold"), "5 | preset platform (built-in)");
  EXPECT_EQ(setting("breaker.failure_rate"), "");
  load(kUsher, R"("breaker": false,)", R"({"name": "e", "match": "GET /a"})");
  EXPECT_EQ(setting("breaker"), "false | services/t.json:1:35");
  load(kUsher, R"("breaker": {"scope": "service", "slow_rate": 0.5, "slow_call": "1s"},)",
       R"({"name": "e", "match": "GET /a"})");
  EXPECT_EQ(setting("breaker.scope"), "service | services/t.json:1:45");
  EXPECT_EQ(setting("breaker.slow_call"), "1s | services/t.json:1:87");
  EXPECT_EQ(setting("concurrency.max"), "0 | built-in");
  EXPECT_EQ(setting("concurrency.queue"), "");
  EXPECT_EQ(setting("cache"), "false | built-in");
}

TEST_F(Effective, LeavesOutWhatIsInheritedAndDoesNotApply) {
  load(R"({"consumer": "p", "defaults": {"hedge": {"max": 2}, "idempotent": "key"}})", "",
       R"({"name": "e", "match": "POST /a"})");
  EXPECT_EQ(setting("hedge"), "false | built-in");
  EXPECT_EQ(setting("idempotent"), "key | usher.json:1:67");
  EXPECT_EQ(setting("idempotency_key"), "generate | built-in");
  load(R"({"consumer": "p", "defaults": {"hedge": {"max": 2}, "idempotent": "key"}})", "",
       R"({"name": "e", "match": "GET /a"})");
  EXPECT_EQ(setting("hedge.max"), "2 | usher.json:1:49");
  EXPECT_EQ(setting("hedge.delay"), "p95 | built-in");
  EXPECT_EQ(setting("idempotent"), "true | built-in");
  EXPECT_EQ(setting("idempotency_key"), "");
}

TEST_F(Effective, OfWhatOnlyEndpointsSay) {
  load(kUsher, "", R"({"name": "e", "match": "GET /a/{id}",
 "cache": {"ttl": "5s", "vary": ["user", "Accept"], "query": ["b"], "tags": ["t:{id}"]},
 "fallback": {"body": {"secret": 1}, "on": [503]}})");
  EXPECT_EQ(setting("cache.ttl"), "5s | services/t.json:4:19");
  EXPECT_EQ(setting("cache.scope"), "user | services/t.json:4:33");
  EXPECT_EQ(setting("cache.vary"), "[\"accept\"] | services/t.json:4:33");
  EXPECT_EQ(setting("cache.query"), "[\"b\"] | services/t.json:4:62");
  EXPECT_EQ(setting("cache.tags"), "[\"t:{id}\"] | services/t.json:4:77");
  EXPECT_EQ(setting("cache.max_object"), "256KiB | built-in");
  EXPECT_EQ(setting("fallback.status"), "200 | built-in");
  EXPECT_EQ(setting("fallback.body"), "12B | services/t.json:5:23");
  EXPECT_EQ(setting("fallback.on"), "503 | services/t.json:5:44");
}

TEST_F(Effective, OwnersToo) {
  environment_.set("USHER_TEST_SECRET", config::test::kSecret);
  load(kUsher, R"("prefix": "/x", "consumers": ["p"], "owner_concurrency": {"max": 3}, "auth":
{"scheme": "hmac", "preset": "ticket", "secret": {"env": "USHER_TEST_SECRET"}},)",
       R"({"name": "e", "match": "GET /a/{id}"})");
  EXPECT_EQ(owner("addresses"), "[\"http://t:1\"] | services/t.json:3:14");
  EXPECT_EQ(owner("rewrite"), "/x/a/{id} | services/t.json:1:34");
  EXPECT_EQ(owner("consumers"), "[\"p\"] | services/t.json:1:53");
  EXPECT_EQ(owner("auth.scheme"), "hmac | services/t.json:2:12");
  EXPECT_EQ(owner("auth.preset"), "ticket | services/t.json:2:30");
  EXPECT_EQ(owner("auth.secret"), "environment variable USHER_TEST_SECRET | services/t.json:2:50");
  EXPECT_EQ(owner("owner_concurrency.max"), "3 | services/t.json:1:89");
  EXPECT_EQ(owner("owner_concurrency.queue"), "16 | built-in");
  EXPECT_EQ(owner("outlier.failures"), "5 | built-in");
  EXPECT_EQ(owner("retry_budget.share"), "0.2 | built-in");
}

TEST_F(Effective, AnOverlaysValueComesFromTheOverlay) {
  load(kUsher, "", R"({"name": "e", "match": "GET /a", "timeout": "5s"})");
  const config::test::TempDirectory overlay;
  overlay.write("services/t.json",
                R"({"service": "tickets", "endpoints": [{"name": "e", "timeout": "6s"}]})");
  snapshot_ = config::load({directory_.path(), overlay.path()}, 0).snapshot;
  ASSERT_NE(snapshot_, nullptr);
  EXPECT_EQ(setting("timeout"), "6s | " + (overlay.path() / "services/t.json:1:63").string());
}

// What is there is there in the order of the reference, and each key once.
TEST_F(Effective, HasEachKeyOnce) {
  load(kUsher, "", R"({"name": "e", "match": "GET /a"})");
  std::vector<std::string> keys;
  for (const Setting& one : effective_policy(*snapshot_, *snapshot_->endpoints[0])) {
    keys.push_back(one.key.substr(0, one.key.find('.')));
  }
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  EXPECT_THAT(keys, ElementsAre("tenant", "tenant_format", "user_format", "timeout",
                                "per_try_timeout", "connect_timeout", "body_timeout", "idempotent",
                                "retry", "breaker", "concurrency", "hedge", "cache"));
}

}  // namespace
}  // namespace usher::explain::test
