#include "cli/intercept_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "unit/cli/support.h"
#include "unit/config/support.h"

namespace usher::cli {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class InterceptCommand : public testing::Test {
 protected:
  InterceptCommand() {
    directory_.write("usher.json", R"({"consumer": {"env": "USHER_TEST_NOT_SET"},
        "outbound": {"listen": "127.0.0.1:7411"}, "admin": {"listen": "127.0.0.1:7410"}})");
    directory_.write("services/a.json", R"({"service": "a",
        "addresses": ["http://a:3001", "http://a:3002", "http://b", "http://b:7410"],
        "auth": {"scheme": "hmac", "preset": "ticket", "secret": {"env": "USHER_TEST_NOT_SET"}},
        "endpoints": [{"name": "e", "match": "GET /internal/e"}]})");
  }

  int print(InterceptOptions options) {
    options.directories = {directory_.path()};
    return intercept_print(options, out_.file(), err_.file());
  }

  config::test::TempDirectory directory_;
  test::Output out_;
  test::Output err_;
};

TEST_F(InterceptCommand, TakesThePortsOfTheServices) {
  EXPECT_EQ(print({}), 0);
  EXPECT_THAT(out_.text(),
              AllOf(HasSubstr("elements = { 80, 3001-3002 }"), HasSubstr("redirect to :7401")));
  EXPECT_EQ(err_.text(), "");
}

TEST_F(InterceptCommand, ReadsNoConfigurationWhereThePortsAreGiven) {
  directory_.write("usher.json", "{");
  EXPECT_EQ(print({.rules = {.ports = {"99"}}}), 0);
  EXPECT_THAT(out_.text(), HasSubstr("elements = { 99 }"));
}

TEST_F(InterceptCommand, SaysWhatToDoWithoutPorts) {
  directory_.write("usher.json", "{");
  EXPECT_EQ(print({}), 1);
  EXPECT_THAT(err_.text(), AllOf(HasSubstr("usher.json:1:"), HasSubstr("expected --ports")));
  EXPECT_EQ(out_.text(), "");
}

TEST_F(InterceptCommand, NamesTheOptionThatIsWrong) {
  EXPECT_EQ(print({.rules = {.exclude = {"10.0.0.1/8"}}}), 1);
  EXPECT_THAT(err_.text(), StartsWith("--exclude: \"10.0.0.1/8\""));
}

TEST_F(InterceptCommand, PrintsForIptablesToo) {
  EXPECT_EQ(print({.format = intercept::Format::Iptables}), 0);
  EXPECT_THAT(out_.text(), AllOf(HasSubstr("--dports 80,3001:3002"), Not(HasSubstr("table inet"))));
}

}  // namespace
}  // namespace usher::cli
