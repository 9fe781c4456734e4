// /cache, /cache/entry and /cache/invalidate of the admin port, without Redis behind them.
#include "server/cache_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "server/cache_entry_page.h"

namespace usher::server {
namespace {

using http::Method;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::int64_t kNow = 1'768'210'800'000;

class CachePage : public testing::Test {
 protected:
  CachePage() {
    snapshot_.consumer = "payment-service";
    snapshot_.listeners.resize(1);
    add("order-tickets", Method::Get, "/orders/{orderId}/tickets").cache.emplace();
    add("transfer", Method::Post, "/tickets/{ticketId}/transfer")
        .invalidates.push_back(*policy::TagTemplate::parse("ticket:7", {}));
    add("replace", Method::Put, "/orders/{orderId}/tickets").invalidates_path = true;
    add("status", Method::Get, "/tickets/{ticketId}/status");
  }
  policy::EndpointPolicy& add(const std::string& name, Method method, const std::string& path) {
    auto endpoint = std::make_unique<route::Endpoint>();
    endpoint->index = static_cast<std::uint32_t>(snapshot_.endpoints.size());
    endpoint->service = "ticket-service";
    endpoint->name = name;
    endpoint->method = method;
    endpoint->match = *route::PathTemplate::parse(path);
    snapshot_.listeners[0].router.add(*endpoint);
    snapshot_.endpoints.push_back(std::move(endpoint));
    return snapshot_.endpoints.back()->policy;
  }
  policy::CachePolicy& cache_policy() { return *snapshot_.endpoints[0]->policy.cache; }

  // Nothing when the answer is to come later.
  std::optional<AdminAnswer> ask(Method method, const std::string& path,
                                 const std::string& query = "", const std::string& body = "") {
    const proxy::ProxyMetrics* workers[] = {&one_, &two_};
    facts_.memory = cache_.memory.facts();
    return answer_cache({.method = method, .path = path, .query = query, .body = body},
                        {.snapshot = snapshot_,
                         .cache = cache_,
                         .workers = workers,
                         .facts = facts_,
                         .now_ms = kNow,
                         .redis = redis_,
                         .later = [this](const AdminAnswer& answer) { later_.push_back(answer); }});
  }
  json page() { return json::parse(ask(Method::Get, "/cache")->body); }
  AdminAnswer entry(const std::string& query) { return *ask(Method::Get, "/cache/entry", query); }
  AdminAnswer invalidate(const std::string& body, const std::string& query = "") {
    return *ask(Method::Post, "/cache/invalidate", query, body);
  }

  // Keeps an answer to such a call, and gives its key.
  cache::CacheKey keep(const std::string& target, const std::string& tenant,
                       const std::vector<std::string>& tags, const std::string& body = "{}") {
    const http::Fields fields{};
    const auto key = *make_key(hasher_, cache_policy(),
                               {.consumer = "payment-service",
                                .service = "ticket-service",
                                .endpoint = "order-tickets",
                                .target = target,
                                .tenant = tenant,
                                .user = "",
                                .fields = fields});
    put(key, tags, body);
    return key;
  }
  void put(const cache::CacheKey& key, const std::vector<std::string>& tags,
           const std::string& body, cache::EntryKind kind = cache::EntryKind::Answer) {
    std::vector<cache::Tag> ids(tags.size());
    std::transform(tags.begin(), tags.end(), ids.begin(),
                   [&](const std::string& text) { return make_tag(hasher_, key.scope, text); });
    cache::EntryParts parts;
    parts.kind = kind;
    parts.key = key;
    parts.freshness = {.generated_ms = kNow - 2000, .lifetime_ms = 5000, .stale_if_error_ms = 7};
    parts.begun = cache_.tags.now();
    parts.loaded_ms = kNow - 500;
    parts.lines = "content-type: application/json\r\nx-a: b\r\n";
    parts.body = body;
    parts.tags = ids;
    cache_.memory.put(cache::Entry::make(parts));
  }

