#include "route/path_template.h"

#include <gtest/gtest.h>

#include <array>

namespace usher::route {
namespace {

std::string error_of(std::string_view text) {
  const auto parsed = PathTemplate::parse(text);
  return parsed ? "" : parsed.error();
}

TEST(PathTemplate, SplitsIntoLiteralsAndParameters) {
  const auto parsed = PathTemplate::parse("/internal/t%61g/{ticketId}/");
  ASSERT_TRUE(parsed);
  ASSERT_EQ(parsed->segments().size(), 4U);
  EXPECT_EQ(parsed->segments()[1].literal, "tag");
  EXPECT_EQ(parsed->segments()[2].parameter, "ticketId");
  EXPECT_TRUE(parsed->segments()[3].literal.empty());
  EXPECT_FALSE(parsed->segments()[3].is_parameter());
  EXPECT_EQ(parsed->text(), "/internal/t%61g/{ticketId}/");
}

TEST(PathTemplate, CountsAndFindsParameters) {
  const auto parsed = PathTemplate::parse("/v/{venue}/t/{ticket}");
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->parameter_count(), 2U);
  EXPECT_EQ(parsed->parameter_index("venue"), 0);
  EXPECT_EQ(parsed->parameter_index("ticket"), 1);
  EXPECT_EQ(parsed->parameter_index("v"), -1);
}

TEST(PathTemplate, SaysWhatIsWrong) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "a path template begins with '/'"},
      {"x", "a path template begins with '/'"},
      {"/a//b", "an empty segment (\"//\"); owners do not skip it, write one '/'"},
      {"/{}",
       "the parameter \"{}\" has no usable name; letters, digits and _ are, a digit not in "
       "front"},
      {"/{1a}",
       "the parameter \"{1a}\" has no usable name; letters, digits and _ are, a digit not "
       "in front"},
      {"/a{b}", "a parameter must be a whole segment, as in \"/{name}/\"; \"a{b}\" is not"},
      {"/{a}{b}", "a parameter must be a whole segment, as in \"/{name}/\"; \"{a}{b}\" is not"},
      {"/{a", "a parameter must be a whole segment, as in \"/{name}/\"; \"{a\" is not"},
      {"/{a}/{a}", "the parameter {a} stands twice; name them apart"},
      {"/a%2", "a '%' without two hexadecimal digits in \"a%2\"; a percent sign itself is %25"},
      {"/a?b", "a template is a path alone; leave out what begins with '?'"},
      {"/a#b", "a template is a path alone; leave out what begins with '#'"},
      {"/a b", "a byte in \"a b\" may not stand in a path; write it as a percent-escape"},
      {"/..", "the segment \"..\" is refused in calls; write the path it leads to"},
      {"/%2e", "the segment \"%2e\" is refused in calls; write the path it leads to"},
      {"/" + std::string(257, 'a'), "a segment is longer than 256 bytes"},
      {"/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}", "more than 8 parameters"},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(error_of(text), message) << text;

  std::string deep;
  for (int i = 0; i < 33; ++i) deep += "/a";
  EXPECT_EQ(error_of(deep), "more than 32 segments");
  EXPECT_EQ(error_of(deep.substr(2)), "");
}

class PathTemplateWrite : public testing::Test {
 protected:
  std::string write(std::string_view from, std::string_view to, const Parameters& parameters,
                    std::size_t space) {
    const auto source = PathTemplate::parse(from);
    auto target = PathTemplate::parse(to);
    EXPECT_TRUE(target->bind(*source));
    std::array<char, 256> buffer;
    const std::size_t size = target->write(parameters, std::span(buffer).first(space));
    return std::string(buffer.data(), size);
  }
  Parameters two_ = {.values = {"7%2F1", "b"}, .size = 2};
};

TEST_F(PathTemplateWrite, FillsInRawParametersByName) {
  EXPECT_EQ(write("/i/{x}/{y}", "/api/v1/{y}/e%20s/{x}/", two_, 256), "/api/v1/b/e%20s/7%2F1/");
  EXPECT_EQ(write("/i/{x}/{y}", "/{x}", two_, 256), "/7%2F1");
  EXPECT_EQ(write("/i/{x}/{y}", "/fixed", two_, 256), "/fixed");
  EXPECT_EQ(write("/i/{x}/{y}", "/", two_, 256), "/");
}

TEST_F(PathTemplateWrite, ReturnsNothingWhenItDoesNotFit) {
  EXPECT_EQ(write("/i/{x}/{y}", "/{x}/{y}", two_, 8), "/7%2F1/b");
  EXPECT_EQ(write("/i/{x}/{y}", "/{x}/{y}", two_, 7), "");
}

TEST_F(PathTemplateWrite, BindRefusesAParameterThatTheSourceLacks) {
  auto target = PathTemplate::parse("/{z}");
  EXPECT_FALSE(target->bind(*PathTemplate::parse("/{x}")));
}

}  // namespace
}  // namespace usher::route
