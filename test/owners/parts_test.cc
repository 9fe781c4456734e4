// The owners' parts: re-serialising, allowlists, routing, seed data.
#include <gtest/gtest.h>

#include <utility>

#include "allowlist.h"
#include "database.h"
#include "js_json.h"
#include "router.h"
#include "seed_ids.h"
#include "text.h"

namespace owners {
namespace {

TEST(JsJson, SerialisesAsJavaScript) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"b":1,"a":2,"b":3})", R"({"b":3,"a":2})"},
      {R"({"x":0,"4294967295":1,"4294967294":2,"01":3,"0":4})",
       R"({"0":4,"4294967294":2,"x":0,"4294967295":1,"01":3})"},
      {"[1.0,-0,1e21,1e20,1e-6,1e-7,0.1,123.456,1e400,5e-324]",
       "[1,0,1e+21,100000000000000000000,0.000001,1e-7,0.1,123.456,null,5e-324]"},
      {R"(["\u0041\/\u001f\u007f\ud83d\ude00\ud800\n"])",
       "[\"A/\\u001f\x7f\xF0\x9F\x98\x80\\ud800\\n\"]"},
      {" null ", "null"},
      {"[ ]", "[]"},
      {"9007199254740993", "9007199254740992"}};
  for (const auto& [text, expected] : cases) EXPECT_EQ(js_canonical_json(text), expected) << text;
}

TEST(JsJson, RefusesWhatJsonParseRefuses) {
  for (const char* text :
       {"", "{", "{]", "[1,]", "{\"a\":1,}", "01", "1.", ".5", "+1", "NaN", "'a'", "\"\n\"",
        "\"\\x\"", "\"\\u12\"", "true false", "\"\xff\"", "{1:2}"}) {
    EXPECT_FALSE(js_canonical_json(text)) << text;
  }
}

TEST(Allowlist, PatternsMatchByPrefixAsThePlatformsDo) {
  EXPECT_TRUE(service_token_allows("payment-service", "/auth/internal/users/by-email/x"));
  EXPECT_TRUE(service_token_allows("api-gateway", "/auth/internalXYZ"));
  EXPECT_FALSE(service_token_allows("notification-service", "/auth/internal/health"));
  EXPECT_TRUE(is_consumer("event", "minting-service"));
  EXPECT_FALSE(is_consumer("venue", "minting-service"));
}

TEST(RouterTest, StaticSegmentsBeatParameters) {
  const auto none = [](Call&) { return Response{}; };
  const Router router({{"GET", "/users/:id", TenantRule::Unused, none},
                       {"GET", "/users/admins", TenantRule::Unused, none},
                       {"GET", "/users/by-email/:email", TenantRule::Unused, none}});
  EXPECT_EQ(router.match("GET", "/users/admins").route->pattern, "/users/admins");
  EXPECT_EQ(router.match("HEAD", "/users/a%2Fb").params.at("id"), "a/b");
  EXPECT_EQ(router.match("GET", "/users/x/").outcome, RouteMatch::Outcome::NotFound);
  EXPECT_EQ(router.match("GET", "//users/x").outcome, RouteMatch::Outcome::NotFound);
  EXPECT_EQ(router.match("POST", "/users/x").outcome, RouteMatch::Outcome::NotFound);
  EXPECT_EQ(router.match("GET", "/users/%zz").outcome, RouteMatch::Outcome::BadEscape);
  EXPECT_EQ(router.match("GET", "/users/" + std::string(101, 'x')).outcome,
            RouteMatch::Outcome::ParameterTooLong);
}

TEST(Seed, HoldsTheNamedIds) {
  Database database;
  Database::Session session = database.session();
  const std::pair<const char*, std::string_view> ids[] = {
      {"tenants", seed::kTenant},     {"tenants", seed::kOtherTenant},
      {"users", seed::kAlice},        {"users", seed::kZoe},
      {"users", seed::kOtherAdmin},   {"venues", seed::kVenue},
      {"events", seed::kEvent},       {"events", seed::kOtherEvent},
      {"orders", seed::kOrder},       {"orders", seed::kPendingOrder},
      {"tickets", seed::kTicket},     {"tickets", seed::kOtherTicket},
      {"tickets", seed::kUsedTicket}, {"ticket_types", seed::kVip},
      {"venues", seed::kSecondVenue}, {"events", seed::kNoTransferEvent}};
  for (const auto& [table, id] : ids) {
    EXPECT_TRUE(session.row("SELECT id FROM " + std::string(table) + " WHERE id = ?1", {id}))
        << table << " " << id;
  }
  EXPECT_EQ(session.row("SELECT id FROM tickets WHERE token_id = ?1", {seed::kToken})->at("id"),
            seed::kTicket);
  EXPECT_EQ(decode_uri_component(seed::kTokenEncoded), seed::kToken);
}

TEST(Glob, StarsMatchAnything) {
  EXPECT_TRUE(glob_matches("GET /internal/tickets/*/status", "GET /internal/tickets/7b/status"));
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_TRUE(glob_matches("POST *", "POST /a/b"));
  EXPECT_FALSE(glob_matches("GET /a*b", "GET /a/c"));
}

}  // namespace
}  // namespace owners
