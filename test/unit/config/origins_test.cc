#include "config/origins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/config/loader_fixture.h"

namespace usher::config::test {
namespace {

using testing::ElementsAre;

class OriginsTest : public LoaderTest {
 protected:
  // "file:line:column" below the directories; "-" where nothing is written.
  std::string place(Origins::Object object, std::string_view path) {
    const auto origin = snapshot_->written.origins.find(object, path);
    if (!origin) return "-";
    std::string text = to_string(*origin);
    const std::string root = directory_.path().string() + "/";
    return text.starts_with(root) ? text.substr(root.size()) : text;
  }
  std::string usher(std::string_view path) { return place(snapshot_->written.usher, path); }
  std::string of_service(std::string_view path) {
    return place(snapshot_->written.services.at(0), path);
  }
  std::string of_endpoint(std::size_t index, std::string_view path) {
    return place(snapshot_->written.endpoints.at(index).object, path);
  }

  std::shared_ptr<const Snapshot> snapshot_;
};

TEST_F(OriginsTest, KnowsEachMemberToAnyDepth) {
  directory_.write("usher.json",
                   "{\"consumer\": \"p\",\n"
                   " \"defaults\": {\"timeout\": \"8s\",\n"
                   "   \"breaker\": {\"failures\":\n"
                   "      {\"statuses\": [500]}}},\n"
                   " \"retry_presets\": {\"fast\": {\"attempts\": 2},\n"
                   "                    \"slow\": {\"preset\": \"fast\"}}}\n");
  directory_.write("services/a.json",
                   "{\"service\": \"a\", \"addresses\": [\"http://a:1\"],\n"
                   " \"retry\": \"slow\",\n"
                   " \"endpoints\": [{\"name\": \"e\", \"match\": \"GET /a\",\n"
                   "   \"cache\": {\"ttl\": \"5s\",\n"
                   "             \"tags\": [\"x\"]},\n"
                   "   \"fallback\": {\"body\": {\"timeout\": 1}}},\n"
                   "  {\"name\": \"f\", \"match\": \"GET /f\", \"retry\": {\"attempts\": 5}}]}\n");
  snapshot_ = loaded();
  ASSERT_NE(snapshot_, nullptr);
  EXPECT_EQ(usher("consumer"), "usher.json:1:14");
  EXPECT_EQ(usher("defaults.timeout"), "usher.json:2:26");
  EXPECT_EQ(usher("defaults.breaker.failures.statuses"), "usher.json:4:20");
  EXPECT_EQ(usher("retry_presets.fast.attempts"), "usher.json:5:41");
  EXPECT_EQ(usher("defaults.retry"), "-");
  EXPECT_EQ(of_service("retry"), "services/a.json:2:11");
  EXPECT_EQ(of_service("endpoints"), "-");
  EXPECT_EQ(of_endpoint(0, "cache"), "services/a.json:4:13");
  EXPECT_EQ(of_endpoint(0, "cache.ttl"), "services/a.json:4:21");
  EXPECT_EQ(of_endpoint(0, "cache.tags"), "services/a.json:5:22");
  EXPECT_EQ(of_endpoint(0, "fallback.body"), "services/a.json:6:25");
  EXPECT_EQ(of_endpoint(0, "fallback.body.timeout"), "-");
  EXPECT_EQ(of_endpoint(0, "retry.attempts"), "-");
  EXPECT_EQ(of_endpoint(1, "retry.attempts"), "services/a.json:7:58");
  const Origins& origins = snapshot_->written.origins;
  EXPECT_THAT(origins.members(snapshot_->written.usher, "retry_presets"),
              ElementsAre("fast", "slow"));
  EXPECT_EQ(origins.preset(snapshot_->written.usher, "retry_presets.slow.preset"), "fast");
  EXPECT_EQ(origins.preset(snapshot_->written.services[0], "retry"), "slow");
  EXPECT_EQ(origins.preset(snapshot_->written.endpoints[1].object, "retry"), "");
}

TEST_F(OriginsTest, AnOverlaysValuesStandInTheOverlay) {
  directory_.write("usher.json", kUsher);
  directory_.write(
      "services/a.json",
      "{\"service\": \"a\", \"addresses\": [\"http://a:1\"],\n"
      "\"breaker\": {\"window\": \"20s\", \"jitter\": 0.1},\n"
      "\"endpoints\": [{\"name\": \"e\", \"match\": \"GET /a\", \"timeout\": \"5s\"}]}");
  const TempDirectory overlay;
  overlay.write("services/a.json",
                "{\"service\": \"a\",\n\n\"breaker\": {\"window\": \"30s\"},\n"
                "\"endpoints\": [{\"name\": \"e\", \"timeout\": \"6s\"}]}");
  LoadResult result = load({directory_.path(), overlay.path()}, 0);
  ASSERT_NE(result.snapshot, nullptr);
  snapshot_ = result.snapshot;
  EXPECT_EQ(of_service("breaker.window"), (overlay.path() / "services/a.json:3:23").string());
  EXPECT_EQ(of_service("breaker.jitter"), "services/a.json:2:40");
  EXPECT_EQ(of_endpoint(0, "timeout"), (overlay.path() / "services/a.json:4:40").string());
  EXPECT_EQ(of_endpoint(0, "match"), "services/a.json:3:38");
}

TEST_F(OriginsTest, KeepReferencesAndNotWhatTheyStandFor) {
  environment_.set("USHER_TEST_SECRET", kSecret);
  const std::string auth =
      R"("auth": {"scheme": "hmac", "preset": "ticket", "secret": {"env": "USHER_TEST_SECRET"}},)";
  directory_.write("usher.json", kUsher);
  directory_.write("services/a.json", service("a", auth));
  snapshot_ = loaded();
  ASSERT_NE(snapshot_, nullptr);
  EXPECT_EQ(of_service("auth.secret"), "services/a.json:1:75");
  EXPECT_EQ(of_service("auth.secret.env"), "-");
  const Written& written = snapshot_->written;
  ASSERT_EQ(written.auths.size(), 2U);
  EXPECT_EQ(written.endpoints[0].auth, 1U);
  EXPECT_EQ(written.auths[1].scheme, "hmac");
  ASSERT_EQ(written.auths[1].members.size(), 2U);
  EXPECT_EQ(written.auths[1].members[0].json, "\"ticket\"");
  EXPECT_EQ(written.auths[1].members[0].secret_from, "");
  EXPECT_EQ(written.auths[1].members[1].secret_from, "environment variable USHER_TEST_SECRET");
  EXPECT_EQ(written.usher_json, R"({"consumer":"payment-service"})");
  EXPECT_EQ(written.service_json[0],
            R"({"service":"a","auth":{"scheme":"hmac","preset":"ticket",)"
            R"("secret":{"env":"USHER_TEST_SECRET"}},"addresses":["http://a:1"]})");
}

TEST_F(OriginsTest, CutTimesKnowWhatCutThem) {
  directory_.write("usher.json", R"({"consumer": "p", "defaults":
      {"concurrency": {"max": 2, "queue_timeout": "900ms"}, "hedge": {"delay": "800ms"}}})");
  directory_.write("services/a.json",
                   service("a", "", R"(, "timeout": "500ms", "per_try_timeout": "400ms")"));
  snapshot_ = loaded();
  ASSERT_NE(snapshot_, nullptr);
  std::vector<std::string> cuts;
  for (const CutTime& cut : snapshot_->written.cuts) {
    cuts.push_back(std::string(cut.key) + " by " + std::string(cut.by));
  }
  EXPECT_THAT(
      cuts, ElementsAre("connect_timeout by per_try_timeout",
                        "concurrency.queue_timeout by timeout", "hedge.delay by per_try_timeout"));
  EXPECT_EQ(snapshot_->written.cuts[0].written, Duration(1s));
  directory_.write("usher.json", kUsher);
  directory_.write("services/a.json", service("a", "", R"(, "timeout": "2s")"));
  snapshot_ = loaded();
  ASSERT_EQ(snapshot_->written.cuts.size(), 1U);
  EXPECT_EQ(snapshot_->written.cuts[0].key, "per_try_timeout");
  EXPECT_EQ(snapshot_->written.cuts[0].written, Duration(3s));
  directory_.write("services/a.json", service("a"));
  EXPECT_TRUE(loaded()->written.cuts.empty());
}

TEST_F(OriginsTest, AnEndpointTakesAboutAHundredBytes) {
  constexpr std::size_t kEndpoints = 20'000;
  std::string text = R"({"service": "a", "addresses": ["http://a:1"], "endpoints": [)";
  for (std::size_t i = 0; i < kEndpoints; ++i) {
    const std::string number = std::to_string(i);
    if (i > 0) text += ",\n";
    text += R"({"name": "e)" + number + R"(", "match": "GET /a)" + number +
            R"(/{id}", "timeout": "5s", "retry": "fast", "cache": {"ttl": "5s", "tags": ["t"]}})";
  }
  directory_.write("usher.json", kUsher);
  directory_.write("services/a.json", text + "]}");
  snapshot_ = loaded();
  ASSERT_NE(snapshot_, nullptr);
  EXPECT_EQ(of_endpoint(kEndpoints - 1, "cache.ttl"), "services/a.json:20000:100");
  EXPECT_LE(snapshot_->written.origins.size_bytes() / kEndpoints, 125U);
}

