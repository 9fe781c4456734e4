// config/schema/: the shipped configuration is as they say, and they take and refuse the same
// values as the loader.
#include <gtest/gtest.h>

#include "support/schema_validator.h"
#include "unit/config/key_place.h"

namespace usher::config::test {
namespace {

std::string schema_file(const std::string& name) {
  return (source_root() / "config/schema" / (name + ".schema.json")).string();
}

TEST(Schemas, TheShippedConfigurationIsAsTheySay) {
  const std::filesystem::path config = source_root() / "config";
  EXPECT_EQ(usher::test::validate_files(schema_file("usher"), {config / "usher.json"}), "");
  std::vector<std::string> services;
  for (const auto& entry : std::filesystem::directory_iterator(config / "services")) {
    services.push_back(entry.path());
  }
  ASSERT_EQ(services.size(), 5U);
  EXPECT_EQ(usher::test::validate_files(schema_file("service"), services), "");
}

// The same verdict on values of every type at every key.
TEST(Schemas, RefuseWhatTheLoaderRefusesForItsType) {
  const TempDirectory directory;
  std::string cases = "[";
  std::size_t refused = 0;
  for_each_key([&](Scope scope, const std::string& name) {
    for (const char* value : {"null", "true", "-1", "1.5", "[null]", "{\"?\": 1}", "\"\""}) {
      // These stand or fall with another key.
      if (std::string_view(value) == "\"\"" && (name == "body" || name == "rewrite")) continue;
      const KeyPlace place(scope, name, value);
      bool bad = false;
      for (const std::string& problem : place.problems()) {
        bad = bad || problem.starts_with(place.file() + ":3:");
      }
      refused += bad ? 1 : 0;
      cases += (cases.size() == 1 ? "\n" : ",\n") + std::string("{\"schema\": \"") +
               schema_file(place.in_service() ? "service" : "usher") +
               "\", \"path\": " + place.path() + ", \"refused\": " + (bad ? "true" : "false") +
               ", \"document\": " + place.text() + "}";
    }
  });
  EXPECT_GT(refused, 500U);
  directory.write("cases.json", cases + "]");
  EXPECT_EQ(usher::test::validate_values(directory.path() / "cases.json"), "");
}

}  // namespace
}  // namespace usher::config::test
