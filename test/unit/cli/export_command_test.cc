#include "cli/export_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/cli/support.h"
#include "unit/config/support.h"

namespace usher::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ExportCommand : public testing::Test {
 protected:
  ExportCommand() {
    directory_.write("usher.json", config::test::kUsher);
    directory_.write("services/a.json", R"({"service": "a", "addresses": ["http://a:1"],
        "endpoints": [{"name": "e", "match": "GET /a"}]})");
  }
  int run() { return export_openapi(options_, out_.file(), err_.file()); }

  const config::test::TempDirectory directory_;
  ExportOptions options_ = {.directories = {directory_.path()}, .service = {}};
  test::Output out_;
  test::Output err_;
};

TEST_F(ExportCommand, PrintsTheDocument) {
  EXPECT_EQ(run(), 0);
  EXPECT_THAT(out_.text(), StartsWith("{\n  \"openapi\": \"3.1.1\""));
  EXPECT_THAT(out_.text(), HasSubstr("\"/a\": {"));
  EXPECT_EQ(err_.text(), "");
}

TEST_F(ExportCommand, KnowsItsServices) {
  options_.service = "b";
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(out_.text(), "");
  EXPECT_EQ(err_.text(), "--service: there is no service \"b\"; expected one of \"a\"\n");
}

TEST_F(ExportCommand, SaysWhatIsWrongWithConfigurationAndContracts) {
  directory_.write("usher.json", "{}");
  std::filesystem::create_directory(directory_.path() / "openapi");
  directory_.write("openapi/a.json", "[]");
  EXPECT_EQ(run(), 1);
  EXPECT_EQ(out_.text(), "");
  EXPECT_THAT(err_.text(), HasSubstr("usher.json:1:1: "));
  EXPECT_THAT(err_.text(), HasSubstr("openapi/a.json:1:1: a JSON object is expected"));
}

}  // namespace
}  // namespace usher::cli
