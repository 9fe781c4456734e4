#include "openapi/yaml_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "openapi/json_tree.h"
#include "unit/openapi/support.h"

namespace usher::openapi::test {
namespace {

using testing::HasSubstr;

// The value of the member `a`, as JSON in one line.
std::string value_of(const std::string& yaml) {
  config::Problems problems;
  const auto document = read_yaml("f.yaml", "a: " + yaml, problems);
  for (const config::Problem& problem : problems.take()) ADD_FAILURE() << to_string(problem);
  if (document == nullptr) return {};
  Value root = make_object();
  put(root, "a", *document->root().find("a"));
  const std::string json = to_json(root);
  return json.substr(9, json.size() - 11);
}

// The only mistake of `yaml`.
std::string mistake_in(const std::string& yaml) {
  config::Problems problems;
  EXPECT_EQ(read_yaml("f.yaml", yaml, problems), nullptr) << yaml;
  const auto found = problems.take();
  return found.size() == 1 ? to_string(found.front()) : std::to_string(found.size());
}

TEST(YamlReader, GivesPlainScalarsTheTypesOfYaml12) {
  EXPECT_EQ(value_of("true"), "true");
  EXPECT_EQ(value_of("FALSE"), "false");
  EXPECT_EQ(value_of("~"), "null");
  EXPECT_EQ(value_of(""), "null");
  EXPECT_EQ(value_of("-12"), "-12");
  EXPECT_EQ(value_of("+12"), "12");
  EXPECT_EQ(value_of("0x1F"), "31");
  EXPECT_EQ(value_of("0o17"), "15");
  EXPECT_EQ(value_of("1.5e3"), "1500");
  EXPECT_EQ(value_of(".5"), "0.5");
  EXPECT_EQ(value_of("12345678901234567890"), "12345678901234567168");
}

TEST(YamlReader, LeavesAllOthersStrings) {
  for (const std::string text : {"no", "yes", "on", "3.1.0", "1.2.3.4", "12:30:45", "2026-01-12",
                                 "e", "-x", "0x", "1_000", "Null1", ".inf"}) {
    EXPECT_EQ(value_of(text), '"' + text + '"');
  }
  EXPECT_EQ(value_of("\"12\""), "\"12\"");
  EXPECT_EQ(value_of("'true'"), "\"true\"");
  EXPECT_EQ(value_of("!!str 12"), "\"12\"");
  EXPECT_EQ(value_of("! 12"), "\"12\"");
  EXPECT_EQ(value_of("!!int \"12\""), "12");
  EXPECT_EQ(value_of("|\n  two\n  lines\n"), "\"two\\nlines\\n\"");
}

TEST(YamlReader, ReadsContainersOfBothStyles) {
  EXPECT_EQ(value_of("\n  - x: 1\n    y: [2, {z: 3}]\n  - 200: ok\n"),
            "[{ \"x\": 1, \"y\": [2, { \"z\": 3 }] }, { \"200\": \"ok\" }]");
  EXPECT_EQ(value_of("{}"), "{}");
  EXPECT_EQ(value_of("[]"), "[]");
}

TEST(YamlReader, RepeatsWhatAnAliasNames) {
  EXPECT_EQ(value_of("[&one {x: 1}, *one, &two [*one], *two]"),
            "[{ \"x\": 1 }, { \"x\": 1 }, [{ \"x\": 1 }], [{ \"x\": 1 }]]");
}

TEST(YamlReader, KnowsPlacesInBytes) {
  config::Problems problems;
  const auto document = read_yaml(
      "f.yaml", "# \xc3\xa9\xe2\x82\xac\n\"\xc3\xa9\": {b: \xe2\x82\xac, c: [x, y]}\nd: 1\n",
      problems);
  ASSERT_NE(document, nullptr);
  const Value& first = document->root().children.at(0);
  EXPECT_EQ(to_string(document->name_place(first)), "f.yaml:2:1");
  EXPECT_EQ(to_string(document->place(first)), "f.yaml:2:7");
  EXPECT_EQ(to_string(document->name_place(*first.find("c"))), "f.yaml:2:16");
  EXPECT_EQ(to_string(document->place(first.find("c")->children.at(1))), "f.yaml:2:23");
  EXPECT_EQ(to_string(document->name_place(document->root().children.at(1))), "f.yaml:3:1");
}

TEST(YamlReader, SaysWhereAMistakeIs) {
  EXPECT_THAT(mistake_in("a: 1\n b: 2\n"), HasSubstr("f.yaml:2:3: not valid YAML here: "));
  EXPECT_THAT(mistake_in("a: [1, 2\nb: 3\n"), HasSubstr("f.yaml:2:"));
  EXPECT_THAT(mistake_in("a: \"x\n"), HasSubstr("not valid YAML"));
  EXPECT_THAT(mistake_in("a: 1\nb: 2\na: 3\n"),
              HasSubstr("f.yaml:3:1: the key \"a\" stands twice, first at f.yaml:1:1"));
  EXPECT_THAT(mistake_in("a: b\xff\n"), HasSubstr("f.yaml:1:5: bytes that are not UTF-8"));
  EXPECT_THAT(mistake_in("a: b\x01\n"), HasSubstr("f.yaml:1:5: bytes that are not UTF-8"));
  EXPECT_THAT(mistake_in("\xef\xbb\xbf"
                         "a: b\n"),
              HasSubstr("f.yaml:1:1: a byte order mark"));
  EXPECT_THAT(mistake_in("a: 1\n---\nb: 1\n"), HasSubstr("a second document begins here"));
  EXPECT_THAT(mistake_in("a: !include x.yaml\n"), HasSubstr("f.yaml:1:4: the tag \"!include\""));
  EXPECT_THAT(mistake_in("a: &x {y: 1}\nb:\n  <<: *x\n"), HasSubstr("f.yaml:3:3: merge keys"));
  EXPECT_THAT(mistake_in("? [a, b]\n: 1\n"), HasSubstr("f.yaml:1:3: a member's name"));
  EXPECT_THAT(mistake_in("a: *x\n"), HasSubstr("f.yaml:1:4: the alias \"x\" stands for nothing"));
  EXPECT_THAT(mistake_in("a: &x [*x]\n"), HasSubstr("f.yaml:1:8: the alias \"x\""));
  for (const std::string text : {"", "# nothing\n", "- a\n", "text\n", "12"}) {
    EXPECT_THAT(mistake_in(text), HasSubstr("an object is expected")) << text;
  }
}

TEST(YamlReader, BoundsDepth) {
  const auto nested = [](std::size_t levels) {
    return "a: " + std::string(levels, '[') + std::string(levels, ']');
  };
  config::Problems problems;
  EXPECT_NE(read_yaml("f.yaml", nested(config::kMaxDepth - 1), problems), nullptr);
  EXPECT_THAT(mistake_in(nested(config::kMaxDepth)), HasSubstr("f.yaml:1:67: nested deeper"));
  EXPECT_THAT(mistake_in(nested(100'000)), HasSubstr("nested deeper"));
  // Aliases within aliases.
  std::string text = "a0: &a0 [x]\n";
  for (int i = 1; i <= config::kMaxDepth; ++i) {
    const std::string name = "a" + std::to_string(i);
    text.append(name).append(": &").append(name).append(" [*a");
    text.append(std::to_string(i - 1)).append("]\n");
  }
  EXPECT_THAT(mistake_in(text), HasSubstr("f.yaml:64:12: nested deeper"));
}

TEST(YamlReader, BoundsWhatAliasesRepeat) {
  std::string text = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 10; ++i) {
    const std::string name = "a" + std::to_string(i);
    text.append(name).append(": &").append(name).append(" [");
    for (int j = 0; j < 10; ++j) text += (j == 0 ? "*a" : ",*a") + std::to_string(i - 1);
    text += "]\n";
  }
  EXPECT_THAT(mistake_in(text), HasSubstr("more than 1000000 values"));
}

TEST(YamlReader, ChoosesTheSyntaxByNameAndText) {
  const auto reads = [](const std::string& file, const std::string& text) {
    config::Problems problems;
    return read_json_or_yaml(file, text, problems) != nullptr;
  };
  const std::string both = " {\"a\": 1}";
  const std::string yaml = " {a: 1}";
  EXPECT_TRUE(reads("f.json", both));
  EXPECT_FALSE(reads("f.json", yaml));
  EXPECT_TRUE(reads("f.yml", yaml));
  EXPECT_TRUE(reads("f.yaml", both));
  EXPECT_TRUE(reads("standard input", both));
  EXPECT_TRUE(reads("standard input", "a: 1"));
}

}  // namespace
}  // namespace usher::openapi::test
