#include "cli/check_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/cli/support.h"
#include "unit/config/support.h"

namespace usher::cli {
namespace {

class CheckCommand : public testing::Test {
 protected:
  CheckCommand() {
    std::filesystem::create_directory(directory_.path() / "openapi");
    directory_.write("usher.json", config::test::kUsher);
    write_service("GET /a");
  }
  void write_service(const std::string& match) {
    directory_.write("services/a.json",
                     "{\"service\": \"a\", \"addresses\": [\"http://a:1\"],\n\"endpoints\": "
                     "[{\"name\": \"e\", \"match\": \"" +
                         match + "\"}]}");
  }
  // A contract that is all right, but with an operation that no endpoint serves.
  void write_suspicious_contract() {
    directory_.write("openapi/a.json", R"({"openapi": "3.1.0", "info": {"title": "a",
"version": "1"}, "paths": {"/a": {"get": {"responses": {"200": {"description": "a"}}}},
"/b": {"get": {"responses": {"200": {"description": "b"}}}}}})");
  }
  int run() { return check(options_, out_.file()); }
  // What was printed, without the directory's name.
  std::string printed() {
    std::string text = out_.text();
    const std::string prefix = directory_.path().string() + "/";
    for (std::size_t at = 0; (at = text.find(prefix)) != std::string::npos;) {
      text.erase(at, prefix.size());
    }
    return text;
  }

  const config::test::TempDirectory directory_;
  CheckOptions options_ = {.directories = {directory_.path()}};
  test::Output out_;
};

TEST_F(CheckCommand, SaysThatAConfigurationIsGood) {
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(printed(), "the configuration is good: 1 service, 1 endpoint\n");
}

TEST_F(CheckCommand, SaysEveryErrorInEveryFile) {
  directory_.write("usher.json", "{\"consumer\": \"a\",\n \"worker\": 2, \"workers\": 0}");
  directory_.write("openapi/a.json", "[]");
  write_service("GET a");
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(printed(), testing::StartsWith("usher.json:2:2: unknown key \"worker\"; did you "
                                             "mean \"workers\"?"));
  EXPECT_THAT(printed(), testing::HasSubstr("\nusher.json:2:26: \"workers\" is 0; "));
  EXPECT_THAT(printed(), testing::HasSubstr("\nservices/a.json:2:38: \"match\": "));
  EXPECT_THAT(printed(), testing::HasSubstr("\nopenapi/a.json:1:1: a JSON object is expected"));
  EXPECT_THAT(printed(), testing::EndsWith("\n4 errors\n"));
}

TEST_F(CheckCommand, WarningsAreErrorsWhereTheyShall) {
  write_suspicious_contract();
  EXPECT_EQ(run(), 0);
  const std::string warning = "openapi/a.json:3:8: warning: no endpoint of \"a\" serves GET /b\n";
  EXPECT_EQ(printed(), warning + "the configuration is good: 1 service, 1 endpoint, 1 warning\n");
  options_.strict = true;
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(printed(), testing::EndsWith(warning + "1 warning, which --strict does not allow\n"));
}

TEST_F(CheckCommand, CountsErrorsAndWarnings) {
  write_suspicious_contract();
  directory_.write("openapi/b.json", "[]");
  EXPECT_EQ(run(), 1);
  EXPECT_THAT(printed(), testing::EndsWith("\n1 error, 1 warning\n"));
}

TEST_F(CheckCommand, PrintsJson) {
  options_.json = true;
  EXPECT_EQ(run(), 0);
  EXPECT_EQ(printed(), R"({
  "ok": true,
  "errors": [],
  "warnings": [],
  "services": 1,
  "endpoints": 1
}
)");
}

TEST_F(CheckCommand, PrintsFindingsAsJson) {
  options_.json = true;
  write_suspicious_contract();
  directory_.write("openapi/b.json", "[]");
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(printed(), R"({
  "ok": false,
  "errors": [
    {"file": "openapi/b.json", "line": 1, "column": 1, "message": "a JSON object is expected; it begins with '{'"}
  ],
  "warnings": [
    {"file": "openapi/a.json", "line": 3, "column": 8, "message": "no endpoint of \"a\" serves GET /b"}
  ],
  "services": 1,
  "endpoints": 1
}
)");
}

}  // namespace
}  // namespace usher::cli
