#include "http/cache_control.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace usher::http {
namespace {

constexpr std::int64_t kAny = CacheControl::kAny;
using Values = std::vector<std::string_view>;

Fields fields_of(const Values& values, FieldId id = FieldId::CacheControl) {
  Fields fields;
  for (const std::string_view value : values) fields.add("Cache-Control", value, id);
  return fields;
}

// "no-store private max-age=5": what is set, in the order of the struct.
std::string describe(const CacheControl& control) {
  std::string text;
  const auto flag = [&text](bool value, const char* name) {
    if (value) text += std::string(text.empty() ? "" : " ") + name;
  };
  const auto time = [&](const std::optional<std::int64_t>& value, const char* name) {
    flag(value.has_value(), name);
    if (value) text += "=" + (*value == kAny ? "any" : std::to_string(*value));
  };
  flag(control.no_store, "no-store");
  flag(control.no_cache, "no-cache");
  flag(control.private_, "private");
  flag(control.public_, "public");
  flag(control.must_revalidate, "must-revalidate");
  flag(control.proxy_revalidate, "proxy-revalidate");
  flag(control.must_understand, "must-understand");
  flag(control.only_if_cached, "only-if-cached");
  time(control.max_age, "max-age");
  time(control.s_maxage, "s-maxage");
  time(control.min_fresh, "min-fresh");
  time(control.max_stale, "max-stale");
  time(control.stale_while_revalidate, "stale-while-revalidate");
  time(control.stale_if_error, "stale-if-error");
  return text;
}

struct Case {
  Values values;
  std::string_view expected;
  const char* why;
};

void check(const std::vector<Case>& cases) {
  for (const Case& test : cases) {
    const Fields fields = fields_of(test.values);
    std::string shown;
    for (const std::string_view value : test.values) shown += "[" + std::string(value) + "] ";
    EXPECT_EQ(describe(CacheControl::of_response(fields)), test.expected) << shown << test.why;
    EXPECT_EQ(describe(CacheControl::of_request(fields)), test.expected) << shown << test.why;
  }
}

TEST(CacheControl, Directives) {
  check({
      {{}, "", "no field"},
      {{""}, "", "an empty one"},
      {{"no-store"}, "no-store", "§5.2.2.5"},
      {{"no-cache"}, "no-cache", "§5.2.2.4"},
      {{"private"}, "private", "§5.2.2.7"},
      {{"public"}, "public", "§5.2.2.9"},
      {{"must-revalidate"}, "must-revalidate", "§5.2.2.2"},
      {{"proxy-revalidate"}, "proxy-revalidate", "§5.2.2.8"},
      {{"must-understand"}, "must-understand", "§5.2.2.3"},
      {{"only-if-cached"}, "only-if-cached", "§5.2.1.7"},
      {{"max-age=60"}, "max-age=60", "§5.2.2.1"},
      {{"s-maxage=60"}, "s-maxage=60", "§5.2.2.10"},
      {{"min-fresh=60"}, "min-fresh=60", "§5.2.1.3"},
      {{"max-stale=60"}, "max-stale=60", "§5.2.1.2"},
      {{"max-stale"}, "max-stale=any", "§5.2.1.2: any age"},
      {{"stale-while-revalidate=60"}, "stale-while-revalidate=60", "RFC 5861 §3"},
      {{"stale-if-error=60"}, "stale-if-error=60", "RFC 5861 §4"},
  });
}

TEST(CacheControl, Lists) {
  check({
      {{"private, max-age=5"}, "private max-age=5", "§5.2: a list"},
      {{"max-age=5,private"}, "private max-age=5", "in any order"},
      {{" ,,\tno-store ,, "}, "no-store", "RFC 9110 §5.6.1.2: empty elements"},
      {{"no-store", "max-age=5"}, "no-store max-age=5", "RFC 9110 §5.3: several fields"},
      {{"No-StOrE, MaX-aGe=5"}, "no-store max-age=5", "§5.2: without case"},
      {{"foobar, max-age=5, x=\"y\""}, "max-age=5", "§5.2.3: unknown ones"},
      {{"no-storex, xno-store, no-stor, max-age2=5"}, "", "… that begin or end like known ones"},
      {{R"(x="max-age=3600", max-age=1)"}, "max-age=1", "a quoted string says nothing"},
      {{R"(max-age=1, x="max-age=0")"}, "max-age=1", "… behind either"},
      {{R"(x="no-store, private")"}, "", "… commas and all"},
      {{R"(x="\", no-store, private")"}, "", "… nor where a mark in it is escaped"},
      {{R"(x="max-age=3600, no-store)"}, "no-store", "one that never ends hides nothing"},
      {{R"("no-store")"}, "", "a string is no directive"},
      {{"x='no-store, private'"}, "", "… and single marks quote nothing: the rest is private'"},
      {{"x='a, private, b'"}, "private", "… so a comma between them separates"},
  });
}

// §5.2.2.4, §5.2.2.7: with a list of fields they speak of those only. Taking it for the whole is
// the safe side.
TEST(CacheControl, ThatNamesFieldsCountsForTheWhole) {
  check({
      {{R"(no-cache="set-cookie")"}, "no-cache", "one field"},
      {{R"(no-cache="a, b", max-age=5)"}, "no-cache max-age=5", "two"},
      {{"private=\"x\""}, "private", "one field"},
      {{"private=x"}, "private", "unquoted, as some write it"},
      {{"no-store=1"}, "no-store", "an argument that it does not take"},
      {{"private;max-age=5"}, "private", "a wrong separator loses no prohibition"},
      {{"no-store ; x"}, "no-store", "… with a space"},
  });
}

TEST(CacheControl, Times) {
  check({
      {{"max-age=0"}, "max-age=0", "now"},
      {{"max-age=003600"}, "max-age=3600", "leading zeros are digits"},
      {{R"(max-age="3600")"}, "max-age=3600", "§5.2: both forms are understood"},
      {{"max-age=2147483646"}, "max-age=2147483646", "the last one below"},
      {{"max-age=2147483647"}, "max-age=any", "the largest"},
      {{"max-age=2147483648"}, "max-age=any", "§1.2.2: too large for 31 bits"},
      {{"max-age=99999999999"}, "max-age=any", "… for 32 bits"},
      {{"max-age=99999999999999999999999999"}, "max-age=any", "… for 64 bits"},
      {{"max-age"}, "max-age=0", "§4.2.1: without a value"},
      {{"max-age="}, "max-age=0", "empty"},
      {{R"(max-age="")"}, "max-age=0", "empty and quoted"},
      {{R"(max-age=")"}, "max-age=0", "a mark alone"},
      {{"max-age=-3600"}, "max-age=0", "negative"},
      {{"max-age=+3600"}, "max-age=0", "signed"},
      {{"max-age=3600.0"}, "max-age=0", "a fraction"},
      {{"max-age=3600.5"}, "max-age=0", "a fraction"},
      {{"max-age=a3600"}, "max-age=0", "garbage in front"},
      {{"max-age=3600a"}, "max-age=0", "garbage behind"},
      {{"max-age=3600;x"}, "max-age=0", "a parameter, which it has not"},
      {{"max-age=36 00"}, "max-age=0", "a space within"},
      {{"max-age=0x10"}, "max-age=0", "not decimal"},
      {{"max-age='3600'"}, "max-age=0", "single marks are not quotes"},
      {{"max-age =3600"}, "max-age=0", "§5.2: no space in front of ="},
      {{"max-age= 3600"}, "max-age=0", "… nor behind it"},
      {{"max-age:3600"}, "max-age=0", "no ="},
      {{"s-maxage=x, stale-if-error=x, stale-while-revalidate=x"},
       "s-maxage=0 stale-while-revalidate=0 stale-if-error=0",
       "all of them"},
      {{"max-stale=x"}, "max-stale=0", "garbage is not any"},
      {{"max-stale="}, "max-stale=0", "nor is nothing"},
      {{"min-fresh=x"}, "min-fresh=any", "in doubt nothing is fresh enough"},
  });
}

// §4.2.1: of two either the first counts or the answer is stale. The shortest is no longer than the
// first.
TEST(CacheControl, TimesGivenTwice) {
  check({
      {{"max-age=1800, max-age=1"}, "max-age=1", "the second is shorter"},
      {{"max-age=1, max-age=1800"}, "max-age=1", "the first is"},
      {{"max-age=1800", "max-age=1"}, "max-age=1", "in two fields"},
      {{"max-age=1", "max-age=1800"}, "max-age=1", "… likewise"},
      {{"max-age=60, max-age=x"}, "max-age=0", "one is no number"},
      {{"max-stale, max-stale=5"}, "max-stale=5", "any and some"},
      {{"min-fresh=5, min-fresh=60"}, "min-fresh=60", "the strictest"},
      {{"min-fresh=60", "min-fresh=5"}, "min-fresh=60", "the strictest"},
  });
}

TEST(CacheControl, PragmaCountsInRequestsWithoutCacheControl) {
  struct PragmaCase {
    std::vector<std::string_view> pragma;
    std::vector<std::string_view> control;
    bool no_cache;
    const char* why;
  };
  const PragmaCase cases[] = {
      {{"no-cache"}, {}, true, "§5.4"},
      {{"No-Cache"}, {}, true, "without case"},
      {{"x=\"no-cache\", y", "no-cache"}, {}, true, "anywhere in the list"},
      {{"x", "no-cachex", "x=\"a, no-cache\""}, {}, false, "something else"},
      {{"no-cache"}, {"max-age=5"}, false, "§5.4: not beside Cache-Control"},
      {{"no-cache"}, {""}, false, "… even an empty one"},
  };
  for (const PragmaCase& test : cases) {
    Fields fields = fields_of(test.pragma, FieldId::Pragma);
    for (const std::string_view value : test.control) {
      fields.add("Cache-Control", value, FieldId::CacheControl);
    }
    EXPECT_EQ(CacheControl::of_request(fields).no_cache, test.no_cache) << test.why;
    EXPECT_FALSE(CacheControl::of_response(fields).no_cache) << "§5.4: means nothing in answers";
  }
}

TEST(DeltaSeconds, AreDigits) {
  EXPECT_EQ(parse_delta_seconds("0"), 0);
  EXPECT_EQ(parse_delta_seconds("007"), 7);
  EXPECT_EQ(parse_delta_seconds("2147483648"), kAny);
  EXPECT_EQ(parse_delta_seconds("18446744073709551616"), kAny);
  for (const std::string_view text : {"", "-1", "+1", "1.0", " 1", "1 ", "a", "1a", "1,1"}) {
    EXPECT_EQ(parse_delta_seconds(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace usher::http