  config::Snapshot snapshot_;
  cache::SharedCache cache_{32 * 1024 * 1024};
  cache::Hasher hasher_;
  proxy::ProxyMetrics one_{4};
  proxy::ProxyMetrics two_{4};
  CacheFacts facts_;
  InvalidateInRedis redis_;
  std::vector<AdminAnswer> later_;
};

TEST_F(CachePage, TellsOfMemoryAndOfEndpoints) {
  keep("/orders/1/tickets", "t", {});
  one_.endpoint(0).cache[static_cast<std::size_t>(proxy::CacheResult::HitRedis)].add(2);
  two_.endpoint(0).cache[static_cast<std::size_t>(proxy::CacheResult::HitRedis)].add(3);
  two_.endpoint(0).not_stored[static_cast<std::size_t>(policy::NotStored::NoStore)].add(4);
  two_.endpoint(1).invalidations[static_cast<std::size_t>(proxy::CacheInvalidation::Done)].add(5);
  const json all = page();
  EXPECT_EQ(all.at("memory").at("entries"), 1);
  EXPECT_GT(all.at("memory").at("bytes"), 0);
  EXPECT_EQ(all.at("memory").at("limitBytes"), 32 * 1024 * 1024);
  EXPECT_TRUE(all.at("redis").is_null());
  std::vector<std::string> names;
  for (const json& endpoint : all.at("endpoints")) names.push_back(endpoint.at("endpoint"));
  EXPECT_THAT(names, ElementsAre("order-tickets", "transfer", "replace"));
  const json& endpoint = all.at("endpoints").at(0);
  EXPECT_EQ(endpoint.at("caches"), true);
  EXPECT_EQ(endpoint.at("results").at("hit_redis"), 5);
  EXPECT_EQ(endpoint.at("results").at("miss"), 0);
  EXPECT_EQ(endpoint.at("notStored").at("no-store"), 4);
  EXPECT_EQ(all.at("endpoints").at(1).at("caches"), false);
  EXPECT_EQ(all.at("endpoints").at(1).at("invalidations").at("done"), 5);
}

TEST_F(CachePage, TellsOfRedis) {
  facts_.redis = {
      .clients = {}, .channel_trusted = false, .channel_losses = 2, .channel_messages = 3};
  facts_.redis->add({.connections = 4, .commands = 5, .failures = {1, 2, 3, 4}, .reconnects = 6});
  EXPECT_EQ(page().at("redis"), json::parse(R"({"available": true, "connections": 4, "commands": 5,
      "reconnects": 6, "failures": {"unreachable": 1, "timeout": 2, "protocol": 3, "refused": 4},
      "channel": {"trusted": false, "losses": 2, "messages": 3}})"));
}

TEST_F(CachePage, ShowsOneAnswer) {
  const cache::CacheKey key =
      keep("/orders/1/tickets?a=1&b=2", "t", {"ticket:7", "order:1"}, R"({"a":"b"})");
  const AdminAnswer answer =
      entry("target=%2Forders%2F1%2Ftickets%3Fb%3D2%26a%3D1&tenant=t&method=HEAD");
  ASSERT_EQ(answer.status, 200) << answer.body;
  json shown = json::parse(answer.body);
  EXPECT_EQ(shown.at("key"), to_hex(key.digest));
  EXPECT_GT(shown.at("bytes"), 0);
  shown.erase("key");
  shown.erase("bytes");
  EXPECT_EQ(shown, json::parse(R"({"service": "ticket-service", "endpoint": "order-tickets",
      "status": 200, "good": true, "ageMs": 2000, "freshForMs": 3000, "lifetimeMs": 5000,
      "staleWhileRevalidateMs": 0, "staleIfErrorMs": 7, "mustRevalidate": false, "noCache": false,
      "inMemoryMs": 500, "tags": 2, "head": ["content-type: application/json", "x-a: b"],
      "bodyBytes": 9})"));
  const json whole = json::parse(entry("target=/orders/1/tickets?a=1%26b=2&tenant=t&body=1").body);
  EXPECT_EQ(whole.at("body"), R"({"a":"b"})");
}

TEST_F(CachePage, AnAnswerIsFoundAsACallWouldFindIt) {
  keep("/orders/1/tickets", "t", {"ticket:7"});
  EXPECT_EQ(entry("target=/orders/1/tickets&tenant=t").status, 200);
  EXPECT_EQ(entry("target=/orders/1/tickets&tenant=t&consumer=payment-service").status, 200);
  for (const char* other :
       {"target=/orders/1/tickets&tenant=u", "target=/orders/1/tickets",
        "target=/orders/2/tickets&tenant=t", "target=/orders/1/tickets?a&tenant=t",
        "target=/orders/1/tickets&tenant=t&consumer=auth-service"}) {
    EXPECT_EQ(entry(other).body, "{\"error\":\"no answer to such a call is in memory\"}\n");
  }
  cache_policy().query.emplace();
  cache_policy().scope = policy::CacheScope::User;
  EXPECT_THAT(entry("target=/orders/1/tickets?a&tenant=t&user=x").body,
              HasSubstr("such a call is not answered from the cache"));
  EXPECT_THAT(entry("target=/orders/1/tickets&tenant=t").body,
              HasSubstr("such a call is not answered from the cache"));
  EXPECT_THAT(entry("target=/tickets/7/status").body, HasSubstr("answers of status are not kept"));
  EXPECT_THAT(entry("target=/nowhere").body, HasSubstr("no endpoint has this method and path"));
}

TEST_F(CachePage, HeadersChooseAmongAnswers) {
  const cache::CacheKey key = keep("/orders/1/tickets", "t", {});
  put(key, {}, "Accept-Language", cache::EntryKind::Vary);
  http::Fields german;
  german.add("accept-language", "de", http::field_id("accept-language"));
  put(variant_key(hasher_, key, "Accept-Language", german), {}, "deutsch");
  const std::string call = "target=/orders/1/tickets&tenant=t&body=1";
  EXPECT_EQ(json::parse(entry(call + "&header=Accept-Language:%20de").body).at("body"), "deutsch");
  for (const char* other :
       {"", "&header=Accept-Language:fr", "&header=Accept-Language", "&header="}) {
    EXPECT_EQ(entry(call + other).body,
              "{\"error\":\"no answer to such a call is in memory; answers differ by "
              "Accept-Language, which \\\"header\\\" can give\"}\n");
  }
}

TEST_F(CachePage, QueriesThatCannotBeRead) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "there is no \\\"target\\\""},
      {"tenant=t", "there is no \\\"target\\\""},
      {"target=%2", "without two hexadecimal digits"},
      {"target=orders", "is none that a call can have"},
      {"target=/a/../b", "is none that a call can have"},
      {"target=/a&tenantt=b", "unknown parameter \\\"tenantt\\\""},
      {"target=/a&method=POST", "only answers to GET are kept"},
  };
  for (const auto& [query, why] : cases) {
    const AdminAnswer answer = entry(query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_THAT(answer.body, HasSubstr(why)) << query;
  }
}

