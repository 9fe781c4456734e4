#include "http/targeted_control.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace usher::http {
namespace {

constexpr std::int64_t kAny = CacheControl::kAny;

CacheControl read(const std::vector<std::pair<std::string_view, std::string_view>>& lines) {
  Fields fields;
  for (const auto& [name, value] : lines) fields.add(name, value, field_id(name));
  return read_answer_control(fields);
}
CacheControl read_cdn(std::string_view value) {
  return read({{"CDN-Cache-Control", value}, {"Cache-Control", "no-store, max-age=1"}});
}
CacheControl read_surrogate(std::string_view value) {
  return read({{"Surrogate-Control", value}, {"Cache-Control", "no-store, max-age=1"}});
}

TEST(TargetedControl, WithoutOneCacheControlCounts) {
  const CacheControl control = read({{"Cache-Control", "no-store, max-age=5"}});
  EXPECT_FALSE(control.is_targeted);
  EXPECT_TRUE(control.no_store);
  EXPECT_EQ(control.max_age, 5);
}

// RFC 9213 §2.2.
TEST(TargetedControl, TheFirstThatSaysAnythingCounts) {
  constexpr std::pair<std::string_view, std::string_view> kGeneral = {"Cache-Control", "max-age=1"};
  constexpr std::pair<std::string_view, std::string_view> kSurrogate = {"Surrogate-Control",
                                                                        "max-age=2"};
  EXPECT_EQ(read({kGeneral, kSurrogate, {"CDN-Cache-Control", "max-age=3"}}).max_age, 3);
  EXPECT_EQ(read({kGeneral, kSurrogate, {"CDN-Cache-Control", "max-age=x y"}}).max_age, 2);
  EXPECT_EQ(read({kGeneral, kSurrogate, {"CDN-Cache-Control", ""}}).max_age, 2);
  EXPECT_EQ(read({kGeneral, kSurrogate}).max_age, 2);
  EXPECT_EQ(read({kGeneral, {"Surrogate-Control", "max-age=2;other"}}).max_age, 1);
  EXPECT_EQ(read({kGeneral, {"Surrogate-Control", "content=\"ESI/1.0\""}}).max_age, 1);
}

TEST(TargetedControl, NothingOfCacheControlCountsBesideIt) {
  const CacheControl control = read_cdn("foo");
  EXPECT_TRUE(control.is_targeted);
  EXPECT_FALSE(control.no_store);
  EXPECT_FALSE(control.max_age.has_value());
}

TEST(TargetedControl, CdnDirectives) {
  const CacheControl control = read_cdn(
      "max-age=60, s-maxage=50;p=1, stale-while-revalidate=5, stale-if-error=99999999999, "
      "no-cache, public=?0, must-revalidate, foo=\"bar\"");
  EXPECT_EQ(control.max_age, 60);
  EXPECT_EQ(control.s_maxage, 50);
  EXPECT_EQ(control.stale_while_revalidate, 5);
  EXPECT_EQ(control.stale_if_error, kAny);
  EXPECT_TRUE(control.no_cache);
  EXPECT_FALSE(control.public_);
  EXPECT_TRUE(control.must_revalidate);
  EXPECT_TRUE(read_cdn("private=\"X-Foo\"").private_);
  EXPECT_EQ(read_cdn("max-age=1, max-age=60").max_age, 60) << "RFC 8941 §4.2.2: the last";
}

TEST(TargetedControl, CdnFieldInSeveralLines) {
  const CacheControl control =
      read({{"CDN-Cache-Control", "max-age=60"}, {"CDN-Cache-Control", "no-cache"}});
  EXPECT_EQ(control.max_age, 60);
  EXPECT_TRUE(control.no_cache);
  EXPECT_FALSE(read({{"CDN-Cache-Control", "max-age=60"}, {"CDN-Cache-Control", "&"}}).is_targeted);
}

TEST(TargetedControl, CdnFieldThatIsNoneIsNotHeard) {
  for (const char* value : {"max-age=10000, &&&&&", "max-age=\"10000\"", "max-age=-1", "max-age",
                            "max-age=1.5", "MaX-aGe=60", "no-store=1", "public=\"x\"", "private=x",
                            "max-age =60", "max-age= 60", " "}) {
    const CacheControl control = read_cdn(value);
    EXPECT_FALSE(control.is_targeted) << value;
    EXPECT_TRUE(control.no_store) << value;
  }
}

TEST(TargetedControl, SurrogateDirectives) {
  struct Case {
    std::string_view value;
    std::int64_t max_age;
    std::int64_t stale;
  };
  for (const Case& test :
       {Case{"max-age=3600", 3600, 0}, Case{"MaX-aGe=3600", 3600, 0},
        Case{"foobar, max-age=3600", 3600, 0}, Case{"max-age=1+600", 1, 600},
        Case{"max-age=99999999999+99999999999", kAny, kAny}, Case{"max-age=60;usher", 60, 0},
        Case{"max-age=60 ; usher", 60, 0}, Case{"max-age=60, max-age=90+9;usher", 60, 0},
        Case{"max-age=60, max-age=1;other", 60, 0}, Case{"max-age", 0, 0}, Case{"max-age=x", 0, 0},
        Case{"max-age=60+", 0, 0}, Case{"max-age=+60", 0, 0}, Case{"max-age=-1", 0, 0},
        Case{"max-age =60", 0, 0}, Case{"max-age= 60", 0, 0}}) {
    const CacheControl control = read_surrogate(test.value);
    EXPECT_TRUE(control.is_targeted) << test.value;
    EXPECT_FALSE(control.no_store) << test.value;
    EXPECT_EQ(control.max_age, test.max_age) << test.value;
    EXPECT_EQ(control.stale_while_revalidate, test.stale) << test.value;
    EXPECT_EQ(control.stale_if_error, test.stale) << test.value;
  }
  EXPECT_TRUE(read({{"Surrogate-Control", "max-age=60, No-Store"}}).no_store);
  EXPECT_FALSE(read({{"Surrogate-Control", "no-store;other"}}).no_store);
  EXPECT_FALSE(read({{"Surrogate-Control", "no-store-remote"}}).no_store);
}

}  // namespace
}  // namespace usher::http
