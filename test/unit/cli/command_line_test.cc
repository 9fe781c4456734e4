#include "cli/command_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "unit/cli/support.h"
#include "unit/config/support.h"

namespace usher::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class CommandLine : public testing::Test {
 protected:
  CommandLine() {
    write(base_, "a");
    write(other_, "b");
  }
  static void write(const config::test::TempDirectory& directory, const std::string& service) {
    directory.write("usher.json", config::test::kUsher);
    directory.write("services/" + service + ".json", "{\"service\": \"" + service +
                                                         R"(", "addresses": ["http://a:1"],
                    "endpoints": [{"name": "e", "match": "GET /)" +
                                                         service + "\"}]}");
  }
  int run(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "usher");
    return run_command_line(static_cast<int>(arguments.size()), arguments.data(), out_.file(),
                            err_.file());
  }

  const config::test::TempDirectory base_;
  const config::test::TempDirectory other_;
  config::test::Environment environment_;
  test::Output out_;
  test::Output err_;
};

struct Misuse {
  std::vector<const char*> arguments;
  const char* message;
};

TEST_F(CommandLine, MisuseIsSaidWithTheUsageOfTheCommand) {
  const Misuse cases[] = {
      {{}, "usher: a command is missing\n"},
      {{"fly"}, "usher: unknown command \"fly\"\n"},
      {{"chek"}, "usher: unknown command \"chek\"; did you mean \"check\"?\n"},
      {{"run", "--confg", "x"},
       "usher: unknown argument \"--confg\"; did you mean \"--config\"?\n"},
      {{"run", "--confg=x"}, "usher: unknown argument \"--confg\"; did you mean \"--config\"?\n"},
      {{"run", "here"}, "usher: unknown argument \"here\"\n"},
      {{"run", "--config"}, "usher: --config: 1 required DIR missing\n"},
      {{"check", "--format", "xml"}, "usher: --format: xml not in {text,json}\n"},
      {{"import"}, "usher: a command is missing\n"},
      {{"intercept"}, "usher: a command is missing\n"},
      {{"intercept", "u"}, "usher: unknown command \"u\"; did you mean \"up\"?\n"},
      {{"intercept", "up", "--format", "pf"}, "usher: --format: pf not in {nft,iptables}\n"},
      {{"export", "openapy"}, "usher: unknown command \"openapy\"; did you mean \"openapi\"?\n"},
      {{"import", "openapi"}, "usher: FILE is required\n"},
      {{"import", "openapi", "--servce", "x", "f"},
       "usher: unknown argument \"--servce\"; did you mean \"--service\"?\n"},
      {{"import", "openapi", "f"}, "usher: --service is required\n"},
      {{"help", "chek"}, "usher: unknown command \"chek\"; did you mean \"check\"?\n"},
  };
  for (const Misuse& misuse : cases) {
    test::Output err;
    std::vector<const char*> arguments = misuse.arguments;
    arguments.insert(arguments.begin(), "usher");
    EXPECT_EQ(run_command_line(static_cast<int>(arguments.size()), arguments.data(), out_.file(),
                               err.file()),
              2);
    const std::string text = err.text();
    EXPECT_THAT(text, StartsWith(misuse.message));
    EXPECT_THAT(text, HasSubstr("usage: usher"));
  }
  EXPECT_EQ(out_.text(), "");
}

TEST_F(CommandLine, HelpIsPrinted) {
  EXPECT_EQ(run({"help"}), 0);
  EXPECT_EQ(run({"--help"}), 0);
  const std::string text = out_.text();
  const std::string once = text.substr(0, text.size() / 2);
  EXPECT_EQ(text, once + once);
  for (const char* command :
       {"run", "check", "import", "export", "intercept", "version", "$USHER_CONFIG"}) {
    EXPECT_THAT(once, HasSubstr(command));
  }
}

TEST_F(CommandLine, HelpOfACommandIsPrinted) {
  EXPECT_EQ(run({"help", "export", "openapi"}), 0);
  EXPECT_EQ(run({"export", "openapi", "-h"}), 0);
  const std::string text = out_.text();
  const std::string once = text.substr(0, text.size() / 2);
  EXPECT_EQ(text, once + once);
  EXPECT_THAT(once, HasSubstr("usage: usher export openapi [OPTIONS]"));
}

TEST_F(CommandLine, TheVersionIsPrinted) {
  EXPECT_EQ(run({"version"}), 0);
  EXPECT_THAT(out_.text(), StartsWith("usher "));
  test::Output flag;
  const char* const arguments[] = {"usher", "--version"};
  EXPECT_EQ(run_command_line(2, arguments, flag.file(), err_.file()), 0);
  EXPECT_EQ(flag.text(), out_.text());
}

TEST_F(CommandLine, DirectoriesComeFromTheOptionsInTheirOrder) {
  environment_.set("USHER_CONFIG", "/nowhere");
  const std::string other = "--config=" + other_.path().string();
  EXPECT_EQ(run({"check", "--config", base_.path().c_str(), other.c_str()}), 0);
  EXPECT_EQ(out_.text(), "the configuration is good: 2 services, 2 endpoints\n");
}

TEST_F(CommandLine, DirectoriesComeFromTheEnvironment) {
  environment_.set("USHER_CONFIG", base_.path().string() + "::" + other_.path().string());
  EXPECT_EQ(run({"check"}), 0);
  EXPECT_EQ(out_.text(), "the configuration is good: 2 services, 2 endpoints\n");
}

TEST_F(CommandLine, ExportTakesDirectoriesToo) {
  environment_.set("USHER_CONFIG", base_.path());
  EXPECT_EQ(run({"export", "openapi", "--service", "a"}), 0);
  EXPECT_THAT(out_.text(), HasSubstr("\"openapi\": \"3.1"));
}

TEST_F(CommandLine, ImportWritesIntoTheLastDirectoryAlone) {
  base_.write("api.yaml", "openapi: 3.1.0\npaths: {/x: {get: {}}, /y: {get: {}}, /z: {get: {}}}\n");
  const std::string file = base_.path() / "api.yaml";
  EXPECT_EQ(run({"import", "openapi", file.c_str(), "--service", "x", "--prefix", "/x", "--prefix",
                 "/y", "--config", base_.path().c_str(), "--config", other_.path().c_str()}),
            0);
  EXPECT_FALSE(std::filesystem::exists(base_.path() / "services/x.json"));
  std::ifstream written(other_.path() / "services/x.json");
  const std::string text(std::istreambuf_iterator<char>(written), {});
  EXPECT_THAT(text, HasSubstr("GET /x"));
  EXPECT_THAT(text, HasSubstr("GET /y"));
  EXPECT_THAT(text, testing::Not(HasSubstr("GET /z")));
}

}  // namespace
}  // namespace usher::cli
