#include "config/problem.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/json_reader.h"

namespace usher::config {
namespace {

std::unique_ptr<Document> parse(const std::string& text) {
  Problems problems;
  return Document::parse("f", 0, text, problems);
}

TEST(Problem, WhatIsFoundAtEachOfManyIsSaidOnce) {
  const auto document = parse("{}");
  Problems problems;
  for (std::size_t i = 0; i < 2 * Problems::kMax; ++i) {
    problems.add({document.get(), 0}, "wrong");
    problems.warn({document.get(), 0}, "suspicious");
  }
  problems.add({document.get(), 1}, "wrong");
  EXPECT_EQ(problems.size(), 2U);
  std::vector<std::string> texts;
  for (const Problem& problem : problems.take()) texts.push_back(to_string(problem));
  EXPECT_THAT(texts,
              testing::ElementsAre("f:1:1: warning: suspicious", "f:1:1: wrong", "f:1:2: wrong"));
}

// Else a configuration would be refused for its warnings.
TEST(Problem, WarningsWithoutRoomAreWarnings) {
  const auto document = parse("{" + std::string(2 * Problems::kMax, ' ') + "}");
  Problems problems;
  for (std::uint32_t i = 0; i < Problems::kMax + 7; ++i) {
    problems.warn({document.get(), i}, "suspicious");
  }
  problems.add({document.get(), 0}, "wrong");
  const std::vector<Problem> all = problems.take();
  ASSERT_EQ(all.size(), Problems::kMax + 2);
  EXPECT_EQ(to_string(all.back()), "f: warning: 7 further warnings are not shown");
}

TEST(Problem, MistakesWithoutRoomAreMistakes) {
  const auto document = parse("{" + std::string(2 * Problems::kMax, ' ') + "}");
  Problems problems;
  for (std::uint32_t i = 0; i < Problems::kMax + 3; ++i) {
    problems.add({document.get(), i}, "wrong");
  }
  EXPECT_EQ(to_string(problems.take().back()), "f: 3 further mistakes are not shown");
}

}  // namespace
}  // namespace usher::config
