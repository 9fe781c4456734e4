// config_keys.h, config/schema/ and config/REFERENCE.md name the same keys and say the same of
// them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "config/config_keys.h"
#include "config/json_reader.h"
#include "config/object_reader.h"
#include "unit/config/key_place.h"
#include "unit/config/support.h"

namespace usher::config::test {
namespace {

// "outbound.listen" → description, of one scope's keys.
using Descriptions = std::map<std::string, std::string>;

Descriptions described(Scope scope) {
  Descriptions result;
  const bool with_policies =
      scope == Scope::Defaults || scope == Scope::Service || scope == Scope::Endpoint;
  for (const Key& key : kKeys) {
    const bool policy = key.scope == Scope::Policy && with_policies;
    if (key.scope == scope || policy) result[std::string(key.name)] = key.meaning;
  }
  return result;
}

class Schema {
 public:
  explicit Schema(const std::string& name) {
    Problems problems;
    document_ =
        Document::read(source_root() / "config" / "schema", name + ".schema.json", 0, problems);
    for (const Problem& problem : problems.take()) ADD_FAILURE() << to_string(problem);
  }
  const Value& root() const { return document_->root(); }

  // The object that `value` stands for, "$ref" followed.
  const Value& resolved(const Value& value) const {
    const Value* reference = value.find("$ref");
    if (reference == nullptr) return value;
    return *root().find("$defs")->find(reference->text.substr(std::string("#/$defs/").size()));
  }
  Descriptions properties(const Value& object) const {
    return described_members(*resolved(object).find("properties"));
  }
  Descriptions described_members(const Value& properties) const {
    Descriptions result;
    for (const Value& property : properties.children) {
      const Value* text = property.find("description");
      if (text == nullptr) text = resolved(property).find("description");
      result[property.name] = text == nullptr ? "no description" : text->text;
    }
    return result;
  }
  const Value& definition(std::string_view name) const { return *root().find("$defs")->find(name); }
  const Value& property(const Value& object, std::string_view name) const {
    return *resolved(object).find("properties")->find(name);
  }

