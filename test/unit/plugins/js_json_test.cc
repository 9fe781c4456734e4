// JSON rewritten as JavaScript does it. The expectations are what Node 20 gives for
// JSON.stringify(JSON.parse(text)).
#include "../../../plugins/common/js_json.h"

#include <gtest/gtest.h>

#include "../../../plugins/common/js_string.h"

namespace usher::plugins {
namespace {

std::string rewrite(std::string_view text, JsKeyOrder order = JsKeyOrder::Insertion) {
  JsJson json;
  return json.rewrite(text, order) ? std::string(json.result()) : "not JSON";
}

std::string sorted(std::string_view text) {
  return rewrite(text, JsKeyOrder::Sorted);
}

TEST(JsJson, RewritesTheFifthVectorOfTheStandardScheme) {
  EXPECT_EQ(rewrite(R"({ "ticketIds" : ["a"], "n": 1.0, "e": 1e3, "u":"\u00fc", "10":1, "2":2 })"),
            R"({"2":2,"10":1,"ticketIds":["a"],"n":1,"e":1000,"u":"ü"})");
}

TEST(JsJson, DropsWhiteSpaceAndKeepsTheRest) {
  EXPECT_EQ(rewrite(" \t\r\n[ 1 , true,false ,null, {} , [ ] , { \"a\" : \"b\" } ] "),
            R"([1,true,false,null,{},[],{"a":"b"}])");
}

TEST(JsJson, WritesNumbersInTheirShortestForm) {
  const std::pair<const char*, const char*> kNumbers[] = {
      {"0", "0"},
      {"-0", "0"},
      {"-0.0e5", "0"},
      {"1.0", "1"},
      {"-1.50", "-1.5"},
      {"1e3", "1000"},
      {"1E+2", "100"},
      {"123456789012345", "123456789012345"},
      {"9007199254740993", "9007199254740992"},
      {"12345678901234567890", "12345678901234567000"},
      {"1e20", "100000000000000000000"},
      {"999999999999999999999", "1e+21"},
      {"1e21", "1e+21"},
      {"1.5e300", "1.5e+300"},
      {"0.000001", "0.000001"},
      {"0.0000012", "0.0000012"},
      {"0.0000001", "1e-7"},
      {"1.25e-7", "1.25e-7"},
      {"123e-20", "1.23e-18"},
      {"0.1", "0.1"},
      {"0.30000000000000004", "0.30000000000000004"},
      {"4.35", "4.35"},
      {"123456.789", "123456.789"},
      {"5e-324", "5e-324"},
      {"2e-324", "0"},
      {"-1e-400", "0"},
      {"1.7976931348623157e308", "1.7976931348623157e+308"},
      {"1e400", "null"},
      {"-1e400", "null"},
      {"1e99999999999999999999", "null"},
      {"1e-99999999999999999999", "0"},
      {"0e99999999999999999999", "0"}};
  for (const auto& [text, expected] : kNumbers) EXPECT_EQ(rewrite(text), expected) << text;
}

TEST(JsJson, EscapesWhatMustBeAndNothingElse) {
  EXPECT_EQ(rewrite(R"("\u0041\/\u00e9\u20ac")"), "\"A/é€\"");
  EXPECT_EQ(rewrite(R"("\"\\\b\f\n\r\t")"), R"("\"\\\b\f\n\r\t")");
  EXPECT_EQ(rewrite(R"("\u0008\u000a\u0000\u001F\u007f")"), "\"\\b\\n\\u0000\\u001f\x7f\"");
  EXPECT_EQ(rewrite(R"("\u2028\u2029")"), "\"\u2028\u2029\"");
  EXPECT_EQ(rewrite(R"("\ud83d\ude00")"), "\"\U0001F600\"");
}

TEST(JsJson, KeepsLoneSurrogatesEscaped) {
  EXPECT_EQ(rewrite(R"("\uD83D")"), R"("\ud83d")");
  EXPECT_EQ(rewrite(R"("\uDE00\uD83D")"), R"("\ude00\ud83d")");
  EXPECT_EQ(rewrite(R"("\uD83D\uD83D\uDE00")"), "\"\\ud83d\U0001F600\"");
  EXPECT_EQ(rewrite(R"("\uD83D\n")"), R"("\ud83d\n")");
}

TEST(JsJson, PutsArrayIndicesFirst) {
  EXPECT_EQ(rewrite(R"({"b":0,"10":1,"9":2,"a":3,"0":4})"), R"({"0":4,"9":2,"10":1,"b":0,"a":3})");
  EXPECT_EQ(rewrite(R"({"01":0,"-1":1,"1.0":2,"1e0":3,"1":4})"),
            R"({"1":4,"01":0,"-1":1,"1.0":2,"1e0":3})");
  EXPECT_EQ(rewrite(R"({"4294967295":0,"4294967294":1})"), R"({"4294967294":1,"4294967295":0})");
  EXPECT_EQ(rewrite(R"({"a":0,"\u0031":1})"), R"({"1":1,"a":0})");
}

TEST(JsJson, KeepsTheLastValueInTheFirstPlace) {
  EXPECT_EQ(rewrite(R"({"a":1,"b":2,"a":3})"), R"({"a":3,"b":2})");
  EXPECT_EQ(rewrite(R"({"a":1,"b":2,"\u0061":{"c":[]}})"), R"({"a":{"c":[]},"b":2})");
  EXPECT_EQ(rewrite(R"({"__proto__":1,"a":2,"__proto__":3})"), R"({"__proto__":3,"a":2})");
  std::string many = "{\"x\":1";
  std::string expected = "{\"x\":2";
  for (int i = 0; i < 40; ++i) {
    many += ",\"k" + std::to_string(i) + "\":0";
    expected += ",\"k" + std::to_string(i) + "\":0";
  }
  EXPECT_EQ(rewrite(many + ",\"x\":2}"), expected + "}");
}

TEST(JsJson, SortsKeysByUtf16Units) {
  EXPECT_EQ(sorted(R"({"b":{"z":1,"y":2},"a":[{"d":1,"c":2}]})"),
            R"({"a":[{"c":2,"d":1}],"b":{"y":2,"z":1}})");
  EXPECT_EQ(sorted(R"({"b":0,"10":1,"9":2})"), R"({"9":2,"10":1,"b":0})");
  EXPECT_EQ(sorted(R"({"aa":1,"a":2,"":3})"), R"({"":3,"a":2,"aa":1})");
  EXPECT_EQ(sorted("{\"\ue000\":1,\"\U0001F600\":2}"), "{\"\U0001F600\":2,\"\ue000\":1}");
  EXPECT_EQ(sorted(R"({"A":1,"\"":2,"\n":3})"), R"({"\n":3,"\"":2,"A":1})");
}

TEST(JsJson, RepairsUtf8AsFastifyDoes) {
  EXPECT_EQ(rewrite("\"\xff\""), "\"\ufffd\"");
  EXPECT_EQ(rewrite("\"\xf0\x9f\x98\""), "\"\ufffd\"");
  EXPECT_EQ(rewrite("\"\xed\xa0\x80\""), "\"\ufffd\ufffd\ufffd\"");
  EXPECT_EQ(rewrite("\xef\xbb\xbf[1 ]"), "[1]");
}

TEST(JsJson, RefusesWhatJavaScriptRefuses) {
  const char* const kTexts[] = {"",
                                " ",
                                "nul",
                                "nullx",
                                "1 2",
                                "01",
                                "-",
                                "+1",
                                ".5",
                                "1.",
                                "1e",
                                "1e+",
                                "NaN",
                                "Infinity",
                                "'a'",
                                "\"a",
                                "\"\\x41\"",
                                "\"\\u12\"",
                                "\"\\u12g4\"",
                                "\"\\",
                                "\"\t\"",
                                "[",
                                "[1",
                                "[1,]",
                                "[,1]",
                                "{",
                                "{\"a\"}",
                                "{\"a\":}",
                                "{\"a\":1,}",
                                "{a:1}",
                                "{\"a\":1",
                                "}",
                                "\"\\ud83d\\u\"",
                                "// c\n1",
                                "\v1"};
  for (const char* text : kTexts) EXPECT_EQ(rewrite(text), "not JSON") << text;
}

TEST(JsJson, RefusesWhatIsNestedTooDeep) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + "1" + std::string(depth, ']');
  };
  EXPECT_EQ(rewrite(nested(JsJson::kMaxDepth)), nested(JsJson::kMaxDepth));
  EXPECT_EQ(rewrite(nested(JsJson::kMaxDepth + 1)), "not JSON");
  EXPECT_EQ(rewrite(std::string(1'000'000, '[')), "not JSON");
}

TEST(JsJson, TellsWhatJavaScriptMakesOfTheValue) {
  JsJson json;
  const auto kind = [&](std::string_view text) { return json.rewrite(text, JsKeyOrder::Sorted); };
  EXPECT_EQ(kind("null"), JsKind::Null);
  for (const char* text : {"false", "0", "-0", "0.0", "1e-400", "\"\""}) {
    EXPECT_EQ(kind(text), JsKind::Falsy) << text;
  }
  for (const char* text : {"true", "1", "\"0\"", "{}", "[]", "1e400"}) {
    EXPECT_EQ(kind(text), JsKind::Truthy) << text;
  }
}

TEST(JsJson, CanBeUsedAgain) {
  JsJson json;
  ASSERT_TRUE(json.rewrite(R"({"a":"\n"})", JsKeyOrder::Insertion));
  ASSERT_FALSE(json.rewrite(R"({"a":{"b")", JsKeyOrder::Insertion));
  ASSERT_TRUE(json.rewrite(R"({"1":"\t"})", JsKeyOrder::Insertion));
  EXPECT_EQ(json.result(), R"({"1":"\t"})");
}

TEST(JsString, IsEscapedLikeJsonStringify) {
  std::string out;
  append_js_string("a\"\\\n\x01ü", out);
  EXPECT_EQ(out, "\"a\\\"\\\\\\n\\u0001ü\"");
}

}  // namespace
}  // namespace usher::plugins
