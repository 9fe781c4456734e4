// What a kept answer is used for.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "policy/freshness.h"
#include "unit/policy/freshness_fixture.h"

namespace usher::policy {
namespace {

// Made at kNow, fresh for a minute.
Freshness minute() {
  Freshness kept;
  kept.generated_ms = kNow;
  kept.lifetime_ms = 60'000;
  return kept;
}

Freshness with_windows() {
  Freshness kept = minute();
  kept.stale_while_revalidate_ms = 20'000;
  kept.stale_if_error_ms = 30'000;
  return kept;
}

Freshness strict() {
  Freshness kept = with_windows();
  kept.must_revalidate = true;
  return kept;
}

Freshness never_unasked() {
  Freshness kept = with_windows();
  kept.no_cache = true;
  return kept;
}

Freshness shared() {
  Freshness kept = minute();
  kept.shared = true;
  return kept;
}

http::CacheControl asked(std::string_view directives) {
  http::Fields fields;
  if (!directives.empty()) fields.add("Cache-Control", directives, http::FieldId::CacheControl);
  return http::CacheControl::of_request(fields);
}

TEST(Freshness, IsOfUseUntil) {
  EXPECT_EQ(minute().usable_until_ms(), kNow + 60'000);
  EXPECT_EQ(with_windows().usable_until_ms(), kNow + 90'000);
  EXPECT_EQ(strict().usable_until_ms(), kNow + 60'000);
  EXPECT_EQ(never_unasked().usable_until_ms(), kNow);
}

struct ReuseCase {
  Freshness kept;
  std::string_view asked;
  std::int64_t age_ms;
  Reuse expected;
  bool on_error;  // used when the owner cannot answer
  const char* why;
  bool has_credentials = false;
};

template <std::size_t N>
void check(const ReuseCase (&cases)[N]) {
  for (const ReuseCase& test : cases) {
    const auto directives = asked(test.asked);
    const std::int64_t now = kNow + test.age_ms;
    const bool has_credentials = test.has_credentials;
    EXPECT_EQ(static_cast<int>(may_reuse(test.kept, directives, has_credentials, now)),
              static_cast<int>(test.expected))
        << test.asked << " at " << test.age_ms << " ms: " << test.why;
    EXPECT_EQ(may_reuse_on_error(test.kept, directives, has_credentials, now), test.on_error)
        << test.asked << " at " << test.age_ms << " ms: " << test.why;
  }
}

constexpr auto kFresh = Reuse::Fresh;
constexpr auto kWhileFetched = Reuse::WhileFetched;
constexpr auto kValidate = Reuse::Validate;

TEST(Reuse, ByAge) {
  const ReuseCase cases[] = {
      {minute(), "", 0, kFresh, true, "§4.2"},
      {minute(), "", 59'999, kFresh, true, "§4.2"},
      {minute(), "", 60'000, kValidate, false, "§4.2: its age is its lifetime"},
      {minute(), "", -5'000, kFresh, true, "the clock was set back"},
      {minute(), "max-age=0", -5'000, kValidate, false, "… which makes it no younger than new"},
      {with_windows(), "", 59'999, kFresh, true, "fresh is fresh"},
      {with_windows(), "", 60'000, kWhileFetched, true, "RFC 5861 §3"},
      {with_windows(), "", 79'999, kWhileFetched, true, "RFC 5861 §3"},
      {with_windows(), "", 80'000, kValidate, true, "beyond; RFC 5861 §4 goes on"},
      {with_windows(), "", 89'999, kValidate, true, "RFC 5861 §4"},
      {with_windows(), "", 90'000, kValidate, false, "beyond"},
      {strict(), "", 59'999, kFresh, true, "§5.2.2.2: fresh ones may be used"},
      {strict(), "", 60'000, kValidate, false, "§5.2.2.2: but none stale"},
      {never_unasked(), "", 0, kValidate, false, "§5.2.2.4"},
      {never_unasked(), "", 70'000, kValidate, false, "§5.2.2.4"},
  };
  check(cases);
}

TEST(Reuse, AsTheConsumerAsks) {
  const ReuseCase cases[] = {
      {minute(), "no-cache", 0, kValidate, false, "§5.2.1.4"},
      {with_windows(), "no-cache", 60'000, kValidate, false, "§5.2.1.4"},
      {minute(), "no-store", 0, kValidate, false, "it wants nothing kept"},
      {minute(), "only-if-cached", 0, kFresh, true, "§5.2.1.7 is its caller's"},
      {minute(), "unknown=1", 0, kFresh, true, "§5.2.3"},

      {minute(), "max-age=0", 0, kValidate, false, "§5.2.1.1"},
      {minute(), "max-age=10", 9'999, kFresh, true, "§5.2.1.1"},
      {minute(), "max-age=10", 10'000, kValidate, false, "§5.2.1.1"},
      {minute(), "max-age=600", 60'000, kValidate, false, "no longer than the owner says"},
      {with_windows(), "max-age=600", 60'000, kValidate, false, "§5.2.1.1: nothing stale"},
      {with_windows(), "max-age=600, max-stale=5", 65'000, kWhileFetched, true, "§5.2.1.1"},
      {minute(), "max-age=10, max-stale", 20'000, kValidate, false, "older than it wants"},

      {minute(), "min-fresh=10", 50'000, kFresh, true, "§5.2.1.3"},
      {minute(), "min-fresh=10", 50'001, kValidate, false, "§5.2.1.3"},
      {minute(), "min-fresh=x", 0, kValidate, false, "how long nobody knows"},
      {with_windows(), "min-fresh=0", 60'001, kValidate, false, "not stale at least"},

      {minute(), "max-stale", 60'000, kFresh, true, "§5.2.1.2"},
      {minute(), "max-stale", 60'000'000, kFresh, true, "§5.2.1.2: any age"},
      {minute(), "max-stale=10", 70'000, kFresh, true, "§5.2.1.2"},
      {minute(), "max-stale=10", 70'001, kValidate, false, "§5.2.1.2"},
      {minute(), "max-stale=x", 70'000, kValidate, false, "that is none"},
      {with_windows(), "max-stale=10", 65'000, kWhileFetched, true, "RFC 5861 §3 too"},
      {with_windows(), "max-stale=5", 66'000, kValidate, false, "staler than it wants"},
      {with_windows(), "max-stale=100", 85'000, kFresh, true, "beyond the window"},
      {strict(), "max-stale", 60'000, kValidate, false, "§5.2.2.2: whatever it asks"},
      {never_unasked(), "max-stale", 0, kValidate, false, "§5.2.2.4: whatever it asks"},

      {minute(), "stale-if-error=5", 64'999, kValidate, true, "RFC 5861 §4"},
      {minute(), "stale-if-error=5", 65'000, kValidate, false, "RFC 5861 §4"},
      {with_windows(), "stale-if-error=0", 65'000, kWhileFetched, false, "it wants none"},
      {with_windows(), "max-age=600, stale-if-error=9", 65'000, kValidate, true, "it says so"},
      {strict(), "stale-if-error=5", 60'000, kValidate, false, "§5.2.2.2: whatever it asks"},
  };
  check(cases);
}

// RFC 9111 §3.5, and the same for cookies.
TEST(Reuse, WithCredentials) {
  Freshness stale = shared();
  stale.stale_while_revalidate_ms = 20'000;
  const ReuseCase cases[] = {
      {minute(), "", 0, kValidate, false, "it does not say that it may", true},
      {minute(), "max-stale", 60'000, kValidate, false, "… whatever is asked", true},
      {shared(), "", 0, kFresh, true, "it does", true},
      {stale, "", 60'000, kWhileFetched, false, "it does", true},
      {shared(), "", 0, kFresh, true, "nobody's", false},
  };
  check(cases);
}

struct Condition {
  std::string_view request;
  std::string_view etag;
  std::string_view last_modified;
  bool expected;
  const char* why;
};

TEST(IsNotModified, ByEntityTag) {
  const Condition cases[] = {
      {"", R"("a")", "", false, "no condition"},
      {R"(If-None-Match: "a")", R"("a")", "", true, "RFC 9110 §13.1.2"},
      {R"(If-None-Match: "b")", R"("a")", "", false, "another"},
      {R"(If-None-Match: "A")", R"("a")", "", false, "§8.8.3: case counts"},
      {R"(If-None-Match: W/"a")", R"(W/"a")", "", true, "§8.8.3.2: weakly"},
      {R"(If-None-Match: W/"a")", R"("a")", "", true, "§8.8.3.2: weakly"},
      {R"(If-None-Match: "a")", R"(W/"a")", "", true, "§8.8.3.2: weakly"},
      {R"(If-None-Match: w/"a")", R"("a")", "", false, "§8.8.3: W has one case"},
      {R"(If-None-Match: "a", "b", "c")", R"("a")", "", true, "the first"},
      {R"(If-None-Match: "b", "a", "c")", R"("a")", "", true, "the second"},
      {R"(If-None-Match: "b",W/"c" ,"a")", R"("a")", "", true, "the last"},
      {"If-None-Match: \"b\"\nIf-None-Match: \"a\"", R"("a")", "", true, "in a second field"},
      {R"(If-None-Match: "a,b")", R"("a,b")", "", true, "a comma in a tag"},
      {R"(If-None-Match: "a,b")", R"("b")", "", false, "… separates nothing"},
      {R"(If-None-Match: "x\", "a")", R"("a")", "", true, "§8.8.3: a backslash is a byte"},
      {"If-None-Match: \"\xc3\xbc\"", "\"\xc3\xbc\"", "", true, "§8.8.3: obs-text"},
      {R"(If-None-Match: "")", R"("")", "", true, "§8.8.3: an empty one"},
      {"If-None-Match: *", R"("a")", "", true, "§13.1.2: there is one"},
      {"If-None-Match: *", "", "", true, "… whatever its tag is"},
      {"If-None-Match: ", "", "", false, "nothing is not nothing's tag"},
      {R"(If-None-Match: "a")", "", "", false, "it has none"},
      {"If-None-Match: a", R"("a")", "", false, "§8.8.3: no tag without marks"},
  };
  for (const Condition& test : cases) {
    const Lines lines(test.request);
    EXPECT_EQ(is_not_modified(lines.fields(), test.etag, test.last_modified), test.expected)
        << test.request << " on " << test.etag << ": " << test.why;
  }
}

TEST(IsNotModified, ByDate) {
  constexpr std::string_view kModified = "Sun, 06 Nov 1994 08:49:37 GMT";
  const Condition cases[] = {
      {"If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "", kModified, true, "§13.1.3"},
      {"If-Modified-Since: Sun, 06 Nov 1994 08:49:38 GMT", "", kModified, true, "later"},
      {"If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT", "", kModified, false, "earlier"},
      {"If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT", "", kModified, true, "§5.6.7"},
      {"If-Modified-Since: Sunday, 06-Nov-94 08:49:36 GMT", "", kModified, false, "§5.6.7"},
      {"If-Modified-Since: Sun Nov  6 08:49:37 1994", "", kModified, true, "§5.6.7"},
      {"If-Modified-Since: yesterday", "", kModified, false, "§13.1.3: no date is passed over"},
      {"If-Modified-Since: ", "", kModified, false, "§13.1.3"},
      {"If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "", "", false, "nothing to compare"},
      {"If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", "", "x", false, "nothing to compare"},
      {"If-Modified-Since: x", "", "x", false, "nothing to compare"},
      {"If-None-Match: \"b\"\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT", R"("a")",
       kModified, false, "§13.1.3: not beside If-None-Match"},
      {"If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\nIf-None-Match: \"a\"", "", kModified,
       false, "… though the answer has no tag"},
      {"If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\nIf-None-Match: \"a\"", R"("a")",
       kModified, true, "§13.1.2 goes first"},
  };
  for (const Condition& test : cases) {
    const Lines lines(test.request);
    EXPECT_EQ(is_not_modified(lines.fields(), test.etag, test.last_modified), test.expected)
        << test.request << " on " << test.last_modified << ": " << test.why;
  }
}

TEST(IsOfSameBytes, ByIfRange) {
  constexpr std::string_view kModified = "Sun, 06 Nov 1994 08:49:37 GMT";
  constexpr std::string_view kLater = "Sun, 06 Nov 1994 08:49:38 GMT";
  const Condition cases[] = {
      {"", R"("a")", kModified, true, "no condition"},
      {R"(If-Range: "a")", R"("a")", kModified, true, "RFC 9110 §13.1.5"},
      {R"(If-Range: "b")", R"("a")", kModified, false, "another tag"},
      {R"(If-Range: "a")", "", kModified, false, "it has none"},
      {R"(If-Range: W/"a")", R"(W/"a")", kModified, false, "§8.8.3.2: weak ones are not the same"},
      {R"(If-Range: "a")", R"(W/"a")", kModified, false, "… nor one of them"},
      {"If-Range: ", "", "", false, "nothing is not nothing"},
      {"If-Range: Sun, 06 Nov 1994 08:49:37 GMT", R"("a")", kModified, true, "exactly"},
      {"If-Range: Sun, 06 Nov 1994 08:49:38 GMT", R"("a")", kModified, false, "… and not later"},
      {"If-Range: Sun, 06 Nov 1994 08:49:37 GMT", R"("a")", "", false, "it has none"},
      {"If-Range: x", "", "x", false, "no date"},
  };
  for (const Condition& test : cases) {
    const Lines lines(test.request);
    EXPECT_EQ(is_of_same_bytes(lines.fields(), test.etag, test.last_modified, kLater),
              test.expected)
        << test.request << ": " << test.why;
  }
  const Lines lines("If-Range: Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_FALSE(is_of_same_bytes(lines.fields(), "", kModified, kModified))
      << "§8.8.2.2: it may have changed once more in that second";
  EXPECT_FALSE(is_of_same_bytes(lines.fields(), "", kModified, ""));
}

}  // namespace
}  // namespace usher::policy
