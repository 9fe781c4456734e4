// config/schema/: the shipped configuration is as they say, and they take and refuse the same
// values as the loader.
#include <gtest/gtest.h>

#include "support/schema_validator.h"
#include "unit/config/key_place.h"
#include "unit/config/private_key.h"

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

// --- the members of schemes, which the plugins know
// ------------------------------------------------

struct SchemeMembers {
  std::string scheme;
  std::map<std::string, std::string> members;  // with good values
};

const SchemeMembers kSchemes[] = {
    {"hmac",
     {{"secret", R"({"env": "USHER_TEST_SECRET"})"},
      {"preset", "\"ticket\""},
      {"payload", "\"{service}\""},
      {"headers", R"({"service": null, "timestamp": "x-a", "nonce": "", "signature": "x-b",
                      "body_hash": "x-c", "key": null})"},
      {"timestamp_unit", "\"s\""},
      {"nonce_format", "\"hex\""},
      {"encoding", "\"base64\""},
      {"body", "\"js\""},
      {"empty_body", "\"{}\""},
      {"empty_when", "\"falsy\""},
      {"empty_body_hash", "\"sha256\""}}},
    {"service-jwt",
     {{"key", R"({"env": "USHER_TEST_KEY"})"},
      {"expires_in", "\"7d\""},
      {"header", "\"x-token\""}}},
    {"api-key",
     {{"key", R"({"env": "USHER_TEST_SECRET"})"},
      {"service_value", "\"{service}\""},
      {"headers", R"({"service": null, "key": "x-key"})"}}},
};

class SchemeSchemas : public testing::Test {
 protected:
  SchemeSchemas() {
    environment_.set("USHER_TEST_SECRET", kSecret);
    environment_.set("USHER_TEST_KEY", make_private_key());
  }

  // A service signed so, `member` being `value`.
  static std::string service(const SchemeMembers& scheme, const std::string& member,
                             const std::string& value) {
    std::string text = R"({"service": "a", "addresses": ["http://a:1"], "endpoints": [{"name": "e",
"match": "GET /a"}], "auth": {"scheme": ")" +
                       scheme.scheme + '"';
    auto members = scheme.members;
    members[member] = value;
    for (const auto& [name, good] : members) text += ", \"" + name + "\": " + good;
    return text + "}}";
  }
  std::vector<std::string> problems(const std::string& text) {
    directory_.write("usher.json", kUsher);
    directory_.write("services/a.json", text);
    return problems_of(directory_);
  }

  const TempDirectory directory_;
  Environment environment_;
};

TEST_F(SchemeSchemas, GiveTheSameVerdictAsThePlugins) {
  std::string cases = "[";
  for (const SchemeMembers& scheme : kSchemes) {
    std::vector<std::pair<std::string, std::string>> values = {{"secrt", "1"}};
    for (const auto& [member, good] : scheme.members) {
      for (const std::string& value : {good, std::string("true"), std::string("-1")}) {
        values.emplace_back(member, value);
      }
    }
    for (const auto& [member, value] : values) {
      const std::string text = service(scheme, member, value);
      const bool refused = !problems(text).empty();
      EXPECT_EQ(refused, value == "true" || value == "-1" || value == "1") << text;
      cases += (cases.size() == 1 ? "\n" : ",\n") + std::string(R"({"schema": ")") +
               schema_file("service") + R"(", "path": ["auth"], "refused": )" +
               (refused ? "true" : "false") + ", \"document\": " + text + "}";
    }
  }
  directory_.write("cases.json", cases + "]");
  EXPECT_EQ(usher::test::validate_values(directory_.path() / "cases.json"), "");
}

// The plugins list their members in answer to a strange one.
TEST_F(SchemeSchemas, HaveEveryMemberOfThePlugins) {
  for (const SchemeMembers& scheme : kSchemes) {
    const auto found = problems(service(scheme, "qwertzuiop", "1"));
    ASSERT_EQ(found.size(), 1U);
    std::set<std::string> known;
    const std::string marker = "allowed: ";
    std::string rest = found[0].substr(found[0].find(marker) + marker.size());
    for (std::size_t end = 0; end != std::string::npos; rest.erase(0, end + 2)) {
      end = rest.find(", ");
      known.insert(rest.substr(0, end));
      if (end == std::string::npos) break;
    }
    for (const auto& [member, good] : scheme.members) known.erase(member);
    if (scheme.scheme == "service-jwt") known.erase("token");  // or "key"
    EXPECT_TRUE(known.empty()) << scheme.scheme << " has " << *known.begin();
  }
}

}  // namespace
}  // namespace usher::config::test
