#include "explain/call.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/cache_key.h"
#include "unit/explain/support.h"

namespace usher::explain::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

constexpr const char* kUsher = R"({"consumer": "p"})";
constexpr const char* kEndpoints = R"(
  {"name": "status", "match": "GET /internal/tickets/{id}/status", "rewrite": "/t/{id}",
   "cache": {"ttl": "5s", "vary": ["Accept"], "query": ["a"], "negative_ttl": "1s",
             "tags": ["ticket:{id}", "owner:{response:/owners/*/id}"]}},
  {"name": "buy", "match": "POST /internal/tickets/{id}/buy", "idempotent": "key",
   "invalidates": ["ticket:{id}", "order:{request:/order}"]},
  {"name": "drop", "match": "DELETE /internal/tickets/{id}/status", "consumers": ["q"]})";

class Call : public ExplainTest {
 protected:
  Call() { load(kUsher, "", kEndpoints); }

  std::string refusal(const CallExplanation& call) {
    if (!call.refusal) return "";
    return std::to_string(call.refusal->status) + " " + call.refusal->code + " " +
           call.refusal->why;
  }
};

TEST_F(Call, FindsEndpointAndOwnersTarget) {
  const CallExplanation call = explain("GET", "/internal/tickets/7%2F1/status?a=1");
  EXPECT_EQ(refusal(call), "");
  ASSERT_TRUE(call.matched);
  EXPECT_EQ(call.matched->endpoint->name, "status");
  EXPECT_EQ(call.matched->owner_target, "/t/7%2F1?a=1");
  EXPECT_EQ(call.matched->listener, "127.0.0.1:7401");
  EXPECT_EQ(call.matched->tenant, "3f2a8c1e-0b4d-4e6f-9a7b-1c2d3e4f5a6b");
  EXPECT_EQ(explain("GET", "http://t:1/internal/tickets/7/status").matched->owner_target, "/t/7");
}

TEST_F(Call, SaysWhyThereIsNoEndpoint) {
  const CallExplanation misspelt = explain("GET", "/internal/tikets/7/status");
  EXPECT_EQ(refusal(misspelt), "404 NO_ENDPOINT no endpoint has this path");
  EXPECT_FALSE(misspelt.matched);
  EXPECT_EQ(misspelt.nearest.at(0), "GET /internal/tickets/{id}/status (tickets/status)");
  const CallExplanation put = explain("PUT", "/internal/tickets/7/status");
  EXPECT_EQ(refusal(put),
            "405 METHOD_NOT_ALLOWED there are endpoints for this path, but for GET, DELETE");
  EXPECT_THAT(explain("GET", "/zzz").nearest, IsEmpty());
}

TEST_F(Call, SaysWhyItWouldBeRefused) {
  const CallExplanation foreign = explain("DELETE", "/internal/tickets/7/status");
  EXPECT_EQ(refusal(foreign), "403 CONSUMER_NOT_ALLOWED p is not among the endpoint's consumers");
  EXPECT_TRUE(foreign.matched);
  EXPECT_EQ(refusal(explain("GET", "/internal/tickets/7/status", {})),
            "400 MISSING_TENANT_ID X-Tenant-ID is required");
  EXPECT_EQ(refusal(explain("GET", "/internal/tickets/7/status", {"X-Tenant-ID: 7"})),
            "400 INVALID_TENANT_ID X-Tenant-ID is not a UUID");
  const CallExplanation other = explain_call(*snapshot_, {.method = "DELETE",
                                                          .url = "/internal/tickets/7/status",
                                                          .consumer = "q",
                                                          .headers = {kTenant}});
  EXPECT_EQ(refusal(other), "");
}

TEST_F(Call, RefusesWhatIsNoCall) {
  for (const char* url : {"internal", "/a b", "/a\r\nX: y", "/../a", "ftp://t/a", ""}) {
    EXPECT_THAT(refusal(explain("GET", url)), HasSubstr("400 BAD_REQUEST ")) << url;
  }
  for (const char* header : {"x", ": y", "a b: c", "x: a\r\ny: b", "Content-Length: 3"}) {
    EXPECT_THAT(refusal(explain("GET", "/internal/tickets/7/status", {header})),
                HasSubstr("400 BAD_REQUEST the header "))
        << header;
  }
  EXPECT_THAT(refusal(explain("G T", "/a")), HasSubstr("400 BAD_REQUEST the method "));
}

