#include "base/log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

namespace usher {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  append_json_escaped(out, text);
  return out;
}

const std::string kReplacement = "\xef\xbf\xbd";

TEST(Log, EscapesWhatJsonWants) {
  EXPECT_EQ(escaped("plain text"), "plain text");
  EXPECT_EQ(escaped("\"\\"), "\\\"\\\\");
  EXPECT_EQ(escaped("a\nb\x01\x7f"), "a\\u000ab\\u0001\\u007f");
  EXPECT_EQ(escaped(std::string_view("\0", 1)), "\\u0000");
}

TEST(Log, KeepsUtf8) {
  for (const std::string text :
       {"gr\xc3\xbc\xc3\x9f", "\xe2\x82\xac", "\xf0\x9f\x8e\xab", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xf4\x8f\xbf\xbf", "\xe0\xa0\x80", "\xf0\x90\x80\x80"}) {
    EXPECT_EQ(escaped(text), text);
  }
}

TEST(Log, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(escaped("a\xff"
                    "b"),
            "a" + kReplacement + "b");
  EXPECT_EQ(escaped("\xc0\xaf"), kReplacement + kReplacement);                     // overlong
  EXPECT_EQ(escaped("\xed\xa0\x80"), kReplacement + kReplacement + kReplacement);  // surrogate
  EXPECT_EQ(escaped("\xe0\x9f\xbf"), kReplacement + kReplacement + kReplacement);  // overlong
  EXPECT_EQ(escaped("\xe2\x82"), kReplacement + kReplacement);                     // cut
  EXPECT_EQ(escaped("\xf4\x90\x80\x80").size(), 4 * kReplacement.size());          // beyond
}

TEST(Log, AnyBytesAreValidJson) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  EXPECT_TRUE(nlohmann::json::accept("\"" + escaped(all) + all.substr(0, 0) + "\""));
}

nlohmann::json only_line(const std::string& text) {
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  return nlohmann::json::parse(text);
}

TEST(Log, ALineIsAnObject) {
  testing::internal::CaptureStderr();
  LogLine(LogLevel::Warn, "call \"x\"").field("code", "A\nB").field("status", 504);
  const auto line = only_line(testing::internal::GetCapturedStderr());
  EXPECT_EQ(line["level"], "warn");
  EXPECT_EQ(line["msg"], "call \"x\"");
  EXPECT_EQ(line["code"], "A\nB");
  EXPECT_EQ(line["status"], 504);
  EXPECT_EQ(line["time"].get<std::string>().size(), std::string("2026-01-12T09:40:00.000Z").size());
}

TEST(Log, LongValuesAreCut) {
  testing::internal::CaptureStderr();
  LogLine(LogLevel::Error, "x").field("path", std::string(5000, 'p'));
  const auto line = only_line(testing::internal::GetCapturedStderr());
  EXPECT_EQ(line["path"].get<std::string>(), std::string(LogLine::kMaxValueBytes, 'p'));
}

TEST(Log, TheThreadWritesEveryLineThatFits) {
  testing::internal::CaptureStderr();
  start_log(LogLevel::Info);
  for (int i = 0; i < 100; ++i) LogLine(LogLevel::Info, "line").field("i", i);
  LogLine(LogLevel::Debug, "not shown");
  stop_log();
  std::istringstream text(testing::internal::GetCapturedStderr());
  std::string line;
  int count = 0;
  while (std::getline(text, line)) EXPECT_EQ(nlohmann::json::parse(line)["i"], count++);
  EXPECT_EQ(count, 100);
  EXPECT_EQ(log_lines_dropped(), 0u);
}

}  // namespace
}  // namespace usher
