// What is kept.
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "policy/freshness.h"
#include "unit/policy/freshness_fixture.h"

namespace usher::policy {
namespace {

TEST(NotStored, HasNames) {
  EXPECT_EQ(to_string(NotStored::No), "stored");
  EXPECT_EQ(to_string(NotStored::NoStore), "no-store");
  EXPECT_EQ(to_string(NotStored::TooLarge), "too-large");
  for (int i = 0; i < kNotStored; ++i) EXPECT_FALSE(to_string(static_cast<NotStored>(i)).empty());
}

struct Forbidden {
  Story story;
  NotStored reason;
  const char* why;
};

void check(const std::vector<Forbidden>& cases) {
  for (const Forbidden& test : cases) {
    EXPECT_EQ(to_string(decide(test.story).reason), to_string(test.reason))
        << test.story.answer << " | " << test.story.request << " | " << test.story.status << ": "
        << test.why;
  }
}

TEST(MayStore, Directives) {
  check({
      {{.answer = kFresh}, NotStored::No, "§3"},
      {{.answer = "Cache-Control: no-store"}, NotStored::NoStore, "§5.2.2.5"},
      {{.answer = "Cache-Control: max-age=60, No-StOrE"}, NotStored::NoStore, "whatever else"},
      {{.answer = "Cache-Control: no-store\nCache-Control: max-age=60"},
       NotStored::NoStore,
       "in any of its fields"},
      {{.answer = "Cache-Control: no-store", .policy = with_ttl(60s, true)},
       NotStored::NoStore,
       "no policy overrides it"},
      {{.answer = kFresh, .request = "Cache-Control: no-store"}, NotStored::NoStore, "§5.2.1.5"},
      {{.answer = kFresh, .request = "Cache-Control: no-cache"}, NotStored::No, "§5.2.1.4"},
      {{.answer = "Cache-Control: no-store, must-understand, max-age=60"},
       NotStored::No,
       "§5.2.2.3: 200 is understood"},
      {{.answer = "Cache-Control: no-store, must-understand, max-age=60", .status = 418},
       NotStored::Status,
       "… 418 is not"},
      {{.answer = "Cache-Control: must-understand, max-age=60", .status = 299},
       NotStored::Status,
       "§5.2.2.3"},
      {{.answer = "Cache-Control: private, max-age=60"}, NotStored::Private, "§5.2.2.7"},
      {{.answer = "Cache-Control: private=\"x\", max-age=60"}, NotStored::Private, "of a part"},
      {{.answer = "Cache-Control: private", .policy = with_ttl(60s, true)},
       NotStored::Private,
       "no policy overrides it"},
      {{.answer = "Cache-Control: private, max-age=60", .policy = scoped(CacheScope::Public)},
       NotStored::Private,
       "the public is no user"},
      {{.answer = "Cache-Control: private, max-age=60", .policy = scoped(CacheScope::User)},
       NotStored::No,
       "kept for that user alone"},
  });
}

TEST(MayStore, Answers) {
  const std::string with_cookie = std::string(kFresh) + "\nSet-Cookie: a=b";
  check({
      {{.answer = with_cookie}, NotStored::SetCookie, "somebody's session"},
      {{.answer = with_cookie, .policy = scoped(CacheScope::User)},
       NotStored::SetCookie,
       "… nor given twice to one user"},
      {{.answer = "Cache-Control: public, max-age=60\nset-cookie: a=b"},
       NotStored::SetCookie,
       "… nor where it says public"},
      {{.answer = "Cache-Control: max-age=60\nVary: Accept"}, NotStored::No, "§4.1"},
      {{.answer = "Cache-Control: max-age=60\nVary: *"}, NotStored::Vary, "§4.1"},
      {{.answer = "Cache-Control: max-age=60\nVary: Accept, *"}, NotStored::Vary, "in a list"},
      {{.answer = "Cache-Control: max-age=60\nVary: , *"}, NotStored::Vary, "behind nothing"},
      {{.answer = "Cache-Control: max-age=60\nVary: Accept\nVary: *"},
       NotStored::Vary,
       "in a second field"},
      {{.answer = kFresh, .status = 206}, NotStored::Partial, "§3.3"},
      {{.answer = "Cache-Control: max-age=60\nContent-Range: bytes 0-4/10"},
       NotStored::Partial,
       "an owner that forgot the status"},
      {{.answer = "Cache-Control: max-age=60\nContent-Range: abc"},
       NotStored::No,
       "RFC 9110 §14.4: means nothing"},
      {{.answer = kFresh, .framing = http::Framing::UntilClose},
       NotStored::Length,
       "nobody knows whether it is whole (§3.3)"},
      {{.answer = kFresh, .framing = http::Framing::Chunked}, NotStored::No, "its end is seen"},
      {{.answer = kFresh, .framing = http::Framing::None}, NotStored::No, "it has none"},
      {{.answer = kFresh, .content_length = 256 * 1024}, NotStored::No, "max_object"},
      {{.answer = kFresh, .content_length = 256 * 1024 + 1}, NotStored::TooLarge, "beyond"},
  });
}

TEST(MayStore, Calls) {
  const CachePolicy users = scoped(CacheScope::User);
  constexpr std::string_view kBasic = "Authorization: Basic eA==";
  constexpr std::string_view kCookie = "Cookie: a=b";
  check({
      {{.answer = kFresh, .method = http::Method::Head}, NotStored::Method, "has no body"},
      {{.answer = kFresh, .method = http::Method::Post}, NotStored::Method, "RFC 9110 §9.3.3"},
      {{.answer = kFresh, .method = http::Method::Other}, NotStored::Method, "not known"},
      {{.answer = kFresh, .request = "Range: bytes=0-4"}, NotStored::Range, "§3.3"},
      {{.answer = kFresh, .request = kBasic}, NotStored::Credentials, "§3.5"},
      {{.answer = "Expires: @100\nDate: @0", .request = kBasic}, NotStored::Credentials, "§3.5"},
      {{.answer = kFresh, .request = kCookie}, NotStored::Credentials, "as an Authorization"},
      {{.answer = "X: y", .request = kBasic, .policy = with_ttl(60s, true)},
       NotStored::Credentials,
       "no policy overrides it"},
      {{.answer = "Cache-Control: public, max-age=60", .request = kBasic}, NotStored::No, "§3.5"},
      {{.answer = "Cache-Control: must-revalidate, max-age=60", .request = kBasic},
       NotStored::No,
       "§3.5"},
      {{.answer = "Cache-Control: s-maxage=60", .request = kBasic}, NotStored::No, "§3.5"},
      {{.answer = "Cache-Control: public, max-age=60", .request = kCookie}, NotStored::No, "same"},
      {{.answer = "Cache-Control: proxy-revalidate, max-age=60", .request = kBasic},
       NotStored::Credentials,
       "§3.5 does not name it"},
      {{.answer = kFresh, .request = kBasic, .policy = users}, NotStored::No, "it is the user's"},
      {{.answer = kFresh, .request = kCookie, .policy = users}, NotStored::No, "it is the user's"},
  });
}

// By whom a status may be kept: "o" the owner (max-age), "p" the policy's ttl, "n" negative_ttl.
TEST(MayStore, Statuses) {
  struct StatusCase {
    int status;
    std::string_view by;
  };
  const StatusCase cases[] = {
      {100, ""},  {101, ""},   {199, ""},   {200, "op"}, {201, "o"}, {203, "op"}, {204, "o"},
      {206, ""},  {299, "o"},  {300, "op"}, {301, "op"}, {302, "o"}, {303, "o"},  {304, ""},
      {307, "o"}, {308, "op"}, {400, "o"},  {401, ""},   {403, ""},  {404, "on"}, {405, "o"},
      {407, ""},  {408, ""},   {409, "o"},  {410, "on"}, {412, ""},  {413, ""},   {414, ""},
      {416, ""},  {417, ""},   {421, ""},   {425, ""},   {426, ""},  {428, ""},   {429, ""},
      {431, ""},  {451, "o"},  {499, "o"},  {500, ""},   {501, ""},  {502, ""},   {503, ""},
      {504, ""},  {599, ""},   {600, ""},   {999, ""},   {0, ""},    {-1, ""}};
  for (const StatusCase& test : cases) {
    std::string by;
    if (decide({.answer = kFresh, .status = test.status}).stores()) by += 'o';
    if (decide({.answer = "", .status = test.status, .policy = with_ttl(60s)}).stores()) by += 'p';
    if (decide({.answer = "", .status = test.status, .policy = with_negative_ttl(60s)}).stores()) {
      by += 'n';
    }
    EXPECT_EQ(by, test.by) << test.status;
  }
}

TEST(MayStore, WhatIsOverIsKeptForValidationOrStale) {
  CachePolicy stale = scoped(CacheScope::Tenant);
  stale.stale_if_error = 600s;
  constexpr auto kNo = NotStored::NoLifetime;
  check({
      {{.answer = "ETag: \"a\""}, NotStored::No, "§4.3.1: to be asked for"},
      {{.answer = "Last-Modified: @-100"}, NotStored::No, "§4.3.1"},
      {{.answer = "ETag: "}, kNo, "an empty one is none"},
      {{.answer = "ETag: \"a\"", .status = 201}, kNo, "§3: nobody says that it may"},
      {{.answer = "ETag: \"a\"", .status = 404}, kNo, "RFC 9110 §13.2.1: no 304 for a failure"},
      {{.answer = "ETag: \"a\"", .status = 300}, kNo, "RFC 9110 §13.2.1: nor for a choice"},
      {{.answer = "ETag: \"a\"", .status = 301}, kNo, "RFC 9110 §13.2.1: nor for a redirection"},
      {{.answer = "Cache-Control: max-age=0\nETag: \"a\""}, NotStored::No, "to be asked for"},
      {{.answer = "Cache-Control: max-age=0\nETag: \"a\"", .status = 204}, NotStored::No, "same"},
      {{.answer = "Cache-Control: max-age=0\nETag: \"a\"", .status = 404}, kNo, "no 304"},
      {{.answer = "Cache-Control: no-cache\nETag: \"a\""}, NotStored::No, "§5.2.2.4"},
      {{.answer = "Cache-Control: no-cache, max-age=60"}, kNo, "of no use without a validator"},
      {{.answer = "Cache-Control: max-age=60\nAge: 60"}, kNo, "over"},
      {{.answer = "Cache-Control: max-age=60\nAge: 59"}, NotStored::No, "nearly over"},
      {{.answer = "Cache-Control: max-age=60\nAge: 60\nETag: \"a\""}, NotStored::No, "validated"},
      {{.answer = "Cache-Control: max-age=60\nAge: 100", .policy = stale},
       NotStored::No,
       "for when the owner fails"},
      {{.answer = "Cache-Control: max-age=60\nAge: 660", .policy = stale}, kNo, "not even then"},
      {{.answer = "Cache-Control: max-age=60, must-revalidate\nAge: 100", .policy = stale},
       kNo,
       "never stale"},
      {{.answer = "Cache-Control: max-age=0, stale-while-revalidate=9"}, NotStored::No, "RFC 5861"},
      {{.answer = "", .policy = stale}, kNo, "what was never fresh is not stale"},
      {{.answer = "Cache-Control: stale-if-error=9"}, kNo, "what was never fresh is not stale"},
  });
}

TEST(MayStore, Windows) {
  CachePolicy policy = with_ttl(60s);
  policy.negative_ttl = 10s;
  policy.stale_while_revalidate = 20s;
  policy.stale_if_error = 30s;
  struct Window {
    std::string_view answer;
    int status;
    std::int64_t while_revalidate_s;
    std::int64_t if_error_s;
    const char* why;
  };
  const Window cases[] = {
      {"", 200, 20, 30, "the policy's"},
      {"Cache-Control: max-age=5", 200, 20, 30, "the policy's beside the owner's lifetime"},
      {"Cache-Control: stale-while-revalidate=1, stale-if-error=2", 200, 1, 2, "the owner's"},
      {"Cache-Control: stale-while-revalidate=0", 200, 0, 30, "… zero too"},
      {"", 404, 0, 0, "none of what is not there"},
      {"Cache-Control: stale-if-error=2", 404, 0, 2, "… unless the owner says so"},
  };
  for (const Window& test : cases) {
    const StoreDecision decision =
        decide({.answer = test.answer, .status = test.status, .policy = policy});
    ASSERT_TRUE(decision.stores()) << test.why;
    EXPECT_EQ(decision.freshness.stale_while_revalidate_ms, test.while_revalidate_s * 1000)
        << test.why;
    EXPECT_EQ(decision.freshness.stale_if_error_ms, test.if_error_s * 1000) << test.why;
  }
  policy.ttl.reset();
  const StoreDecision unasked = decide({.answer = "ETag: \"a\"", .policy = policy});
  EXPECT_EQ(unasked.freshness.stale_while_revalidate_ms, 0) << "it was never fresh";
  EXPECT_EQ(unasked.freshness.stale_if_error_ms, 30'000) << "better than nothing";
}

TEST(MayStore, Flags) {
  struct Flags {
    std::string_view answer;
    bool must_revalidate, no_cache, shared;
    const char* why;
  };
  const Flags cases[] = {
      {"max-age=60", false, false, false, "none"},
      {"max-age=60, must-revalidate", true, false, true, "§5.2.2.2, §3.5"},
      {"max-age=60, proxy-revalidate", true, false, false, "§5.2.2.8"},
      {"s-maxage=60", true, false, true, "§5.2.2.10: means proxy-revalidate too"},
      {"max-age=60, public", false, false, true, "§5.2.2.9"},
      {"max-age=60, no-cache", false, true, false, "§5.2.2.4"},
      {"max-age=60, no-cache=\"a\"", false, true, false, "of a part"},
  };
  for (const Flags& test : cases) {
    const std::string lines = "ETag: \"a\"\nCache-Control: " + std::string(test.answer);
    const StoreDecision decision = decide({.answer = lines});
    ASSERT_TRUE(decision.stores()) << test.answer;
    EXPECT_EQ(decision.freshness.must_revalidate, test.must_revalidate) << test.why;
    EXPECT_EQ(decision.freshness.no_cache, test.no_cache) << test.why;
    EXPECT_EQ(decision.freshness.shared, test.shared) << test.why;
  }
  const StoreDecision overridden =
      decide({.answer = "Cache-Control: no-cache", .policy = with_ttl(60s, true)});
  EXPECT_FALSE(overridden.freshness.no_cache);
}

}  // namespace
}  // namespace usher::policy