TEST_F(Call, TheCachesKeyIsTheOneOfTheProxy) {
  const CallExplanation call =
      explain("GET", "/internal/tickets/7/status?a=1", {kTenant, "Accept: text/html"});
  const CachePlan& cache = call.matched->cache;
  EXPECT_TRUE(cache.looked_up);
  EXPECT_TRUE(cache.stored);
  EXPECT_THAT(cache.key, ElementsAre(Pair("consumer", "p"), Pair("service", "tickets"),
                                     Pair("endpoint", "status"), Pair("scope", "tenant"),
                                     Pair("tenant", call.matched->tenant),
                                     Pair("path", "/internal/tickets/7/status"),
                                     Pair("query", "a=1"), Pair("header accept", "text/html")));
  EXPECT_THAT(cache.tags, ElementsAre("ticket:7", "owner:{response:/owners/*/id}"));
  EXPECT_THAT(cache.freshness, Contains("fresh for as long as the owner says, else for 5s"));
  EXPECT_THAT(cache.freshness, Contains("404 and 410 are fresh for 1s"));
  cache::Hasher hasher;
  http::Fields fields;
  fields.add("accept", "text/html", http::FieldId::Other);
  const auto key = cache::make_key(hasher, *snapshot_->endpoints[0]->policy.cache,
                                   {.consumer = "p",
                                    .service = "tickets",
                                    .endpoint = "status",
                                    .target = "/internal/tickets/7/status?a=1",
                                    .tenant = call.matched->tenant,
                                    .user = {},
                                    .fields = fields});
  EXPECT_EQ(cache.digest, cache::to_hex(key->digest));
}

TEST_F(Call, SaysWhyNothingIsLookedUp) {
  const auto why = [this](const std::string& target, std::vector<std::string> headers) {
    headers.emplace_back(kTenant);
    return explain("GET", target, std::move(headers)).matched->cache.why_not;
  };
  const std::string target = "/internal/tickets/7/status";
  EXPECT_EQ(why(target, {}), "");
  EXPECT_EQ(why(target + "?b=1", {}),
            "the query has a parameter that \"query\" does not name, or too many");
  EXPECT_EQ(why(target, {"Cache-Control: no-store"}), "the call says Cache-Control: no-store");
  EXPECT_EQ(why(target, {"If-Match: \"x\""}), "the call has a condition on what the owner has now");
  EXPECT_EQ(explain("DELETE", target).matched->cache.why_not, "the endpoint keeps no answers");
  load(R"({"consumer": "p", "cache": {"memory": "0B"}})", "", kEndpoints);
  EXPECT_EQ(why(target, {}), "nothing is kept: cache.memory is 0B and there is no Redis");
}

TEST_F(Call, SaysWhatAMutationMakesStaleAndItsKey) {
  const CallExplanation call = explain("POST", "/internal/tickets/7/buy");
  EXPECT_THAT(call.matched->cache.invalidates, ElementsAre("ticket:7", "order:{request:/order}"));
  EXPECT_FALSE(call.matched->cache.invalidates_path);
  EXPECT_EQ(call.matched->idempotency_key, "made once for all attempts of the call");
  EXPECT_EQ(call.matched->retries.repeatability, policy::Repeatability::Keyed);
  EXPECT_EQ(explain("POST", "/internal/tickets/7/buy", {kTenant, "Idempotency-Key: k"})
                .matched->idempotency_key,
            "the call's own");
  EXPECT_TRUE(explain("DELETE", "/internal/tickets/7/status").matched->cache.invalidates_path);
}

TEST_F(Call, AConsumersOwnTimeBoundsThePlan) {
  const CallExplanation call =
      explain("GET", "/internal/tickets/7/status", {kTenant, "X-Request-Timeout-Ms: 500"});
  EXPECT_EQ(call.matched->retries.call_timeout, Duration(500ms));
}

TEST_F(Call, AServicesOwnListenerIsFoundByItsPort) {
  load(kUsher, R"("listen": "127.0.0.1:7413",)", kEndpoints);
  EXPECT_EQ(explain("GET", "/internal/tickets/7/status").matched->listener, "127.0.0.1:7413");
  EXPECT_FALSE(explain("GET", "http://localhost:7401/internal/tickets/7/status").matched);
  EXPECT_TRUE(explain("GET", "http://localhost:7413/internal/tickets/7/status").matched);
}

}  // namespace
}  // namespace usher::explain::test
