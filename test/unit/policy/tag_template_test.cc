#include "policy/tag_template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace usher::policy {
namespace {

using Names = std::vector<std::string>;
using Values = std::vector<std::string_view>;
using Source = TagTemplate::Source;
using testing::ElementsAre;
using testing::IsEmpty;

const Names kNames = {"ticketId", "userId"};

TagTemplate parsed(std::string_view text) {
  auto result = TagTemplate::parse(text, kNames);
  EXPECT_TRUE(result.has_value()) << text << ": " << (result ? "" : result.error());
  return result.value_or(TagTemplate());
}

std::string error_of(std::string_view text, const Names& names = kNames) {
  const auto result = TagTemplate::parse(text, names);
  return result ? "" : result.error();
}

TEST(TagTemplate, Expands) {
  struct Case {
    std::string_view text;
    Values parameters;
    std::string_view value;
    std::string_view expected;
    const char* why;
  };
  const Case cases[] = {
      {"tickets", {"1", "2"}, "", "tickets", "a constant"},
      {"ticket:{ticketId}", {"7", "2"}, "", "ticket:7", "a parameter"},
      {"{userId}", {"7", "2"}, "", "2", "alone"},
      {"{userId}/{ticketId}!", {"7", "2"}, "", "2/7!", "two, in any order"},
      {"{userId}{userId}", {"7", "2"}, "", "22", "one twice"},
      {"t:{response:/id}", {"7", "2"}, "9", "t:9", "a value"},
      {"{request:/id}:{ticketId}", {"7", "2"}, "9", "9:7", "beside a parameter"},
      {"t:{response:/id}", {"7", "2"}, "{userId}", "t:{userId}", "a value is a value"},
      {"t:{response:/id}", {"7", "2"}, "%37", "t:%37", "… and not encoded"},
      {"t:{ticketId}", {"a%2Fb%20c", "2"}, "", "t:a/b c", "RFC 3986 §2.1: decoded"},
      {"t:{ticketId}", {"%c3%BC", "2"}, "", "t:\xc3\xbc", "… in either case"},
      {"t:{ticketId}", {"a%", "2"}, "", "t:a%", "no escape"},
      {"t:{ticketId}", {"a%4", "2"}, "", "t:a%4", "no escape"},
      {"t:{ticketId}", {std::string_view("a%41").substr(0, 3), "2"}, "", "t:a%4", "not beyond it"},
      {"t:{ticketId}", {"%zz%4g%%41", "2"}, "", "t:%zz%4g%A", "no escape, and one"},
      {"t:{ticketId}", {"%2541", "2"}, "", "t:%41", "decoded once"},
      {"t:{ticketId}", {"", "2"}, "", "t:", "an empty one"},
      {"\xc3\xbc:{ticketId}", {"7", "2"}, "", "\xc3\xbc:7", "any text"},
  };
  for (const Case& test : cases) {
    EXPECT_EQ(parsed(test.text).expand(test.parameters, test.value), test.expected)
        << test.text << ": " << test.why;
    EXPECT_EQ(parsed(test.text).text(), test.text);
  }
}

TEST(TagTemplate, DecodesNulToo) {
  EXPECT_EQ(parsed("{ticketId}").expand(Values{"a%00b", ""}, ""), std::string("a\0b", 3));
}

TEST(TagTemplate, HasAPointer) {
  EXPECT_EQ(parsed("t:{ticketId}").source(), Source::None);
  EXPECT_THAT(parsed("t:{ticketId}").pointer(), IsEmpty());
  EXPECT_EQ(parsed("{response:/id}").source(), Source::Response);
  EXPECT_EQ(parsed("{request:/id}").source(), Source::Request);
  EXPECT_THAT(parsed("{response:/id}").pointer(), ElementsAre("id"));
  EXPECT_THAT(parsed("{response:/tickets/*/id}").pointer(), ElementsAre("tickets", "*", "id"));
  EXPECT_THAT(parsed("{response:/0/a b:c}").pointer(), ElementsAre("0", "a b:c"));
  // RFC 6901 §3: a token may be empty.
  EXPECT_THAT(parsed("{response:/}").pointer(), ElementsAre(""));
  EXPECT_THAT(parsed("{response:/a//b/}").pointer(), ElementsAre("a", "", "b", ""));
  // §4: ~1 first, then ~0, so that ~01 is "~1".
  EXPECT_THAT(parsed("{response:/a~1b/m~0n/~01/~10}").pointer(),
              ElementsAre("a/b", "m~n", "~1", "/0"));
}

TEST(TagTemplate, SaysWhatIsWrong) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "a tag is not empty; write one as in \"ticket:{ticketId}\""},
      {"t:{ticketid}", "the path has no parameter {ticketid}; it has {ticketId}, {userId}"},
      {"t:{}", "the path has no parameter {}; it has {ticketId}, {userId}"},
      {"t:{ ticketId }", "the path has no parameter { ticketId }; it has {ticketId}, {userId}"},
      {"t:{ticketId", "a '{' without its '}'"},
      {"t:{", "a '{' without its '}'"},
      {"t:{{ticketId}}", "a '{' without its '}'"},
      {"t:ticketId}", "a '}' without its '{'; braces stand for values alone"},
      {"t:{ticketId}}", "a '}' without its '{'; braces stand for values alone"},
      {"}", "a '}' without its '{'; braces stand for values alone"},
      {"{answer:/id}",
       "{answer:…} is not known; a value is {response:/pointer} or {request:/pointer}"},
      {"{:/id}", "{:…} is not known; a value is {response:/pointer} or {request:/pointer}"},
      {"{Response:/id}",
       "{Response:…} is not known; a value is {response:/pointer} or {request:/pointer}"},
      {"{response:id}",
       "the JSON pointer \"id\" does not begin with '/'; write one as in "
       "{response:/tickets/*/id}"},
      {"{request:}",
       "the JSON pointer \"\" does not begin with '/'; write one as in "
       "{response:/tickets/*/id}"},
      {"{response:/a~2}", "a '~' in \"a~2\" that is neither ~0 (for '~') nor ~1 (for '/')"},
      {"{response:/~/b}", "a '~' in \"~\" that is neither ~0 (for '~') nor ~1 (for '/')"},
      {"{response:/a}:{response:/b}", "more than one JSON pointer; write two tags with one each"},
      {"{response:/a}:{request:/b}", "more than one JSON pointer; write two tags with one each"},
      {"a\nb", "a control character in a tag"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(error_of(text), message) << text;
  EXPECT_EQ(error_of("{a}", {}), "the path has no parameter {a}; it has none");
}

TEST(TagTemplate, IsBounded) {
  EXPECT_EQ(error_of(std::string(TagTemplate::kMaxBytes, 'a')), "");
  EXPECT_EQ(error_of(std::string(TagTemplate::kMaxBytes + 1, 'a')),
            "a tag is longer than 256 bytes");
}

}  // namespace
}  // namespace usher::policy
