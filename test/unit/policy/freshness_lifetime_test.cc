// For how long what is kept is fresh, and how old it is when it arrives.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "policy/freshness.h"
#include "unit/policy/freshness_fixture.h"

namespace usher::policy {
namespace {

struct Lifetime {
  Story story;
  std::int64_t lifetime_s;  // -1: not kept for want of one
  const char* why;
};

void check(const std::vector<Lifetime>& cases) {
  for (const Lifetime& test : cases) {
    const StoreDecision decision = decide(test.story);
    const std::int64_t lifetime =
        decision.reason == NotStored::NoLifetime ? -1000 : decision.freshness.lifetime_ms;
    EXPECT_EQ(lifetime, test.lifetime_s * 1000)
        << test.story.answer << " (" << to_string(decision.reason) << "): " << test.why;
  }
}

TEST(Lifetime, TheOwners) {
  check({
      {{.answer = ""}, -1, "§4.2.2: no heuristics"},
      {{.answer = "Date: @0"}, -1, "a date is no lifetime"},
      {{.answer = "Cache-Control: public"}, -1, "nor is a permission"},
      {{.answer = "Cache-Control: max-age=60"}, 60, "§4.2.1"},
      {{.answer = "Cache-Control: max-age=99999999999"}, http::CacheControl::kAny, "§1.2.2"},
      {{.answer = "Cache-Control: s-maxage=60"}, 60, "§4.2.1"},
      {{.answer = "Cache-Control: max-age=60, s-maxage=5"}, 5, "§4.2.1: a shared cache's"},
      {{.answer = "Cache-Control: s-maxage=60, max-age=0"}, 60, "… longer or not"},
      {{.answer = "Expires: @60\nDate: @0"}, 60, "§4.2.1"},
      {{.answer = "Expires: @60\nDate: @-10"}, 70, "§4.2.1: minus Date"},
      {{.answer = "Expires: @60\nDate: @10"}, 50, "… that is ahead of us"},
      {{.answer = "Expires: @60"}, 60, "RFC 9110 §6.6.1: the time that it came"},
      {{.answer = "Expires: @60\nDate: foo"}, 60, "… and of one that is none"},
      {{.answer = "Cache-Control: max-age=60\nExpires: @-60\nDate: @0"}, 60, "§5.3: not counted"},
      {{.answer = "Cache-Control: max-age=60\nExpires: 0"}, 60, "… nor where it is no date"},
      {{.answer = "Cache-Control: max-age=5\nExpires: @60\nDate: @0"}, 5, "… shorter or not"},
      {{.answer = "Cache-Control: max-age=0\nExpires: @60\nDate: @0"}, -1, "over"},
      {{.answer = "Cache-Control: max-age=x\nExpires: @60\nDate: @0"}, -1, "§4.2.1: stale"},
      {{.answer = "Expires: @0\nDate: @0"}, -1, "over"},
      {{.answer = "Expires: @-60\nDate: @0"}, -1, "over"},
      {{.answer = "Expires: @300\nDate: @400"}, -1, "over before it began"},
      {{.answer = "Expires: 0\nDate: @0"}, -1, "§5.3: in the past"},
      {{.answer = "Expires: @60\nExpires: @5\nDate: @0"}, 5, "§4.2.1: two"},
      {{.answer = "Expires: @5\nExpires: @60\nDate: @0"}, 5, "§4.2.1: two"},
      {{.answer = "Expires: @60\nExpires: 0\nDate: @0"}, -1, "§4.2.1: two"},
      {{.answer = "Expires: Thursday, 18-Aug-50 02:01:18 GMT\nDate: @0"},
       776'190'078,
       "RFC 9110 §5.6.7: 2050"},
  });
}

TEST(Lifetime, WhatIsMeantForThisCacheGoesFirst) {
  check({
      {{.answer = "CDN-Cache-Control: max-age=60\nCache-Control: no-store"}, 60, "RFC 9213 §2.2"},
      {{.answer = "CDN-Cache-Control: max-age=5\nCache-Control: max-age=60"}, 5, "… shorter"},
      {{.answer = "CDN-Cache-Control: foo\nExpires: @60\nDate: @0"}, -1, "… nor Expires"},
      {{.answer = "CDN-Cache-Control: max-age=60\nExpires: 0"}, 60, "… whatever it says"},
      {{.answer = "CDN-Cache-Control: &\nCache-Control: max-age=60"}, 60, "§2.1: no dictionary"},
      {{.answer = "Surrogate-Control: max-age=60\nCache-Control: max-age=5"}, 60, "the Note"},
      {{.answer = "Surrogate-Control: max-age=60;x\nCache-Control: max-age=5"}, 5, "another's"},
      {{.answer = "CDN-Cache-Control: max-age=60\nAge: 20"}, 60, "the age is the answer's"},
  });
  for (const char* answer : {"CDN-Cache-Control: no-store\nCache-Control: max-age=60",
                             "Surrogate-Control: no-store\nCache-Control: max-age=60"}) {
    EXPECT_EQ(decide({.answer = answer}).reason, NotStored::NoStore) << answer;
  }
  EXPECT_EQ(decide({.answer = "CDN-Cache-Control: private\nCache-Control: max-age=60"}).reason,
            NotStored::Private);
  EXPECT_EQ(decide({.answer = "CDN-Cache-Control: max-age=60\nSet-Cookie: a"}).reason,
            NotStored::SetCookie);
}

TEST(Lifetime, ThePolicys) {
  const CachePolicy ttl = with_ttl(60s);
  const CachePolicy overriding = with_ttl(60s, true);
  CachePolicy negative = with_negative_ttl(5s);
  negative.ttl = 60s;
  check({
      {{.answer = "", .policy = ttl}, 60, "where the owner says nothing"},
      {{.answer = "Cache-Control: public", .policy = ttl}, 60, "… of a lifetime"},
      {{.answer = "Cache-Control: max-age=5", .policy = ttl}, 5, "the owner's counts"},
      {{.answer = "Cache-Control: max-age=0", .policy = ttl}, -1, "… also when it is none"},
      {{.answer = "Expires: 0", .policy = ttl}, -1, "… however it is said"},
      {{.answer = "Expires: @500\nDate: @0", .policy = ttl}, 500, "… longer or not"},
      {{.answer = "Cache-Control: max-age=5", .policy = overriding}, 60, "ttl_overrides"},
      {{.answer = "Cache-Control: s-maxage=5", .policy = overriding}, 60, "ttl_overrides"},
      {{.answer = "Expires: 0", .policy = overriding}, 60, "ttl_overrides"},
      {{.answer = "Cache-Control: max-age=0, must-revalidate", .policy = overriding}, 60, "same"},
      {{.answer = "Cache-Control: no-cache", .policy = overriding}, 60, "takes no-cache's place"},
      {{.answer = "Cache-Control: no-cache", .policy = ttl}, -1, "which wins otherwise"},
      {{.answer = "", .status = 404, .policy = negative}, 5, "negative_ttl"},
      {{.answer = "", .status = 410, .policy = negative}, 5, "negative_ttl"},
      {{.answer = "", .status = 404, .policy = ttl}, -1, "ttl is not for it"},
      {{.answer = "Cache-Control: max-age=9", .status = 404, .policy = negative}, 9, "the owner's"},
      {{.answer = "", .status = 302, .policy = negative}, -1, "only an owner's"},
      {{.answer = "Cache-Control: max-age=9", .status = 302, .policy = overriding},
       9,
       "what ttl is not for it does not override"},
      {{.answer = "", .policy = with_ttl(0s)}, -1, "over at once"},
  });
  EXPECT_EQ(decide({.answer = "", .policy = with_ttl(1500ms)}).freshness.lifetime_ms, 1500);
}

TEST(Lifetime, JitterShortensThePolicysOnly) {
  CachePolicy policy = with_ttl(60s);
  policy.negative_ttl = 10s;
  EXPECT_EQ(decide({.answer = "", .policy = policy, .jitter = 0.1}).freshness.lifetime_ms, 54'000);
  EXPECT_EQ(
      decide({.answer = "", .status = 404, .policy = policy, .jitter = 0.1}).freshness.lifetime_ms,
      9'000);
  EXPECT_EQ(decide({.answer = kFresh, .policy = policy, .jitter = 0.1}).freshness.lifetime_ms,
            60'000);
}

struct Age {
  Story story;
  std::int64_t age_ms;
  const char* why;
};

TEST(InitialAge, OfSection423) {
  const Age cases[] = {
      {{.answer = ""}, 0, "nothing is known"},
      {{.answer = "Date: @0"}, 0, "just made"},
      {{.answer = "", .delay_ms = 1500}, 1500, "it may have been made when it was asked for"},
      {{.answer = "Date: @-10"}, 9'001, "apparent_age; the Date is up to a second later"},
      {{.answer = "Date: @-1"}, 1, "… so that nothing ages by rounding"},
      {{.answer = "Date: @-10", .delay_ms = 20'000}, 20'000, "the larger of both"},
      {{.answer = "Date: @10"}, 0, "a clock that is ahead makes nobody younger"},
      {{.answer = "Date: foo"}, 0, "no date"},
      {{.answer = "Age: 30"}, 30'000, "age_value"},
      {{.answer = "Age: 30", .delay_ms = 500}, 30'500, "corrected_age_value"},
      {{.answer = "Age: 30\nDate: @-10"}, 30'000, "the larger of both"},
      {{.answer = "Age: 5\nDate: @-10"}, 9'001, "the larger of both"},
      {{.answer = "Age: 0030"}, 30'000, "digits"},
      {{.answer = "Age: 2147483648"}, 1000 * http::CacheControl::kAny, "§1.2.2"},
      {{.answer = "Age: 99999999999999999999"}, 1000 * http::CacheControl::kAny, "§1.2.2"},
      {{.answer = "Age: 7200, 0"}, 7'200'000, "§5.1: the first of a list"},
      {{.answer = "Age: 0,7200"}, 0, "§5.1: the first of a list"},
      {{.answer = "Age: 7200\nAge: 0"}, 7'200'000, "§5.1: the first of two"},
      {{.answer = "Age: 0\nAge: 7200"}, 0, "§5.1: the first of two"},
      {{.answer = "Age: abc"}, 0, "§5.1: passed over"},
      {{.answer = "Age: -7200"}, 0, "§5.1: passed over"},
      {{.answer = "Age: 7200.0"}, 0, "§5.1: passed over"},
      {{.answer = "Age: "}, 0, "§5.1: passed over"},
      {{.answer = "Age: 7200;foo=bar"}, 7'200'000, "it says that it is old, whatever else"},
  };
  for (const Age& test : cases) {
    Story story = test.story;
    const std::string lines =
        "Cache-Control: max-age=2147483647\nETag: x\n" + std::string(story.answer);
    story.answer = lines;
    const StoreDecision decision = decide(story);
    ASSERT_TRUE(decision.stores()) << test.why;
    EXPECT_EQ(decision.freshness.age_ms(kNow), test.age_ms)
        << test.story.answer << ": " << test.why;
    EXPECT_EQ(decision.freshness.age_ms(kNow + 7), test.age_ms + 7) << "resident_time";
  }
}

// A clock that was set back between the call and its answer.
TEST(InitialAge, IsNeverNegative) {
  EXPECT_EQ(decide({.answer = kFresh, .delay_ms = -5000}).freshness.age_ms(kNow), 0);
}

}  // namespace
}  // namespace usher::policy
