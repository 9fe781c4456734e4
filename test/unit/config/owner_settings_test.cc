// "concurrency", "owner_concurrency", "retry_budget" and "outlier".
#include "config/owner_settings.h"

#include <gmock/gmock.h>

#include "unit/config/loader_fixture.h"

namespace usher::config::test {
namespace {

using policy::ConcurrencyOptions;
using policy::OutlierOptions;
using policy::RetryBudgetOptions;
using testing::ElementsAre;

class OwnerSettingsTest : public LoaderTest {
 protected:
  upstream::ClusterOptions cluster_with(const std::string& member) {
    directory_.write("usher.json", kUsher);
    directory_.write("services/a.json", service("a", member + ","));
    const auto snapshot = loaded();
    return snapshot == nullptr ? upstream::ClusterOptions{} : snapshot->clusters[0];
  }
};

TEST_F(OwnerSettingsTest, BuiltIn) {
  with_usher(kUsher);
  const auto snapshot = loaded();
  EXPECT_EQ(snapshot->clusters[0].retry_budget, RetryBudgetOptions{});
  EXPECT_EQ(snapshot->clusters[0].outlier, OutlierOptions{});
  EXPECT_EQ(snapshot->clusters[0].concurrency, ConcurrencyOptions{});
  EXPECT_EQ(snapshot->endpoints[0]->policy.concurrency, ConcurrencyOptions{});
}

TEST_F(OwnerSettingsTest, EveryKey) {
  EXPECT_EQ(cluster_with(R"("retry_budget": {"share": 0, "floor_per_second": 2.5,
                            "window": "5s"})")
                .retry_budget,
            (RetryBudgetOptions{.share = 0, .floor_per_second = 2.5, .window = 5s}));
  EXPECT_EQ(
      cluster_with(R"("outlier": {"failures": 3, "ejection_time": "1s",
                            "ejection_time_max": "9s", "jitter": 1})")
          .outlier,
      (OutlierOptions{.failures = 3, .ejection_time = 1s, .ejection_time_max = 9s, .jitter = 1}));
  EXPECT_EQ(cluster_with(R"("outlier": {"ejection_time": "10m"})").outlier.ejection_time_max,
            Duration(std::chrono::minutes(10)));
  EXPECT_EQ(cluster_with(R"("outlier": false)").outlier.failures, 0);
  EXPECT_EQ(cluster_with(R"("owner_concurrency": {"max": 7, "queue": 0})").concurrency,
            (ConcurrencyOptions{.max_concurrent = 7, .max_queue = 0, .queue_timeout = 100ms}));
}

TEST_F(OwnerSettingsTest, ConcurrencyIsOfEachEndpoint) {
  directory_.write("usher.json", R"({"consumer": "c", "defaults": {"concurrency": {"max": 9}}})");
  directory_.write("services/a.json", R"({"service": "a", "addresses": ["http://a"],
      "concurrency": {"max": 8, "queue": 2, "queue_timeout": "2s"},
      "owner_concurrency": {"max": 100}, "endpoints": [
      {"name": "inherits", "match": "GET /1"},
      {"name": "short", "match": "GET /2", "timeout": "1s"},
      {"name": "unbounded", "match": "GET /3", "concurrency": {"max": 0}}]})");
  directory_.write("services/b.json", R"({"service": "b", "addresses": ["http://b"],
      "endpoints": [{"name": "default", "match": "GET /4"}]})");
  const auto snapshot = loaded();
  ASSERT_NE(snapshot, nullptr);
  const auto limit = [&](std::size_t i) { return snapshot->endpoints[i]->policy.concurrency; };
  EXPECT_EQ(limit(0),
            (ConcurrencyOptions{.max_concurrent = 8, .max_queue = 2, .queue_timeout = 2s}));
  EXPECT_EQ(limit(1).queue_timeout, Duration(1s)) << "inherited, so it is cut";
  EXPECT_EQ(limit(2), ConcurrencyOptions{});
  EXPECT_EQ(limit(3).max_concurrent, 9U);
  EXPECT_EQ(snapshot->clusters[0].concurrency.max_concurrent, 100U);
  EXPECT_EQ(snapshot->clusters[1].concurrency.max_concurrent, 0U);
}

