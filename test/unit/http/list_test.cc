#include "http/list.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace usher::http {
namespace {

using Elements = std::vector<std::string>;

Elements elements(std::string_view value, List::Quotes quotes = List::Quotes::Strings) {
  Elements result;
  for (const std::string_view element : List(value, quotes)) result.emplace_back(element);
  return result;
}

TEST(List, SplitsAtCommas) {
  struct Case {
    std::string_view value;
    Elements expected;
    const char* why;
  };
  const Case cases[] = {
      {"", {}, "nothing"},
      {"a", {"a"}, "one"},
      {"a,b", {"a", "b"}, "two"},
      {" a \t,\tb ", {"a", "b"}, "optional white space, RFC 9110 §5.6.1"},
      {"a b, c", {"a b", "c"}, "white space within"},
      {",", {""}, "empty ones count, RFC 9110 §5.6.1.2"},
      {",, a ,\t,", {"", "", "a", ""}, "… wherever they are, but behind the last comma"},
      {R"(a="b,c", d)", {R"(a="b,c")", "d"}, "quoted, RFC 9110 §5.6.4"},
      {R"(a="b\",c", d)", {R"(a="b\",c")", "d"}, "an escaped mark closes nothing"},
      {R"(a="b\\",c)", {R"(a="b\\")", "c"}, "an escaped backslash escapes nothing"},
      {R"("a""b,c",d)", {R"("a""b,c")", "d"}, "two strings"},
      {R"(a="b, c, d)", {R"(a="b)", "c", "d"}, "a mark that is never closed quotes nothing"},
      {R"(a="b\", c)", {R"(a="b\")", "c"}, "… nor one whose end is escaped"},
      {R"(a="b\)", {R"(a="b\)"}, "an escape of nothing"},
      {"a='b,c'", {"a='b", "c'"}, "single marks are bytes like others"},
  };
  for (const Case& test : cases) EXPECT_EQ(elements(test.value), test.expected) << test.why;
}

// RFC 9110 §8.8.3: etagc includes the backslash.
TEST(List, EntityTagsHaveNoEscapes) {
  EXPECT_EQ(elements(R"("a\", "b,c")", List::Quotes::EntityTags),
            (Elements{R"("a\")", R"("b,c")"}));
  EXPECT_EQ(elements(R"(W/"a", *)", List::Quotes::EntityTags), (Elements{R"(W/"a")", "*"}));
}

// Bytes are looked at twice at most, whatever they are: this takes minutes otherwise.
TEST(List, UnclosedMarksCostNothing) {
  std::string value;
  for (int i = 0; i < 500'000; ++i) value += "\\\"";
  value.insert(0, "\"");
  EXPECT_EQ(elements(value).size(), 1U);
}

}  // namespace
}  // namespace usher::http
