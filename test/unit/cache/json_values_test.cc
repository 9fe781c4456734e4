#include "cache/json_values.h"

#include <gtest/gtest.h>

#include <optional>

namespace usher::cache {
namespace {

using Texts = std::vector<std::string>;

// Nothing when it cannot be read.
std::optional<Texts> values(std::string_view json, const Texts& pointer) {
  static JsonValues reader;  // for all of them, as a worker has one
  Texts found;
  const bool is_read =
      reader.each(json, pointer, [&](std::string_view value) { found.emplace_back(value); });
  return is_read ? std::optional(found) : std::nullopt;
}

TEST(JsonValues, AreAtAPlace) {
  constexpr std::string_view kJson = R"( {"a": {"b": "x", "c": "y"}, "b": "z", "": {"": "w"}} )";
  EXPECT_EQ(values(kJson, {"a", "b"}), Texts{"x"});
  EXPECT_EQ(values(kJson, {"b"}), Texts{"z"});
  EXPECT_EQ(values(kJson, {"", ""}), Texts{"w"});
}

TEST(JsonValues, OfAPlaceThatIsNotThereThereAreNone) {
  constexpr std::string_view kJson = R"({"a": {"b": null, "c": {}, "d": [], "e": "x"}})";
  for (const Texts& pointer : std::vector<Texts>{{"x"},
                                                 {"a", "x"},
                                                 {"a", "b"},
                                                 {"a", "b", "x"},
                                                 {"a", "c"},
                                                 {"a", "d"},
                                                 {"a", "d", "0"},
                                                 {"a", "d", "*"},
                                                 {"a", "e", "0"},
                                                 {"a", "e", "*"},
                                                 {"A", "e"},
                                                 {"*", "e"},
                                                 {"a"},
                                                 {}}) {
    EXPECT_EQ(values(kJson, pointer), Texts{}) << testing::PrintToString(pointer);
  }
}

TEST(JsonValues, RootIsAPlace) {
  EXPECT_EQ(values(R"("x")", {}), Texts{"x"});
  EXPECT_EQ(values(" 12 ", {}), Texts{"12"});
  EXPECT_EQ(values("true", {}), Texts{"true"});
  EXPECT_EQ(values("null", {}), Texts{});
  EXPECT_EQ(values(R"(["x", "y"])", {"*"}), (Texts{"x", "y"}));
  EXPECT_EQ(values(R"("x")", {"a"}), Texts{});
}

TEST(JsonValues, StarIsEveryElement) {
  EXPECT_EQ(values(R"({"tickets": [{"id": "1"}, {"x": 0}, {"id": "2"}, 5, ["id"]]})",
                   {"tickets", "*", "id"}),
            (Texts{"1", "2"}));
  EXPECT_EQ(values(R"([["a", ["b"]], [], ["c"], {"d": "e"}])", {"*", "*"}), (Texts{"a", "c"}));
  EXPECT_EQ(values(R"([[["a"], ["b", "c"]], [["d"]]])", {"*", "*", "*"}),
            (Texts{"a", "b", "c", "d"}));
  EXPECT_EQ(values(R"({"a": [{"b": ["x", "y"]}, {"b": "z"}, {"b": ["w"]}]})", {"a", "*", "b", "*"}),
            (Texts{"x", "y", "w"}));
}

TEST(JsonValues, NumberIsAnElement) {
  constexpr std::string_view kJson = R"({"a": ["x", "y", ["z"]], "1": "w"})";
  EXPECT_EQ(values(kJson, {"a", "1"}), Texts{"y"});
  EXPECT_EQ(values(kJson, {"a", "2", "0"}), Texts{"z"});
  EXPECT_EQ(values(kJson, {"1"}), Texts{"w"});
  for (const char* index : {"3", "01", "-", "-1", "", "1 ", "+1", "1e0"}) {
    EXPECT_EQ(values(kJson, {"a", index}), Texts{}) << index;
  }
}

TEST(JsonValues, NumbersAndBooleansAreAsWritten) {
  const Texts texts = {"0",
                       "-0",
                       "10",
                       "-1.50",
                       "0.0",
                       "1e3",
                       "1E+05",
                       "-1E-2",
                       "1.5e0",
                       "1e999",
                       "true",
                       "false",
                       "12345678901234567890123",
                       "1E" + std::string(30, '0') + "6"};
  std::string json;
  for (const std::string& text : texts) json += (json.empty() ? "[" : " ,\n") + text;
  EXPECT_EQ(values(json + "\t]", {"*"}), texts);
}

TEST(JsonValues, WhatIsNoNumberIsNotRead) {
  for (const char* text : {"01", "-", "-01", "1x", "1.", ".5", "1.e1", "1e", "1e+", "1e1.5", "+1",
                           "1_000", "0x10", "--1", "1e1 1", "NaN", "-Infinity", "00"}) {
    EXPECT_EQ(values("{\"a\":" + std::string(text) + "}", {"a"}), std::nullopt) << text;
  }
}

TEST(JsonValues, StringsAreDecoded) {
  EXPECT_EQ(values(R"(["a\"\\\/\b\n", "\u00e9\ud83d\ude00", "é", "a\u0000b"])", {"*"}),
            (Texts{"a\"\\/\b\n", "é😀", "é", std::string("a\0b", 3)}));
  EXPECT_EQ(values(R"({"\u0061\/~1": "x"})", {"a/~1"}), Texts{"x"});
}

TEST(JsonValues, AllCountWhereANameIsGivenTwice) {
  EXPECT_EQ(values(R"({"a": "x", "b": "-", "a": "y", "\u0061": "z"})", {"a"}),
            (Texts{"x", "y", "z"}));
  EXPECT_EQ(values(R"({"a": {"b": "x"}, "a": 5, "a": {"b": "y"}})", {"a", "b"}), (Texts{"x", "y"}));
}

TEST(JsonValues, WhatCannotBeReadHasNone) {
  for (const std::string_view json : {"",
                                      " ",
                                      "{",
                                      "[",
                                      "}",
                                      "{}}",
                                      "[]]",
                                      "{}{}",
                                      "[],[]",
                                      "],[",
                                      "x",
                                      "{\"a\"}",
                                      "{\"a\":}",
                                      "{\"a\":x}",
                                      "{\"a\":\"x}",
                                      "{\"a\":\"\\x\"}",
                                      "{\"a\":\"\\ud800\"}",
                                      "{\"a\":tru}",
                                      "{\"a\":truex}",
                                      "{\"a\":\"x\"",
                                      "{\"a\":\"x\",}",
                                      "{\"a\":\"x\" \"b\":1}",
                                      "{a:1}",
                                      "{\"a\":1}//",
                                      "{\"a\":\"\n\"}",
                                      "{\"a\":\"\xff\"}",
                                      "{\"b\":\"\xff\",\"a\":1}",
                                      "{\"a\":1]",
                                      "<html></html>"}) {
    EXPECT_EQ(values(json, {"a"}), std::nullopt) << json;
  }
}

TEST(JsonValues, BracketsOfADocumentStayItsOwn) {
  EXPECT_EQ(values("1],[2", {}), std::nullopt);
  EXPECT_EQ(values("1,2", {}), std::nullopt);
  EXPECT_EQ(values("]", {}), std::nullopt);
}

TEST(JsonValues, DeepNestingIsNoMatter) {
  const std::string deep = std::string(300'000, '[') + std::string(300'000, ']');
  EXPECT_EQ(values("{\"x\":" + deep + ",\"a\":\"v\"}", {"a"}), Texts{"v"});
  EXPECT_EQ(values(std::string(500'000, '['), {"*"}), std::nullopt);
  EXPECT_EQ(values(std::string(100, '[') + "1" + std::string(100, ']'),
                   Texts(JsonValues::kMaxDepth, "*")),
            Texts{});
  EXPECT_EQ(
      values(std::string(64, '[') + "1" + std::string(64, ']'), Texts(JsonValues::kMaxDepth, "*")),
      Texts{"1"});
}

TEST(JsonValues, TooMuchIsNotRead) {
  std::string json = "[1";
  for (std::size_t i = 1; i < JsonValues::kMaxValues; ++i) json += ",1";
  EXPECT_EQ(values(json + "]", {"*"})->size(), JsonValues::kMaxValues);
  EXPECT_EQ(values(json + ",1]", {"*"}), std::nullopt);
  EXPECT_EQ(values("1", Texts(JsonValues::kMaxDepth + 1, "*")), std::nullopt);
  const std::string spaces(JsonValues::kMaxBytes - 3, ' ');
  EXPECT_EQ(values(spaces + "\"x\"", {}), Texts{"x"});
  EXPECT_EQ(values(spaces + " \"x\"", {}), std::nullopt);
}

}  // namespace
}  // namespace usher::cache
