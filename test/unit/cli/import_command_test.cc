#include "cli/import_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "unit/cli/support.h"
#include "unit/config/support.h"

namespace usher::cli {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class ImportCommand : public testing::Test {
 protected:
  int run(const std::string& document) {
    directory_.write("api.yaml", document);
    options_.file = directory_.path() / "api.yaml";
    return import_openapi(options_, out_.file(), err_.file());
  }
  std::string service_file() {
    std::ifstream stream(directory_.path() / "services/tickets.json");
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  const config::test::TempDirectory directory_;
  ImportOptions options_ = {.file = {}, .service = "tickets", .prefixes = {}, .directory = {}};
  test::Output out_;
  test::Output err_;
};

const char* const kDocument = "openapi: 3.1.0\npaths: {/a: {get: {}}, /b: {get: {}}}\n";

TEST_F(ImportCommand, PrintsTheServiceFileAndItsNotes) {
  options_.prefixes = {"/a"};
  EXPECT_EQ(run(kDocument), 0);
  EXPECT_THAT(out_.text(), StartsWith("{\n  \"$schema\""));
  EXPECT_THAT(out_.text(), HasSubstr("\"match\": \"GET /a\""));
  EXPECT_THAT(out_.text(), testing::Not(HasSubstr("GET /b")));
  EXPECT_THAT(err_.text(), HasSubstr("api.yaml:1:1: note: no server says"));
}

TEST_F(ImportCommand, PrintsMistakesAlone) {
  EXPECT_EQ(run("openapi: 3.1.0\npaths: []\n"), 1);
  EXPECT_EQ(out_.text(), "");
  EXPECT_THAT(err_.text(), HasSubstr("api.yaml:2:8: \"paths\" must be an object"));
}

TEST_F(ImportCommand, SaysThatThereIsNoSuchFile) {
  options_.file = directory_.path() / "none.yaml";
  EXPECT_EQ(import_openapi(options_, out_.file(), err_.file()), 1);
  EXPECT_THAT(err_.text(), HasSubstr("none.yaml: cannot be opened: "));
}

TEST_F(ImportCommand, WritesIntoADirectoryAndAddsThere) {
  options_.directory = directory_.path();
  EXPECT_EQ(run("openapi: 3.1.0\npaths: {/a: {get: {}}}\n"), 0);
  EXPECT_EQ(out_.text(), "");
  EXPECT_THAT(service_file(), HasSubstr("\"match\": \"GET /a\""));
  EXPECT_EQ(run("openapi: 3.1.0\npaths: {/b: {get: {}}}\n"), 0);
  EXPECT_THAT(service_file(), HasSubstr("\"match\": \"GET /a\""));
  EXPECT_THAT(service_file(), HasSubstr("\"match\": \"GET /b\""));
  EXPECT_THAT(err_.text(), HasSubstr("note: \"get-a\" (GET /a) has no operation"));
  const auto files =
      std::distance(std::filesystem::directory_iterator(directory_.path() / "services"), {});
  EXPECT_EQ(files, 1) << "nothing unfinished stays";
}

TEST_F(ImportCommand, LeavesTheFileAsItIsAfterAMistake) {
  options_.directory = directory_.path();
  directory_.write("services/tickets.json", "{");
  EXPECT_EQ(run(kDocument), 1);
  EXPECT_EQ(service_file(), "{");
  EXPECT_THAT(err_.text(), HasSubstr("services/tickets.json:1:1: "));
}

TEST_F(ImportCommand, SaysThatItCannotWrite) {
  options_.directory = directory_.path() / "nowhere";
  EXPECT_EQ(run(kDocument), 1);
  EXPECT_THAT(err_.text(), HasSubstr("nowhere/services/tickets.json: cannot be written: "));
}

}  // namespace
}  // namespace usher::cli