TEST_F(OriginsTest, ExplainingNeedsNeitherSecretsNorTheConsumersName) {
  directory_.write("usher.json", R"({"consumer": {"env": "USHER_TEST_NOT_SET"},
      "cache": {"redis": {"url": {"env": "USHER_TEST_NOT_SET"}}}})");
  const std::string hmac =
      R"("auth": {"scheme": "hmac", "preset": "ticket", "secret": {"env": "USHER_TEST_NOT_SET"}},)";
  const std::string token = R"(, "auth": {"scheme": "service-jwt", "key": {"file": "not-there"}})";
  directory_.write("services/a.json", service("a", hmac));
  directory_.write("services/b.json", service("b", "", token));
  EXPECT_EQ(load({directory_.path()}, 0).problems.size(), 2U);
  EXPECT_EQ(load({directory_.path()}, 0, {.consumer = "order-service"}).problems.size(), 3U);
  const LoadResult result =
      load({directory_.path()}, 0, {.consumer = "order-service", .needs_secrets = false});
  for (const Problem& problem : result.problems) ADD_FAILURE() << to_string(problem);
  ASSERT_NE(result.snapshot, nullptr);
  EXPECT_EQ(result.snapshot->consumer, "order-service");
  EXPECT_EQ(result.warnings.size(), 2U);
  EXPECT_EQ(result.snapshot->endpoints[0]->signer, 1U);  // it can say what it would sign
  EXPECT_EQ(result.snapshot->endpoints[1]->signer, 0U);
  EXPECT_FALSE(result.snapshot->redis);
}

}  // namespace
}  // namespace usher::config::test