TEST_F(CachePage, PathsAndMethods) {
  EXPECT_EQ(ask(Method::Get, "/cache/")->status, 404);
  EXPECT_EQ(ask(Method::Get, "/cache/entries")->status, 404);
  EXPECT_EQ(ask(Method::Post, "/cache")->status, 405);
  EXPECT_EQ(ask(Method::Post, "/cache/entry")->status, 405);
  EXPECT_EQ(ask(Method::Get, "/cache/invalidate")->status, 405);
  EXPECT_EQ(ask(Method::Head, "/cache")->status, 200);
}

TEST_F(CachePage, TagsOfATenantBecomeStale) {
  keep("/orders/1/tickets", "t", {"ticket:7"});
  keep("/orders/2/tickets", "t", {"ticket:8"});
  keep("/orders/1/tickets", "u", {"ticket:7"});
  const AdminAnswer answer = invalidate(R"({"tags": ["ticket:7", "ticket:9"], "tenant": "t"})");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(json::parse(answer.body),
            json::parse(R"({"tags": ["ticket:7", "ticket:9"], "all": false, "tenant": "t",
                            "dropped": 1, "redis": "off"})"));
  EXPECT_EQ(entry("target=/orders/1/tickets&tenant=t").status, 404);
  EXPECT_EQ(entry("target=/orders/2/tickets&tenant=t").status, 200);
  EXPECT_EQ(entry("target=/orders/1/tickets&tenant=u").status, 200);
  EXPECT_THAT(invalidate("", "tag=ticket:8&tag=x&tenant=t").body, HasSubstr("\"dropped\":1"));
  EXPECT_EQ(entry("target=/orders/2/tickets&tenant=t").status, 404);
}

