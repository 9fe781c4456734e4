// Documents against the schema of OpenAPI 3.1 and of JSON Schema, by somebody else's validator.
#include <gtest/gtest.h>

#include "support/schema_validator.h"
#include "unit/openapi/support.h"

namespace usher::openapi::test {
namespace {

using usher::test::validate_documents;

std::string shipped(const std::string& service) {
  return (config::test::source_root() / "config/openapi" / (service + ".json")).string();
}

TEST(ValidDocument, IsEachShippedContract) {
  EXPECT_EQ(validate_documents({shipped("auth-service"), shipped("venue-service"),
                                shipped("event-service"), shipped("ticket-service"),
                                shipped("order-service")}),
            "");
}

TEST(ValidDocument, IsTheExportOfTheShippedConfiguration) {
  config::test::Environment environment;
  environment.set("INTERNAL_SERVICE_SECRET", config::test::kSecret);
  const config::test::TempDirectory directory;
  const auto root = config::test::source_root() / "config";
  config::Problems problems;
  const Contracts contracts = read_contracts({root}, problems);
  // One consumer that may call, and one that may not; both without auth-service's key.
  for (const std::string consumer : {"minting-service", "nobody"}) {
    environment.set("USHER_CONSUMER", consumer);
    const auto snapshot = config::load({root}, 0).snapshot;
    ASSERT_NE(snapshot, nullptr);
    directory.write("all.json", export_document(*snapshot, contracts, "").text);
    directory.write("bare.json", export_document(*snapshot, {}, "").text);
    directory.write("one.json", export_document(*snapshot, contracts, "event-service").text);
    EXPECT_EQ(validate_documents({directory.path() / "all.json", directory.path() / "bare.json",
                                  directory.path() / "one.json"}),
              "");
  }
}

// The validator sees what is wrong.
TEST(ValidDocument, IsNotAnyOther) {
  const config::test::TempDirectory directory;
  const auto lines = [&](const std::string& text) {
    directory.write("x.json", text);
    return validate_documents({directory.path() / "x.json"});
  };
  const std::string head = R"({"openapi": "3.1.0", "info": {"title": "", "version": ""}, )";
  EXPECT_EQ(lines(head + R"("paths": {}})"), "");
  EXPECT_NE(lines(head + R"("paths": {"a": {}}})"), "");
  EXPECT_NE(lines(head + R"("components": {"schemas": {"A": {"type": "text"}}}})"), "");
  EXPECT_NE(lines(head + R"("paths": {"/a": {"$ref": "#/components/pathItems/A"}}})"), "");
}

}  // namespace
}  // namespace usher::openapi::test
