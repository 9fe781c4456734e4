// An exported document, imported again, gives the same endpoints.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>

#include "openapi/exported_policy.h"
#include "unit/openapi/support.h"

namespace usher::openapi::test {
namespace {

Lines tags_of(const std::vector<policy::TagTemplate>& tags) {
  Lines texts;
  for (const policy::TagTemplate& tag : tags) texts.push_back(tag.text());
  return texts;
}

void expect_same_cache(const policy::CachePolicy& a, const policy::CachePolicy& b) {
  EXPECT_EQ(a.ttl, b.ttl);
  EXPECT_EQ(a.ttl_overrides, b.ttl_overrides);
  EXPECT_EQ(a.stale_while_revalidate, b.stale_while_revalidate);
  EXPECT_EQ(a.stale_if_error, b.stale_if_error);
  EXPECT_EQ(a.negative_ttl, b.negative_ttl);
  EXPECT_EQ(a.scope, b.scope);
  EXPECT_EQ(a.vary, b.vary);
  EXPECT_EQ(a.query, b.query);
  EXPECT_EQ(a.max_object, b.max_object);
  EXPECT_EQ(tags_of(a.tags), tags_of(b.tags));
  EXPECT_EQ(a.lock, b.lock);
  EXPECT_EQ(a.version, b.version);
}

void expect_same_policy(const policy::EndpointPolicy& a, const policy::EndpointPolicy& b) {
  EXPECT_EQ(a.tenant, b.tenant);
  EXPECT_EQ(a.tenant_format, b.tenant_format);
  EXPECT_EQ(a.user_format, b.user_format);
  EXPECT_EQ(a.timeout, b.timeout);
  EXPECT_EQ(a.per_try_timeout, b.per_try_timeout);
  EXPECT_EQ(a.connect_timeout, b.connect_timeout);
  EXPECT_EQ(a.body_timeout, b.body_timeout);
  EXPECT_EQ(a.safe, b.safe);
  EXPECT_EQ(a.make_key, b.make_key);
  EXPECT_EQ(a.retry.attempts, b.retry.attempts);
  if (a.retry.attempts > 1) {
    EXPECT_EQ(a.retry, b.retry);
  }
  EXPECT_EQ(a.breaker_scope, b.breaker_scope);
  if (a.breaker_scope != policy::BreakerScope::Off) {
    EXPECT_EQ(a.breaker, b.breaker);
  }
  EXPECT_EQ(a.concurrency, b.concurrency);
  EXPECT_EQ(a.hedge, b.hedge);
  ASSERT_EQ(a.fallback.has_value(), b.fallback.has_value());
  if (a.fallback) {
    EXPECT_EQ(a.fallback->status, b.fallback->status);
    EXPECT_EQ(a.fallback->body, b.fallback->body);
    EXPECT_EQ(a.fallback->content_type, b.fallback->content_type);
    EXPECT_EQ(a.fallback->on, b.fallback->on);
  }
  ASSERT_EQ(a.cache.has_value(), b.cache.has_value());
  if (a.cache) expect_same_cache(*a.cache, *b.cache);
  EXPECT_EQ(tags_of(a.invalidates), tags_of(b.invalidates));
  EXPECT_EQ(a.invalidates_path, b.invalidates_path);
}

void expect_same_endpoint(const route::Endpoint& a, const route::Endpoint& b) {
  SCOPED_TRACE(a.service + " " + a.name);
  EXPECT_EQ(a.name, b.name);
  EXPECT_EQ(a.service, b.service);
  EXPECT_EQ(a.method, b.method);
  EXPECT_EQ(a.match.text(), b.match.text());
  EXPECT_EQ(a.rewrite.text(), b.rewrite.text());
  EXPECT_EQ(a.consumers, b.consumers);
  for (const bool has_key : {false, true}) {
    EXPECT_EQ(a.repeatability(has_key), b.repeatability(has_key));
  }
  expect_same_policy(a.policy, b.policy);
}

// Exports all, imports each service of the document, loads that.
void expect_same_again(const config::Snapshot& snapshot, const Contracts& contracts) {
  const ExportResult document = export_document(snapshot, contracts, "");
  EXPECT_EQ(document.notes, Lines());
  Lines services;
  std::string last;
  for (const auto& endpoint : snapshot.endpoints) {
    if (std::exchange(last, endpoint->service) == endpoint->service) continue;
    const ImportResult result =
        import_service({.file = "export.json", .text = document.text},
                       {.service = endpoint->service, .prefixes = {}, .existing = {}});
    EXPECT_EQ(lines_of(result.problems), Lines());
    services.push_back(result.text);
  }
  const auto again = load_services(services);
  ASSERT_NE(again, nullptr);
  ASSERT_EQ(again->endpoints.size(), snapshot.endpoints.size());
  // A document has the methods of a path side by side.
  for (const auto& endpoint : snapshot.endpoints) {
    const auto same =
        std::find_if(again->endpoints.begin(), again->endpoints.end(), [&](const auto& other) {
          return other->service == endpoint->service && other->name == endpoint->name;
        });
    ASSERT_NE(same, again->endpoints.end()) << endpoint->name;
    expect_same_endpoint(*endpoint, **same);
  }
}

TEST(RoundTrip, KeepsEveryKeyOfAnEndpoint) {
  const auto snapshot = load_endpoints(
      R"({"name": "cached", "match": "GET /a/{x}", "rewrite": "/z/{x}", "tenant": "optional",
          "tenant_format": "opaque", "user_format": "uuid", "timeout": "7s",
          "per_try_timeout": "500ms", "connect_timeout": "200ms", "body_timeout": "3s",
          "retry": {"attempts": 5, "initial_delay": "1s", "max_delay": "2s",
                    "on": ["timeout"], "statuses": [503], "retry_after_max": "4s"},
          "breaker": {"failure_rate": 0.25, "slow_rate": 0.5, "slow_call": "400ms",
                      "minimum_calls": 7, "window": "20s", "consecutive_failures": 0,
                      "reset_timeout": "90s", "jitter": 0.1, "half_open_calls": 2,
                      "success_threshold": 4, "shadow": true,
                      "failures": {"on": [], "statuses": [500, 503]}},
          "concurrency": {"max": 9, "queue": 3, "queue_timeout": "50ms"},
          "hedge": {"delay": "100ms", "max": 2, "share": 0.1},
          "fallback": {"status": 203, "body": {"a": [1, "x y"]}, "on": [503]},
          "cache": {"ttl": "5s", "freshness": "policy", "stale_while_revalidate": "1s",
                    "stale_if_error": "2s", "negative_ttl": "3s", "scope": "user",
                    "vary": ["Accept"], "query": ["b", "a"], "max_object": "1KiB",
                    "tags": ["t:{x}", "u:{response:/a/*/b}"], "lock": true}},
         {"name": "platform", "match": "GET /b", "retry": "aggressive", "breaker": "platform",
          "hedge": {}, "fallback": {"status": 204}, "cache": {"scope": "public"}},
         {"name": "counting", "match": "DELETE /b", "tenant": "none", "idempotent": false,
          "retry": {"preset": "fast", "attempts": 2}, "breaker": {"failure_threshold": 3}},
         {"name": "none", "match": "POST /c/{x}", "idempotent": "key", "retry": "none",
          "breaker": false, "idempotency_key": "pass", "consumers": ["payment-service", "b"],
          "invalidates": ["t:{x}", "u:{request:/a}"]},
         {"name": "text", "match": "POST /d", "idempotent": true,
          "fallback": {"body": "later", "content_type": "text/plain"}},
         {"name": "search", "match": "POST /e", "safe": true},
         {"name": "plain", "match": "PATCH /a/{y}"})",
      R"("base_path": "/v1", "prefix": "/api", )");
  ASSERT_NE(snapshot, nullptr);
  expect_same_again(*snapshot, {});
}

TEST(RoundTrip, KeepsTheShippedEndpoints) {
  config::test::Environment environment;
  environment.set("USHER_CONSUMER", "nobody");  // needs nobody's secrets
  const auto directory = config::test::source_root() / "config";
  const auto snapshot = config::load({directory}, 0).snapshot;
  ASSERT_NE(snapshot, nullptr);
  config::Problems problems;
  const Contracts contracts = read_contracts({directory}, problems);
  EXPECT_EQ(lines_of(problems.take()), Lines());
  expect_same_again(*snapshot, contracts);
}

}  // namespace
}  // namespace usher::openapi::test
