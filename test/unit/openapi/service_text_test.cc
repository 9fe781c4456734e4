#include "openapi/service_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/openapi/support.h"

namespace usher::openapi::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::string kExisting = R"({ "service": "tickets",
  "addresses": [{ "env": "NOT_SET_HERE" }],   "base_path": "/v1", "prefix": "/v1",
  "endpoints": [
    { "name": "a",   "match": "GET /a/{ticket}", "timeout": "4s" },
    { "name": "gone", "match": "GET /gone" } ]
}
)";

ImportResult import_over(const std::string& existing, const std::string& paths,
                         std::vector<std::string> prefixes = {}) {
  return import_with("openapi: 3.1.0\nservers: [{url: \"http://t:1/v1\"}]\npaths:\n" + paths,
                     {.service = "tickets",
                      .prefixes = std::move(prefixes),
                      .existing = Source{.file = "services/tickets.json", .text = existing}});
}

TEST(ServiceText, AddsWhatIsNewAndLeavesTheRestAsItIs) {
  const ImportResult result = import_over(
      kExisting, "  /a/{id}: {get: {x-usher: {timeout: 5s}}, post: {operationId: A}}\n");
  EXPECT_EQ(lines_of(result.problems), Lines());
  EXPECT_THAT(lines_of(result.notes),
              ElementsAre("services/tickets.json:5:5: \"gone\" (GET /gone) has no operation in the "
                          "document; remove it if it went"));
  std::string expected = kExisting;
  expected.insert(expected.find(" ]\n}"),
                  ",\n    {\n      \"name\": \"a-2\",\n      \"match\": \"POST /a/{id}\"\n    }");
  EXPECT_EQ(result.text, expected);
}

TEST(ServiceText, IsTheSameTextWhenNothingIsNew) {
  const ImportResult result = import_over(kExisting, "  /a/{id}: {get: {}}\n  /gone: {get: {}}\n");
  EXPECT_EQ(result.text, kExisting);
  EXPECT_THAT(result.notes, IsEmpty());
}

TEST(ServiceText, KnowsTheServersPathWhereverTheOwnerWroteIt) {
  const ImportResult result = import_over(
      R"({"service": "tickets", "addresses": ["http://t:1"],
          "endpoints": [{"name": "a", "match": "GET /v1/a"}, {"name": "b", "match": "GET /b"}]})",
      "  /a: {get: {}}\n  /b: {get: {}}\n");
  EXPECT_THAT(result.notes, IsEmpty());
  EXPECT_THAT(result.text, testing::Not(HasSubstr("get-")));
}

TEST(ServiceText, LooksForWhatWentBelowPrefixesAlone) {
  const ImportResult result = import_over(
      R"({"service": "tickets", "addresses": ["http://t:1"],
          "endpoints": [{"name": "a", "match": "GET /x/a"}, {"name": "b", "match": "GET /y/b"}]})",
      "  /x/c: {get: {}}\n", {"/x"});
  EXPECT_THAT(lines_of(result.notes), ElementsAre(HasSubstr("\"a\" (GET /x/a) has no operation")));
}

TEST(ServiceText, ReportsMistakesWhereTheyStand) {
  EXPECT_THAT(lines_of(import_over(kExisting, "  /n: {get: {x-usher: {nmae: x}}}\n").problems),
              ElementsAre(HasSubstr("api.yaml:4:24: unknown key \"nmae\"")));
  EXPECT_THAT(lines_of(import_over(kExisting, "  /n: {get: {x-usher: {name: a}}}\n").problems),
              ElementsAre(HasSubstr("api.yaml:4:30: the endpoint \"a\" stands twice, first at "
                                    "services/tickets.json:4:15")));
  const std::string other = R"({"service": "orders", "addresses": [], "endpoints": [{}]})";
  EXPECT_THAT(lines_of(import_over(other, "  /n: {get: {}}\n").problems),
              ElementsAre(HasSubstr("services/tickets.json:1:13: this is the file of \"orders\"")));
  EXPECT_THAT(lines_of(import_over("{", "  /n: {get: {}}\n").problems),
              ElementsAre(HasSubstr("services/tickets.json:1:1: ")));
  EXPECT_THAT(lines_of(import_over(R"({"service": "tickets"})", "  /n: {get: {}}\n").problems),
              ElementsAre(HasSubstr("\"endpoints\" must be a list")));
}

}  // namespace
}  // namespace usher::openapi::test
