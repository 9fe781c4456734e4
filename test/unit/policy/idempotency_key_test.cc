#include "policy/idempotency_key.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace usher::policy {
namespace {

http::Fields with_keys(const std::vector<std::string_view>& values) {
  http::Fields fields;
  fields.add("X-Tenant-ID", "t", http::FieldId::TenantId);
  for (const auto value : values) {
    fields.add("Idempotency-Key", value, http::FieldId::IdempotencyKey);
  }
  return fields;
}

TEST(IdempotencyKey, ValidForms) {
  EXPECT_TRUE(is_idempotency_key("a"));
  EXPECT_TRUE(is_idempotency_key("order-7:create.~!"));
  EXPECT_TRUE(is_idempotency_key("\"8e03978e-40d5-43dd-bc93-6894a57f9324\""));
  EXPECT_TRUE(is_idempotency_key(std::string(255, 'x')));
  EXPECT_TRUE(is_idempotency_key('"' + std::string(255, 'x') + '"'));
}

TEST(IdempotencyKey, InvalidForms) {
  for (const std::string& text :
       {std::string(), std::string("\"\""), std::string("\""), std::string("a b"),
        std::string("a\tb"), std::string("a\x7f"), std::string("\xc3\xa9"), std::string("a\"b"),
        std::string("\"a\"b\""), std::string(256, 'x')}) {
    EXPECT_FALSE(is_idempotency_key(text)) << text;
  }
}

TEST(IdempotencyKey, AConsumersOwnIsKeptAsReceived) {
  Random random(1);
  IdempotencyKey key;
  key.choose(with_keys({"\"mine\""}), true, random);
  EXPECT_EQ(key.value(), "\"mine\"");
  EXPECT_FALSE(key.is_made());
  EXPECT_TRUE(key.usable());
}

TEST(IdempotencyKey, WhatIsNoKeyPassesButCountsForNothing) {
  Random random(1);
  IdempotencyKey key;
  key.choose(with_keys({"two words"}), true, random);
  EXPECT_EQ(key.value(), "two words");
  EXPECT_FALSE(key.usable());
  key.choose(with_keys({"a", "a"}), true, random);
  EXPECT_FALSE(key.usable());
  EXPECT_FALSE(key.is_made());
}

TEST(IdempotencyKey, MadeOnlyWhenWantedAndOncePerCall) {
  Random random(1);
  IdempotencyKey key;
  key.choose(with_keys({}), false, random);
  EXPECT_EQ(key.value(), "");
  EXPECT_FALSE(key.usable());
  key.choose(with_keys({}), true, random);
  EXPECT_TRUE(key.is_made());
  EXPECT_TRUE(key.usable());
  const std::string first(key.value());
  EXPECT_EQ(key.value(), first);  // on every attempt
  key.choose(with_keys({}), true, random);
  EXPECT_NE(key.value(), first);  // of another call
}

TEST(IdempotencyKey, MadeKeysAreUuidsOfVersionFour) {
  Random random(2);
  std::set<std::string> seen;
  std::vector<std::set<char>> digits(36);
  for (int i = 0; i < 5'000; ++i) {
    IdempotencyKey key;
    key.choose(with_keys({}), true, random);
    const std::string text(key.value());
    ASSERT_EQ(text.size(), 36u);
    ASSERT_TRUE(is_idempotency_key(text));
    ASSERT_TRUE(seen.insert(text).second);
    for (std::size_t at = 0; at < 36; ++at) digits[at].insert(text[at]);
  }
  for (std::size_t at = 0; at < 36; ++at) {
    if (at == 8 || at == 13 || at == 18 || at == 23) {
      EXPECT_EQ(digits[at], std::set<char>{'-'});
    } else if (at == 14) {
      EXPECT_EQ(digits[at], std::set<char>{'4'});
    } else if (at == 19) {
      EXPECT_EQ(digits[at], (std::set<char>{'8', '9', 'a', 'b'}));
    } else {
      EXPECT_EQ(digits[at].size(), 16u) << at;
    }
  }
}

TEST(IdempotencyKey, Mutations) {
  using http::Method;
  EXPECT_TRUE(is_mutation(Method::Post));
  EXPECT_TRUE(is_mutation(Method::Put));
  EXPECT_TRUE(is_mutation(Method::Patch));
  EXPECT_TRUE(is_mutation(Method::Delete));
  EXPECT_FALSE(is_mutation(Method::Get));
  EXPECT_FALSE(is_mutation(Method::Head));
  EXPECT_FALSE(is_mutation(Method::Options));
}

}  // namespace
}  // namespace usher::policy