TEST_F(CachePage, TagsOfEverybodyBecomeStale) {
  keep("/orders/1/tickets", "t", {"ticket:7"});
  keep("/orders/1/tickets", "u", {"ticket:7"});
  keep("/orders/2/tickets", "u", {"ticket:8"});
  EXPECT_THAT(invalidate(R"({"tags": ["ticket:7"]})").body,
              HasSubstr(R"("tenant":null,"dropped":2)"));
  EXPECT_EQ(entry("target=/orders/2/tickets&tenant=u").status, 200);
}

// An answer that is fetched while this happens must not count afterwards.
TEST_F(CachePage, WhatWasBegunBeforeIsNotGoodAfterwards) {
  const std::uint64_t begun = cache_.tags.now();
  const cache::ScopeId scope = scope_of(hasher_, policy::CacheScope::Tenant, "t");
  const cache::Tag tag[] = {make_tag(hasher_, scope, "ticket:7")};
  invalidate("", "tag=ticket:7&tenant=t");
  EXPECT_FALSE(cache_.tags.is_good(begun, tag));
  EXPECT_TRUE(cache_.tags.is_good(cache_.tags.now(), tag));
}

// What every answer has is the tag "".
TEST_F(CachePage, EverythingBecomesStale) {
  keep("/orders/1/tickets", "t", {""});
  keep("/orders/2/tickets", "t", {"", "ticket:7"});
  keep("/orders/1/tickets", "u", {""});
  EXPECT_THAT(invalidate(R"({"all": true, "tenant": "t"})").body, HasSubstr("\"dropped\":2"));
  EXPECT_EQ(entry("target=/orders/1/tickets&tenant=u").status, 200);
  keep("/orders/3/tickets", "t", {});
  EXPECT_THAT(invalidate("", "all=true").body, HasSubstr("\"dropped\":2"));
  EXPECT_EQ(page().at("memory").at("entries"), 0);
}

TEST_F(CachePage, AnOrderGoesToRedisAndIsAnsweredAfterIt) {
  std::vector<InvalidationOrder> orders;
  std::vector<std::function<void(bool)>> done;
  redis_ = [&](const InvalidationOrder& order, std::function<void(bool)> then) {
    orders.push_back(order);
    done.push_back(std::move(then));
  };
  keep("/orders/1/tickets", "t", {"ticket:7"});
  EXPECT_EQ(ask(Method::Post, "/cache/invalidate", "tag=ticket:7&tenant=t"), std::nullopt);
  EXPECT_EQ(ask(Method::Post, "/cache/invalidate", "all=true"), std::nullopt);
  EXPECT_EQ(entry("target=/orders/1/tickets&tenant=t").status, 404) << "here at once";
  ASSERT_EQ(orders.size(), 2U);
  EXPECT_THAT(orders[0].texts(), ElementsAre("ticket:7"));
  EXPECT_EQ(orders[0].tenant, "t");
  EXPECT_THAT(orders[1].texts(), ElementsAre(""));
  EXPECT_EQ(orders[1].tenant, std::nullopt);
  EXPECT_TRUE(later_.empty());
  done[0](true);
  done[1](false);
  ASSERT_EQ(later_.size(), 2U);
  EXPECT_EQ(later_[0].status, 200);
  EXPECT_THAT(later_[0].body, HasSubstr(R"("dropped":1,"redis":"done")"));
  EXPECT_EQ(later_[1].status, 202);
  EXPECT_THAT(later_[1].body, HasSubstr(R"("redis":"late")"));
}

