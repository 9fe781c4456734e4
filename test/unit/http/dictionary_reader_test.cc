#include "http/dictionary_reader.h"

#include <gtest/gtest.h>

#include <string>

namespace usher::http {
namespace {

// "a=int:5 b=true", or "failed".
std::string describe(std::string_view value) {
  using Type = DictionaryMember::Type;
  std::string text;
  DictionaryReader reader(value);
  while (const auto member = reader.next()) {
    text += std::string(text.empty() ? "" : " ") + std::string(member->key) + "=";
    switch (member->type) {
      case Type::Boolean:
        text += member->boolean ? "true" : "false";
        break;
      case Type::Integer:
        text += "int:" + std::to_string(member->integer);
        break;
      case Type::Decimal:
        text += "decimal";
        break;
      case Type::String:
        text += "string";
        break;
      case Type::Token:
        text += "token";
        break;
      case Type::Bytes:
        text += "bytes";
        break;
      case Type::InnerList:
        text += "list";
        break;
    }
  }
  return reader.failed() ? "failed" : text;
}

TEST(DictionaryReader, ReadsMembersOfAllTypes) {
  EXPECT_EQ(describe(""), "");
  EXPECT_EQ(describe("  "), "");
  EXPECT_EQ(describe("a"), "a=true");
  EXPECT_EQ(describe("a=?0, b=?1"), "a=false b=true");
  EXPECT_EQ(describe("max-age=60, *x_1.y=-5"), "max-age=int:60 *x_1.y=int:-5");
  EXPECT_EQ(describe("a=999999999999999"), "a=int:999999999999999");
  EXPECT_EQ(describe("a=1.5, b=-123456789012.123"), "a=decimal b=decimal");
  EXPECT_EQ(describe(R"(a="x, \"y\" \\", b="")"), "a=string b=string");
  EXPECT_EQ(describe("a=Foo/1:x!, b=*"), "a=token b=token");
  EXPECT_EQ(describe("a=:aGk=:, b=::"), "a=bytes b=bytes");
  EXPECT_EQ(describe(R"(a=(1 "x"  y;p=1 );q, b=())"), "a=list b=list");
  EXPECT_EQ(describe("a=1 \t,\t b"), "a=int:1 b=true");
}

TEST(DictionaryReader, PassesOverParameters) {
  EXPECT_EQ(describe("a;x, b=1;y=2; z=\"3\";*=?0"), "a=true b=int:1");
}

TEST(DictionaryReader, IsStrict) {
  for (const char* value : {"A=1",
                            "max-age =1",
                            "max-age= 1",
                            "a=",
                            "a,",
                            ",a",
                            "a,,b",
                            "a b",
                            "a=1 b",
                            "=1",
                            "&&&&&",
                            "a=&",
                            "a=1x",
                            "a=1.",
                            "a=.5",
                            "a=1.2345",
                            "a=-",
                            "a=--1",
                            "a=1e3",
                            "a=1000000000000000",
                            "a=\"x",
                            "a=\"\\x\"",
                            "a=\"\t\"",
                            "a=\"\xc3\"",
                            "a=\"\\",
                            "a=1234567890123.1",
                            "a=:x",
                            "a=:-:",
                            "a=?2",
                            "a=?",
                            "a=(1",
                            "a=(1,2)",
                            "a=(1\"x\")",
                            "a=((1))",
                            "a;",
                            "a;X",
                            "a;x=",
                            "a ;x",
                            "a=1,\x0b"
                            "b",
                            "a=@1"}) {
    EXPECT_EQ(describe(value), "failed") << value;
  }
}

TEST(DictionaryReader, SaysNothingBehindAnError) {
  DictionaryReader reader("a, &, b");
  EXPECT_TRUE(reader.next().has_value());
  EXPECT_FALSE(reader.next().has_value());
  EXPECT_FALSE(reader.next().has_value());
  EXPECT_TRUE(reader.failed());
}

}  // namespace
}  // namespace usher::http
