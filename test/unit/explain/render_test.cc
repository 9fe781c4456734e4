#include "explain/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "config/json_reader.h"
#include "unit/explain/support.h"

namespace usher::explain::test {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kEndpoint =
    R"({"name": "e", "match": "GET /a/{id}", "retry": "fast", "cache": {"ttl": "5s"},
        "concurrency": {"max": 4}, "hedge": {"delay": "50ms"}})";

class Render : public ExplainTest {
 protected:
  static std::unique_ptr<config::Document> parse(const std::string& json) {
    config::Problems problems;
    auto document = config::Document::parse("explanation", 0, json, problems);
    for (const config::Problem& problem : problems.take()) ADD_FAILURE() << to_string(problem);
    return document;
  }
};

TEST_F(Render, TextForPeople) {
  load(R"({"consumer": "p"})", "", kEndpoint);
  const std::string text = render_text(*snapshot_, explain("GET", "/a/7"), nullptr);
  EXPECT_THAT(text, StartsWith("GET /a/7 by p\n  endpoint    tickets/e  (GET /a/{id}, "));
  EXPECT_THAT(text, HasSubstr("\nPolicy\n  tenant                        required "));
  EXPECT_THAT(text, HasSubstr("  1  at once                              up to 3s\n"
                              "  2  after 0s to 3.1s  pause below 100ms  up to 3s\n"));
  EXPECT_THAT(text, HasSubstr("opens after 5 failures in a row, or 50 % of at least 20 calls "
                              "within 10s failed\n"));
  EXPECT_THAT(text, HasSubstr("hedged after 50ms, 1 time a call, at most 5 % of its calls\n"));
  EXPECT_THAT(text,
              HasSubstr("endpoint: at most 4 calls on their way, 16 more wait up to 100ms\n"));
  EXPECT_THAT(text, HasSubstr("budget: 20 % of the calls to tickets within 10s, or 1 a second"));
  EXPECT_THAT(text, Not(HasSubstr("\nNow\n")));
  const std::string refused = render_text(*snapshot_, explain("GET", "/b"), nullptr);
  EXPECT_EQ(refused, "GET /b by p\n  refused  404 NO_ENDPOINT: no endpoint has this path\n");
}

TEST_F(Render, JsonForPrograms) {
  load(R"({"consumer": "p"})", "", kEndpoint);
  const auto document = parse(render_json(*snapshot_, explain("GET", "/a/7?q=\"\\"), nullptr));
  ASSERT_NE(document, nullptr);
  EXPECT_FALSE(document->root().find("called")->boolean);
  const auto good = parse(render_json(*snapshot_, explain("GET", "/a/7"), nullptr));
  ASSERT_NE(good, nullptr);
  const config::Value& root = good->root();
  EXPECT_TRUE(root.find("called")->boolean);
  EXPECT_EQ(root.find("endpoint")->text, "e");
  const config::Value& attempts = *root.find("retries")->find("attempts");
  ASSERT_EQ(attempts.children.size(), 3U);
  EXPECT_EQ(attempts.children[2].find("latestMs")->integer, 6400);
  EXPECT_EQ(attempts.children[2].find("pauseMaxMs")->integer, 300);
  const config::Value& timeout = root.find("policy")->children[3];
  EXPECT_EQ(timeout.find("key")->text, "timeout");
  EXPECT_EQ(timeout.find("origin")->find("kind")->text, "built-in");
}

TEST_F(Render, WhatIsLive) {
  load(R"({"consumer": "p"})", "", kEndpoint);
  LiveState live;
  live.breaker = policy::CircuitBreaker(policy::BreakerOptions()).snapshot(Instant{});
  live.retries_left = 10;
  live.hosts = {{.address = "t:1", .resolved = "10.0.0.1:1", .ejected = true, .connections = 3}};
  const CallExplanation call = explain("GET", "/a/7");
  const std::string text = render_text(*snapshot_, call, &live);
  EXPECT_THAT(text, HasSubstr("\nNow\n"));
  EXPECT_THAT(text, HasSubstr("closed (start), 0 failures within the window, 0 in a row\n"));
  EXPECT_THAT(text, HasSubstr("t:1 (10.0.0.1:1): 3 connections, 0 idle, 0 calls wait, ejected"));
  const auto document = parse(render_json(*snapshot_, call, &live));
  ASSERT_NE(document, nullptr);
  EXPECT_EQ(document->root().find("live")->find("retriesLeft")->integer, 10);
}

// Secrets by chance: whatever they are, no output has their bytes.
TEST_F(Render, NoSecretIsShown) {
  std::mt19937_64 random(20261125);
  const auto secret = [&random] {
    std::string text;
    for (int i = 0; i < 3; ++i) text += std::to_string(random());
    return text;
  };
  for (const char* auth :
       {R"({"scheme": "hmac", "preset": "integration", "secret": {"env": "USHER_TEST_SECRET"}})",
        R"({"scheme": "hmac", "preset": "standard", "secret": {"file": "secret"}})",
        R"({"scheme": "api-key", "key": {"env": "USHER_TEST_SECRET"}})",
        R"({"scheme": "service-jwt", "token": {"env": "USHER_TEST_SECRET"}})"}) {
    const std::string value = secret();
    environment_.set("USHER_TEST_SECRET", value);
    directory_.write("secret", value);
    load(R"({"consumer": "p"})", std::string("\"auth\": ") + auth + ",", kEndpoint);
    const CallExplanation call = explain("GET", "/a/7");
    EXPECT_THAT(render_text(*snapshot_, call, nullptr), Not(HasSubstr(value))) << auth;
    EXPECT_THAT(render_json(*snapshot_, call, nullptr), Not(HasSubstr(value))) << auth;
    EXPECT_THAT(render_text(*snapshot_, call, nullptr), HasSubstr("  from ")) << auth;
  }
}

}  // namespace
}  // namespace usher::explain::test