 private:
  std::unique_ptr<Document> document_;
};

using NamedScopes = std::vector<std::pair<const char*, Scope>>;

// Objects by their names in "$defs".
void expect_objects(const Schema& schema, const NamedScopes& objects) {
  for (const auto& [object, scope] : objects) {
    EXPECT_EQ(schema.properties(schema.definition(object)), described(scope)) << object;
  }
}

TEST(Docs, TheSchemasHaveEveryKeyOfPolicyObjects) {
  const NamedScopes policies = {{"retry_object", Scope::Retry},
                                {"breaker_object", Scope::Breaker},
                                {"breaker_failures", Scope::BreakerFailures},
                                {"concurrency_object", Scope::Concurrency},
                                {"hedge_object", Scope::Hedge}};
  expect_objects(Schema("usher"), policies);
  expect_objects(Schema("service"), policies);
  expect_objects(Schema("service"), {{"cache_object", Scope::EndpointCache},
                                     {"fallback_object", Scope::Fallback},
                                     {"retry_budget_object", Scope::RetryBudget},
                                     {"outlier_object", Scope::Outlier}});
}

TEST(Docs, TheUsherSchemaHasEveryKey) {
  const Schema schema("usher");
  EXPECT_EQ(schema.properties(schema.root()), described(Scope::Usher));
  expect_objects(schema, {{"redis_object", Scope::Redis},
                          {"redis_sentinel", Scope::RedisSentinel},
                          {"redis_tls", Scope::RedisTls}});
  const std::pair<const char*, Scope> objects[] = {
      {"outbound", Scope::Outbound}, {"admin", Scope::Admin}, {"limits", Scope::Limits},
      {"drain", Scope::Drain},       {"log", Scope::Log},     {"cache", Scope::Cache},
      {"defaults", Scope::Defaults}};
  for (const auto& [name, scope] : objects) {
    EXPECT_EQ(schema.properties(schema.property(schema.root(), name)), described(scope)) << name;
  }
}

TEST(Docs, TheServiceSchemaHasEveryKey) {
  const Schema schema("service");
  EXPECT_EQ(schema.properties(schema.root()), described(Scope::Service));
  const Value& endpoint = *schema.property(schema.root(), "endpoints").find("items");
  EXPECT_EQ(schema.properties(endpoint), described(Scope::Endpoint));
  EXPECT_EQ(schema.properties(schema.property(endpoint, "auth")), described(Scope::Auth));
  EXPECT_EQ(schema.properties(schema.property(schema.root(), "auth")), described(Scope::Auth));
}

std::string prefix_of(Scope scope) {
  const std::map<Scope, std::string> prefixes = {{Scope::Outbound, "outbound."},
                                                 {Scope::Admin, "admin."},
                                                 {Scope::Limits, "limits."},
                                                 {Scope::Drain, "drain."},
                                                 {Scope::Log, "log."},
                                                 {Scope::Retry, "retry."},
                                                 {Scope::Breaker, "breaker."},
                                                 {Scope::BreakerFailures, "breaker.failures."},
                                                 {Scope::Concurrency, "concurrency."},
                                                 {Scope::Hedge, "hedge."},
                                                 {Scope::Fallback, "fallback."},
                                                 {Scope::RetryBudget, "retry_budget."},
                                                 {Scope::Outlier, "outlier."},
                                                 {Scope::Cache, "cache."},
                                                 {Scope::Redis, "cache.redis."},
                                                 {Scope::RedisSentinel, "cache.redis.sentinel."},
                                                 {Scope::RedisTls, "cache.redis.tls."},
                                                 {Scope::EndpointCache, "cache."}};
  const auto found = prefixes.find(scope);
  return found == prefixes.end() ? "" : found->second;
}

TEST(Docs, TheReferenceHasEveryKey) {
  std::ifstream file(source_root() / "config" / "REFERENCE.md");
  std::multiset<std::string> rows;
  bool in_table = false;
  bool configuration = true;
  for (std::string line; std::getline(file, line);) {
    if (line == "## Headers") configuration = false;
    in_table = line.starts_with('|') && (in_table || line == "| key | type | default | meaning |");
    if (configuration && in_table && line.starts_with("| `")) rows.insert(line);
  }
  std::multiset<std::string> expected;
  for (const Key& key : kKeys) {
    expected.insert("| `" + prefix_of(key.scope) + std::string(key.name) + "` | " +
                    std::string(key.type) + " | " + std::string(key.default_value) + " | " +
                    std::string(key.meaning) + " |");
  }
  EXPECT_EQ(rows, expected);
}

// A key that nobody reads would be accepted with any value.
TEST(Docs, EveryKeyIsRead) {
  for_each_key([](Scope scope, const std::string& name) {
    // Only a fallback's body may be null; a string needs another key.
    const KeyPlace place(scope, name, name == "body" ? "\"\"" : "null");
    EXPECT_THAT(place.problems(), testing::Contains(testing::StartsWith(place.file() + ":3:")))
        << place.text();
  });
}

// Also what no key of the configuration is: references, lists of objects.
void expect_descriptions(const Schema& schema, const Value& value) {
  if (value.name == "if") return;  // names keys to ask for their values
  for (const Value& child : value.children) expect_descriptions(schema, child);
  if (value.name != "properties" || value.type != Value::Type::Object) return;
  for (const auto& [name, description] : schema.described_members(value)) {
    EXPECT_GT(description.size(), 4U) << name << ": " << description;
    EXPECT_NE(description, "no description") << name;
  }
}

TEST(Docs, TheSchemasDescribeEveryProperty) {
  for (const char* name : {"usher", "service"}) {
    const Schema schema(name);
    EXPECT_EQ(schema.root().find("$schema")->text, "https://json-schema.org/draft/2020-12/schema");
    expect_descriptions(schema, schema.root());
  }
}

}  // namespace
}  // namespace usher::config::test