TEST_F(CachePage, OrdersThatCannotBeRead) {
  std::string many = "tag=0";
  for (int i = 0; i < 1000; ++i) many += "&tag=x";
  const std::tuple<std::string, std::string, std::string> cases[] = {
      {"", "", "there is no tag"},
      {"tenant=t", "", "there is no tag"},
      {"tag=", "", "a tag is empty"},
      {"tag=a&all=true", "", "there are tags, and"},
      {"all=yes", "", "is not"},
      {"tags=a", "", "unknown parameter"},
      {"tag=%", "", "without two hexadecimal digits"},
      {many, "", "there are more than 1000 tags"},
      {"tag=a", "{}", "there is a query and a body"},
      {"", "{", "body:1:"},
      {"", "[]", "body:1:1: "},
      {"", "{}", "there is no tag"},
      {"", R"({"tags": "a"})", "is not a list of strings"},
      {"", R"({"tags": [1]})", "is not a list of strings"},
      {"", R"({"tags": []})", "there is no tag"},
      {"", R"({"tags": [""]})", "a tag is empty"},
      {"", R"({"tags": ["a"], "tenant": null})", "is not a string"},
      {"", R"({"tags": ["a"], "all": 1})", "is neither true nor false"},
      {"", R"({"tags": ["a"], "all": true})", "there are tags, and"},
      {"", R"({"all": false})", "there is no tag"},
      {"", R"({"tags": ["a"], "tenants": "b"})", "unknown member"},
  };
  keep("/orders/1/tickets", "t", {"", "a"});
  for (const auto& [query, body, why] : cases) {
    const AdminAnswer answer = invalidate(body, query);
    EXPECT_EQ(answer.status, 400) << query << body;
    EXPECT_THAT(answer.body, HasSubstr(why)) << query << body;
  }
  EXPECT_EQ(entry("target=/orders/1/tickets&tenant=t").status, 200) << "nothing happened";
}

// The members of an answer that are neither object nor array: "memory.bytes", "head[]".
void collect_members(const json& value, const std::string& at, std::set<std::string>& found) {
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) {
      collect_members(member, at.empty() ? name : std::string(at).append(".").append(name), found);
    }
  } else if (value.is_array()) {
    for (const json& element : value) collect_members(element, at + "[]", found);
  } else {
    found.insert(at);
  }
}

// The members that a table of the reference lists, whose first column begins with `first`.
std::set<std::string> documented(const std::string& first) {
  std::ifstream file(std::string(USHER_SOURCE_DIRECTORY) + "/config/REFERENCE.md");
  const std::string reference((std::istreambuf_iterator<char>(file)), {});
  std::string table = reference.substr(reference.find("| " + first + " |"));
  table.resize(table.find("\n\n"));
  const std::regex row("\n\\| `([^`]+)` \\|");
  std::set<std::string> found;
  for (std::sregex_iterator it(table.begin(), table.end(), row), end; it != end; ++it) {
    found.insert((*it)[1]);
  }
  return found;
}

TEST_F(CachePage, TheReferenceHasEveryMember) {
  facts_.redis.emplace();
  keep("/orders/1/tickets", "t", {});
  std::set<std::string> members;
  collect_members(page(), "", members);
  // One row each for what is counted by name.
  std::set<std::string> expected;
  for (const std::string& member : members) {
    expected.insert(std::regex_replace(
        member, std::regex("(results|notStored|invalidations|failures)\\..*"), "$1.*"));
  }
  EXPECT_EQ(expected, documented("member of `/cache`"));

  members.clear();
  collect_members(json::parse(entry("target=/orders/1/tickets&tenant=t&body=1").body), "", members);
  EXPECT_EQ(members, documented("member of `/cache/entry`"));

  members.clear();
  collect_members(json::parse(invalidate(R"({"tags": ["a"], "tenant": "t"})").body), "", members);
  EXPECT_EQ(members, documented("member of `/cache/invalidate`"));
}

}  // namespace
}  // namespace usher::server
