#include "openapi/contract.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/openapi/support.h"

namespace usher::openapi::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ContractTest : public testing::Test {
 protected:
  ContractTest() { std::filesystem::create_directory(directory_.path() / "openapi"); }

  // The mistakes of this contract of "tickets".
  Lines mistakes(const std::string& text) {
    directory_.write("openapi/tickets.json", text);
    config::Problems problems;
    const Contracts contracts = read_contracts({directory_.path()}, problems);
    EXPECT_EQ(contracts.empty(), !problems.empty());
    Lines lines;
    const std::string prefix = directory_.path().string() + "/openapi/";
    for (std::string line : lines_of(problems.take())) {
      for (std::size_t at = 0; (at = line.find(prefix)) != std::string::npos;) {
        line.erase(at, prefix.size());
      }
      lines.push_back(line);
    }
    return lines;
  }

  const config::test::TempDirectory directory_;
};

const std::string kHead = R"({"openapi": "3.1.0", "info": {"title": "T", "version": "1"},)"
                          "\n";

TEST_F(ContractTest, IsReadWhole) {
  EXPECT_THAT(mistakes(kHead + R"("paths": {"/a": {"get": {"responses": {"default": {"$ref":
      "#/components/responses/A"}}}}}, "components": {"responses": {"A": {"description": "",
      "content": {"application/json": {"schema": {"properties": {"example": {"type": "string"},
      "$ref": {"type": "string"}}}, "example": {"$ref": 5}}}}}}})"),
              IsEmpty());
}

TEST_F(ContractTest, SaysWhatIsWrong) {
  EXPECT_THAT(mistakes("{"), ElementsAre(HasSubstr("tickets.json:1:1: ")));
  EXPECT_THAT(mistakes(R"({"openapi": "3.0.3", "info": {"title": "T"}})"),
              ElementsAre(HasSubstr("tickets.json:1:1: \"paths\" is missing"),
                          HasSubstr("tickets.json:1:13: a contract is OpenAPI 3.1"),
                          HasSubstr("tickets.json:1:30: \"info\" needs a \"version\"")));
  EXPECT_THAT(mistakes(R"({"swagger": "2.0"})"), ElementsAre(HasSubstr("this is Swagger")));
  EXPECT_THAT(mistakes(kHead + R"("paths": {"/a": {"get": {}, "post": {"responses": {}}},
                                 "/b": {"get": 5}}})"),
              ElementsAre(HasSubstr("an operation must be an object")));
  EXPECT_THAT(mistakes(kHead + R"("paths": {"/a": {"get": {}, "post": {"responses": {}}}}})"),
              ElementsAre(HasSubstr("tickets.json:2:25: an operation needs \"responses\""),
                          HasSubstr("tickets.json:2:51: an operation needs \"responses\"")));
  EXPECT_THAT(mistakes(kHead + R"("paths": {"/a/{x}": {"get": {"responses": {"200": {}}}},
"/a/{y}": {"get": {"responses": {"200": {}}}}}})"),
              ElementsAre(HasSubstr("tickets.json:3:19: this is the same operation as that at "
                                    "tickets.json:2:29")));
  EXPECT_THAT(
      mistakes(kHead + R"("paths": {"/a": {"get": {"responses": {"200": {"content": {
"x/y": {"schema": {"$ref": "other.json"}},
"x/z": {"schema": {"items": {"$ref": "#/components/schemas/A"}}}}}}}}}})"),
      ElementsAre(HasSubstr("tickets.json:3:28: a reference of a contract leads to its own"),
                  HasSubstr("tickets.json:4:38: \"#/components/schemas/A\" is not in")));
}

TEST_F(ContractTest, OfALaterDirectoryReplacesOneOfTheSameName) {
  const config::test::TempDirectory later;
  std::filesystem::create_directory(later.path() / "openapi");
  const std::string paths = R"("paths": {}})";
  directory_.write("openapi/a.json", kHead + paths);
  directory_.write("openapi/b.json", "{");
  directory_.write("openapi/.hidden.json", "{");
  directory_.write("openapi/README.md", "{");
  later.write("openapi/b.json", kHead + paths);
  config::Problems problems;
  const Contracts contracts =
      read_contracts({directory_.path(), later.path(), "/nowhere"}, problems);
  EXPECT_THAT(lines_of(problems.take()), IsEmpty());
  ASSERT_EQ(contracts.size(), 2U);
  EXPECT_EQ(contracts[0]->service(), "a");
  EXPECT_EQ(contracts[1]->service(), "b");
  EXPECT_EQ(find_contract(contracts, "b"), contracts[1].get());
  EXPECT_EQ(find_contract(contracts, "c"), nullptr);
}

TEST_F(ContractTest, IsHeldAgainstTheEndpoints) {
  const auto snapshot =
      load_endpoints(R"({"name": "a", "match": "GET /a/{x}"}, {"name": "b", "match": "POST /b"})",
                     R"("base_path": "/v1", )");
  const std::string operation = R"({"responses": {"200": {"description": ""}}})";
  Contracts contracts =
      contract_of("{\"/v1/a/{id}\": {\"get\": " + operation + ", \"put\": " + operation + "}}");
  contracts.push_back(std::move(contract_of("{}", "{}", "other").front()));
  config::Problems warnings;
  check_contracts(*snapshot, contracts, warnings);
  EXPECT_THAT(
      lines_of(warnings.take()),
      ElementsAre(
          HasSubstr("other.json:1:1: warning: there is no service \"other\""),
          HasSubstr(
              "tickets.json:1:62: warning: the contract lacks the endpoint \"b\" (POST /v1/b)"),
          HasSubstr(
              "tickets.json:1:139: warning: no endpoint of \"tickets\" serves PUT /v1/a/{id}")));
}

TEST_F(ContractTest, OfTheShippedServicesNamesTheirEndpointsAllOfThem) {
  config::test::Environment environment;
  environment.set("USHER_CONSUMER", "nobody");
  const auto directory = config::test::source_root() / "config";
  const auto snapshot = config::load({directory}, 0).snapshot;
  ASSERT_NE(snapshot, nullptr);
  config::Problems problems;
  const Contracts contracts = read_contracts({directory}, problems);
  EXPECT_EQ(contracts.size(), 5U);
  check_contracts(*snapshot, contracts, problems);
  EXPECT_THAT(lines_of(problems.take()), IsEmpty());
}

}  // namespace
}  // namespace usher::openapi::test