TEST_F(OwnerSettingsTest, Mistakes) {
  const std::string share = "; expected a number from 0 to 1";
  const std::string count = "; expected a whole number from 0 to 1000000";
  const std::pair<std::string, std::string> cases[] = {
      {"\"concurrency\": 5", "2:16: \"concurrency\" is 5; expected an object"},
      {"\"concurrency\": {\"max\": -1}", "2:24: \"max\" is -1" + count},
      {"\"concurrency\": {\"max\": 1, \"queue\": 1.5}", "2:36: \"queue\" is 1.5" + count},
      {"\"concurrency\": {\"max\": 1, \"queue_timeout\": \"0s\"}",
       "2:44: \"queue_timeout\" is \"0s\"; expected a duration from 1ms to 1h, such as \"250ms\", "
       "\"5s\" or \"1m\""},
      {"\"concurrency\": {\"queue\": 5}",
       "2:26: \"queue\" has no effect without a limit; leave it out or write \"max\" too"},
      {"\"owner_concurrency\": {\"max\": 5, \"queue\": 0, \"queue_timeout\": \"1s\"}",
       "2:62: \"queue_timeout\" has no effect without a queue; leave it out or raise \"queue\""},
      {"\"owner_concurency\": {}",
       "2:1: unknown key \"owner_concurency\"; did you mean \"owner_concurrency\"? Allowed here: "},
      {"\"retry_budget\": false", "2:17: \"retry_budget\" is false; expected an object"},
      {"\"retry_budget\": {\"share\": 1.1}", "2:27: \"share\" is 1.1" + share},
      {"\"retry_budget\": {\"floor_per_second\": -1}",
       "2:38: \"floor_per_second\" is -1; expected a number from 0 to 1000000"},
      {"\"retry_budget\": {\"window\": 10}",
       "2:28: \"window\" is 10; expected a duration from 100ms to 1h, such as \"250ms\", \"5s\" or "
       "\"1m\""},
      {"\"outlier\": true", "2:12: \"outlier\" is true; expected false or an object"},
      {"\"outlier\": {\"failures\": 0}",
       "2:25: \"failures\" is 0; expected a whole number from 1 to 1000"},
      {"\"outlier\": {\"ejection_time_max\": \"9s\"}",
       "2:34: \"ejection_time_max\" of 9s is shorter than \"ejection_time\" of 10s; raise it or "
       "lower \"ejection_time\""},
      {"\"outlier\": {\"jitter\": \"1\"}", "2:23: \"jitter\" is \"1\"" + share},
  };
  for (const auto& [member, message] : cases) {
    EXPECT_THAT(with_member(member), ElementsAre(testing::StartsWith("services/a.json:" + message)))
        << member;
  }
  EXPECT_THAT(with_endpoint_member("\"retry_budget\": {}"),
              ElementsAre(testing::StartsWith("services/a.json:2:1: unknown key \"retry_budget\"")))
      << "of the service only";
}

TEST_F(OwnerSettingsTest, AQueueThatOutlastsTheCallIsSuspicious) {
  EXPECT_THAT(
      warnings_with_endpoint_member("\"concurrency\": {\"max\": 1, \"queue_timeout\": \"10s\"}"),
      ElementsAre("services/a.json:2:44: warning: \"queue_timeout\" of 10s is longer than "
                  "\"timeout\" of 9s (built-in), which ends first; lower it or raise \"timeout\""));
  EXPECT_THAT(
      warnings_with_endpoint_member("\"concurrency\": {\"max\": 1, \"queue_timeout\": \"9s\"}"),
      testing::IsEmpty());
}

}  // namespace
}  // namespace usher::config::test
