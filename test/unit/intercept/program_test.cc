#include "intercept/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace usher::intercept {
namespace {

using testing::HasSubstr;

TEST(Program, GetsInputAndGivesOutput) {
  const std::string text(300'000, 'x');  // more than a pipe holds
  EXPECT_EQ(run_program(find_program("cat"), {}, text).value(), text);
}

TEST(Program, GetsArgumentsAsTheyAre) {
  EXPECT_EQ(run_program(find_program("printf"), {"%s|", "a b", "$HOME;"}, "").value(),
            "a b|$HOME;|");
}

TEST(Program, FailsWithWhatItSays) {
  const auto failed = run_program(find_program("sh"), {}, "echo no such chain >&2; exit 3\n");
  ASSERT_FALSE(failed);
  EXPECT_THAT(failed.error(), HasSubstr("sh: no such chain"));
  EXPECT_THAT(run_program("/nowhere/iptables", {}, "").error(), HasSubstr("No such file"));
}

TEST(Program, MayBeMissing) {
  EXPECT_EQ(find_program("usher-no-such-program"), "");
}

}  // namespace
}  // namespace usher::intercept
