#include "server/config_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "config/json_reader.h"
#include "unit/config/support.h"

namespace usher::server {
namespace {

using http::Method;
using testing::HasSubstr;
using testing::Not;

class ConfigPage : public testing::Test {
 protected:
  ConfigPage() {
    std::mt19937_64 random(20261125);
    for (std::string* secret : {&secret_, &password_}) {
      while (secret->size() < 40) *secret += std::to_string(random());
    }
    environment_.set("USHER_TEST_SECRET", secret_);
    environment_.set("USHER_TEST_REDIS", "redis://me:" + password_ + "@localhost:6379/3");
    directory_.write("usher.json", R"({"consumer": "p", "workers": 2,
        "cache": {"redis": {"url": {"env": "USHER_TEST_REDIS"}}},
        "retry_presets": {"mine": {"attempts": 7}}})");
    directory_.write("services/a.json", R"({"service": "a", "addresses": ["http://a:1"],
        "auth": {"scheme": "hmac", "preset": "integration",
                 "secret": {"env": "USHER_TEST_SECRET"}},
        "endpoints": [{"name": "e", "match": "GET /a/{id}", "tenant": "none"},
                      {"name": "f", "match": "POST /a", "consumers": ["q"]}]})");
    config::LoadResult result = config::load({directory_.path()}, 0);
    for (const config::Problem& problem : result.problems) ADD_FAILURE() << to_string(problem);
    snapshot_ = result.snapshot;
    files_ = result.files;
  }

  static AdminRequest get(std::string_view query = {}) {
    return {.method = Method::Get, .path = {}, .query = query};
  }
  AdminAnswer config() {
    return answer_config(get(), {.snapshot = *snapshot_, .revision = "r7", .files = files_});
  }
  AdminAnswer endpoints(std::string_view query = {}) {
    return answer_endpoints(get(query), *snapshot_);
  }
  AdminAnswer explain(std::string_view query) {
    std::vector<const route::Endpoint*> all;
    for (const auto& endpoint : snapshot_->endpoints) all.push_back(endpoint.get());
    proxy::SharedState shared(snapshot_->clusters, all, 1);
    Inventory inventory;
    inventory.hosts = {{.service = "b", .address = "b:1"},
                       {.service = "a", .address = "a:1", .connections = {.connections = 4}}};
    const std::vector<Inventory> workers(2, inventory);
    return answer_explain(get(query), *snapshot_, shared, workers, Instant(1000s));
  }
  static std::unique_ptr<config::Document> parse(const std::string& json) {
    config::Problems problems;
    auto document = config::Document::parse("page", 0, json, problems);
    for (const config::Problem& problem : problems.take()) ADD_FAILURE() << to_string(problem);
    return document;
  }

  std::string secret_;
  std::string password_;
  config::test::TempDirectory directory_;
  config::test::Environment environment_;
  std::shared_ptr<const config::Snapshot> snapshot_;
  std::vector<std::filesystem::path> files_;
};

TEST_F(ConfigPage, SaysWhatThisProcessRunsBy) {
  const auto page = parse(config().body);
  ASSERT_NE(page, nullptr);
  const config::Value& root = page->root();
  EXPECT_EQ(root.find("revision")->text, "r7");
  EXPECT_EQ(root.find("consumer")->text, "p");
  const config::Value& process = *root.find("process");
  EXPECT_EQ(process.find("workers")->integer, 2);
  EXPECT_EQ(process.find("limits")->find("connections")->integer, 4096);
  EXPECT_EQ(process.find("timeouts")->find("drainMs")->integer, 25000);
  const config::Value& redis = *process.find("cache")->find("redis");
  EXPECT_EQ(redis.find("addresses")->children.at(0).text, "localhost:6379");
  EXPECT_EQ(redis.find("database")->integer, 3);
  EXPECT_TRUE(redis.find("hasPassword")->boolean);
  EXPECT_EQ(root.find("presets")->find("mine")->find("attempts")->integer, 7);
  EXPECT_EQ(root.find("presets")->find("fast")->find("initialDelayMs")->integer, 100);
  EXPECT_EQ(root.find("written")->find("cache")->find("redis")->find("url")->find("env")->text,
            "USHER_TEST_REDIS");
  const config::Value& service = root.find("services")->children.at(0);
  EXPECT_EQ(service.find("addresses")->children.at(0).text, "http://a:1");
  EXPECT_EQ(service.find("endpoints")->integer, 2);
  EXPECT_EQ(service.find("written")->find("auth")->find("secret")->find("env")->text,
            "USHER_TEST_SECRET");
  EXPECT_THAT(config().body, HasSubstr((directory_.path() / "services/a.json").string()));
}

