#include "config/json_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>

namespace usher::config {
namespace {

std::vector<std::string> problems_of(std::string text) {
  Problems problems;
  const auto document = Document::parse("f", 0, std::move(text), problems);
  EXPECT_EQ(document == nullptr, !problems.empty());
  std::vector<std::string> texts;
  for (const Problem& problem : problems.take()) texts.push_back(to_string(problem));
  return texts;
}

TEST(JsonReader, KnowsWhereEverythingStands) {
  Problems problems;
  const auto document = Document::parse(
      "f", 0,
      "{\n  \"a\": [1, -2.5],\n\t\"\\u0062\" : {\"c\": \"x\\ny\", \"d\":null, \"e\":true}\n}",
      problems);
  ASSERT_NE(document, nullptr);
  const Value& root = document->root();
  ASSERT_EQ(root.children.size(), 2U);
  const auto at = [&](Place place) { return to_string(place); };
  EXPECT_EQ(at(document->place(root)), "f:1:1");
  const Value& a = root.children[0];
  EXPECT_EQ(at(document->name_place(a)), "f:2:3");
  EXPECT_EQ(at(document->place(a)), "f:2:8");
  EXPECT_EQ(a.children[0].integer, 1);
  EXPECT_EQ(at(document->place(a.children[1])), "f:2:12");
  EXPECT_EQ(a.children[1].type, Value::Type::Fraction);
  const Value* b = root.find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(at(document->name_place(*b)), "f:3:2");
  EXPECT_EQ(document->raw(*b), "{\"c\": \"x\\ny\", \"d\":null, \"e\":true}");
  EXPECT_EQ(document->raw(a), "[1, -2.5]");
  EXPECT_EQ(document->raw(a.children[0]), "1");
  EXPECT_EQ(document->raw(a.children[1]), "-2.5");
  EXPECT_EQ(document->raw(*b->find("c")), "\"x\\ny\"");
  EXPECT_EQ(document->raw(*b->find("d")), "null");
  EXPECT_EQ(document->raw(*b->find("e")), "true");
  EXPECT_EQ(a.children[0].number, 1);
  EXPECT_EQ(a.children[1].number, -2.5);
  EXPECT_EQ(b->find("c")->text, "x\ny");
  EXPECT_EQ(b->find("d")->type, Value::Type::Null);
  EXPECT_TRUE(b->find("e")->boolean);
  EXPECT_EQ(at(document->place(*b->find("e"))), "f:3:41");
}

TEST(JsonReader, SaysWhereAFileIsNotJson) {
  const std::string comma = "the comma before this is one too many; leave it out";
  const std::string missing = "a comma or colon is missing before this";
  const std::string word = "neither true, false nor null; a name or text stands in double quotes";
  const std::string open = "this '{' is not closed; the file ends without its '}'";
  const std::string large = "this number is too large for JSON's readers; none here is so large";
  const std::pair<std::string, std::string> cases[] = {
      {"", "f:1:1: the file is empty; a JSON object is expected"},
      {" \n ", "f:1:1: the file is empty; a JSON object is expected"},
      {"\n [1]", "f:2:2: a JSON object is expected; it begins with '{'"},
      {"\xef\xbb\xbf{}", "f:1:1: a byte order mark; save the file as UTF-8 without one"},
      {"{\n\"a\": \"\xc3(\"}", "f:2:7: bytes that are not UTF-8; save the file as UTF-8"},
      {"{\"a\": 1", "f:1:1: " + open},
      {"{\"a\": 1}\n x", "f:2:2: something stands behind the end of the object"},
      {"{\"a\": 1}\n {}", "f:2:2: something stands behind the end of the object"},
      {"{\"a\": \"x\ny\"}",
       "f:1:9: a control character in a string; strings end on their line, escapes are \\n, \\t, "
       "\\u0000"},
      {"{\"a\":\n \"x}", "f:2:2: this string does not end; a '\"' is missing"},
      {"{\"a\": 1 \"b\": 2}", "f:1:9: " + missing},
      {"{\"a\": 1,}", "f:1:9: " + comma},
      {"{\"a\": [1 2]}", "f:1:10: " + missing},
      {"{\"a\": [1,]}", "f:1:10: " + comma},
      {"{\"a\" 1}", "f:1:6: " + missing},
      {"{\"a\": nul}", "f:1:7: " + word},
      {"{\"a\": truex}", "f:1:7: " + word},
      {"{\"a\": 'x'}", "f:1:7: a string stands in double quotes in JSON"},
      {"{a: 1}", "f:1:2: " + word},
      {"{\"a\": 01}", "f:1:7: a number does not begin with 0 in JSON; leave that out"},
      {"{\"a\": 1.}", "f:1:7: not a number as JSON writes them"},
      {"{\"a\": 123456789012345678901234567890}", "f:1:7: " + large},
      {"{\"a\": -1e999}", "f:1:7: " + large},
      {"{\"a\": {\"b\": 1}", "f:1:1: " + open},
      {"{\"a\": {\n\"b\": [1, 2}}",
       "f:2:6: this '[' is not closed before a '}' closes what is around it"},
      {"{\"a\": [[1], {]}", "f:1:13: this '{' is not closed before a ']' closes what is around it"},
      {"{\"a\": \"[{\", ,}",
       "f:1:13: not valid JSON here; look for a comma, colon, quote or bracket too few or too "
       "many"},
      {"{\"a\": 1, // one\n}", "f:1:10: JSON has no comments; leave this out"},
      {"{\"a\": \"\\x\"}", "f:1:7: a wrong escape in this string; JSON's are expected"},
      {"{\"a\": \"\\ud800\"}", "f:1:7: a wrong escape in this string; JSON's are expected"},
      {"{\n\"a\": 1,\n \"a\": 2}",
       "f:3:2: the key \"a\" stands twice, first at f:2:1; leave out one"},
      {"{\"x\": [{\"b\": 1, \"\\u0062\": 2}]}",
       "f:1:17: the key \"b\" stands twice, first at f:1:9; leave out one"},
  };
  for (const auto& [text, message] : cases) {
    EXPECT_THAT(problems_of(text), testing::ElementsAre(message)) << text;
  }
}

TEST(JsonReader, BoundsDepthAndSize) {
  const auto nested = [](int n) {
    return "{\"a\":" + std::string(static_cast<std::size_t>(n), '[') +
           std::string(static_cast<std::size_t>(n), ']') + "}";
  };
  EXPECT_TRUE(problems_of(nested(kMaxDepth - 1)).empty());
  EXPECT_THAT(problems_of(nested(kMaxDepth)),
              testing::ElementsAre("f:1:69: nested deeper than 64 levels"));
  EXPECT_THAT(problems_of(nested(100'000)),
              testing::ElementsAre("f:1:69: nested deeper than 64 levels"));
  EXPECT_THAT(problems_of("{" + std::string(kMaxFileBytes, ' ') + "}"),
              testing::ElementsAre("f:1:1: the file is larger than 16 MiB"));
}

// Every file that is accepted is JSON to another front end of the library too, and the other way
// round.
TEST(JsonReader, AgreesWithTheDomParserOnDamagedFiles) {
  const std::string good =
      R"({"service":"a","list":[1,-2.5e3,{"x":null,"y":[true,false,"\u00e9\\\""]}],"o":{"k":{}}})";
  std::mt19937 random(7);
  simdjson::dom::parser dom;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = good;
    for (auto n = 1 + random() % 3; n > 0; --n) {
      const std::size_t at = random() % text.size();
      constexpr std::string_view kBytes = "{}[],:\"\\ 0e-tfn\n\x01\xc3";
      switch (random() % 3) {
        case 0:
          text.erase(at, 1);
          break;
        case 1:
          text[at] = kBytes[random() % kBytes.size()];
          break;
        default:
          text.insert(at, 1, kBytes[random() % kBytes.size()]);
      }
    }
    Problems problems;
    const bool accepted = Document::parse("f", 0, text, problems) != nullptr;
    const bool twice = !accepted && problems.take()[0].message.find("twice") != std::string::npos;
    simdjson::dom::element element;
    const bool valid = dom.parse(text).get(element) == simdjson::SUCCESS && element.is_object();
    ASSERT_EQ(accepted || twice, valid) << text;
  }
}

}  // namespace
}  // namespace usher::config