TEST_F(ConfigPage, ListsEndpointsWithTheirPolicy) {
  const auto page = parse(endpoints().body);
  ASSERT_NE(page, nullptr);
  const auto& list = page->root().find("endpoints")->children;
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].find("method")->text, "GET");
  EXPECT_EQ(list[0].find("match")->text, "/a/{id}");
  EXPECT_EQ(list[0].find("consumers")->type, config::Value::Type::Null);
  EXPECT_TRUE(list[0].find("allowed")->boolean);
  EXPECT_FALSE(list[1].find("allowed")->boolean);
  EXPECT_EQ(list[1].find("consumers")->children.at(0).text, "q");
  const config::Value& tenant = list[0].find("policy")->children.at(0);
  EXPECT_EQ(tenant.find("value")->text, "none");
  EXPECT_EQ(tenant.find("origin")->find("line")->integer, 4);
  EXPECT_EQ(
      parse(endpoints("service=a&endpoint=f").body)->root().find("endpoints")->children.size(), 1U);
  EXPECT_EQ(endpoints("servce=a").status, 400);
}

TEST_F(ConfigPage, ExplainsACallWithWhatIsLive) {
  const AdminAnswer answer = explain("method=GET&target=%2Fa%2F7%3Fx%3D1");
  EXPECT_EQ(answer.status, 200);
  const auto page = parse(answer.body);
  ASSERT_NE(page, nullptr);
  EXPECT_EQ(page->root().find("ownerTarget")->text, "/a/7?x=1");
  const config::Value& live = *page->root().find("live");
  EXPECT_EQ(live.find("breaker")->find("state")->text, "closed");
  EXPECT_EQ(live.find("retriesLeft")->integer, 10);
  ASSERT_EQ(live.find("hosts")->children.size(), 1U);
  EXPECT_EQ(live.find("hosts")->children[0].find("connections")->integer, 8);
  EXPECT_THAT(explain("method=GET&target=/a/7&format=text").body, HasSubstr("\nNow\n"));
  EXPECT_EQ(explain("method=POST&target=/a").status, 422);
  EXPECT_THAT(explain("method=POST&target=/a&consumer=q&header=X-Tenant-ID:%20x").body,
              HasSubstr("INVALID_TENANT_ID"));
}

TEST_F(ConfigPage, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(explain("method=GET").status, 400);
  EXPECT_EQ(explain("method=GET&target=/a&colour=red").status, 400);
  EXPECT_EQ(explain("method=GET&target=/a&format=xml").status, 400);
  EXPECT_EQ(explain("method=%zz").status, 400);
  const AdminRequest post = {.method = Method::Post, .path = {}};
  EXPECT_EQ(answer_endpoints(post, *snapshot_).status, 405);
  EXPECT_EQ(answer_config(post, {.snapshot = *snapshot_, .revision = "", .files = files_}).status,
            405);
}

TEST_F(ConfigPage, NoSecretIsShown) {
  for (const std::string& body :
       {config().body, endpoints().body, explain("method=GET&target=/a/7").body,
        explain("method=GET&target=/a/7&format=text").body}) {
    EXPECT_THAT(body, Not(HasSubstr(secret_)));
    EXPECT_THAT(body, Not(HasSubstr(password_)));
  }
}

}  // namespace
}  // namespace usher::server
