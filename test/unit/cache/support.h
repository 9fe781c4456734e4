// What the tests of the cache are made of: heads from lines, keys and entries by name.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/cache_key.h"
#include "cache/entry.h"
#include "http/field_id.h"
#include "http/message.h"

namespace usher::cache {

// Fields that keep their own text.
class OwnedFields {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;

  OwnedFields(std::initializer_list<Pairs::value_type> pairs) : OwnedFields(Pairs(pairs)) {}
  explicit OwnedFields(Pairs pairs) : pairs_(std::move(pairs)) {
    for (const auto& [name, value] : pairs_) fields_.add(name, value, http::field_id(name));
  }
  OwnedFields(const OwnedFields&) = delete;
  OwnedFields& operator=(const OwnedFields&) = delete;

  operator const http::Fields&() const { return fields_; }  // NOLINT: stands for them

 private:
  Pairs pairs_;
  http::Fields fields_;
};

inline CacheKey key_named(std::string_view name) {
  Hasher hasher;
  const ScopeId scope = scope_of(hasher, policy::CacheScope::Tenant, "tenant");
  hasher.begin();
  hasher.add(name);
  return {hasher.end(), scope};
}

inline EntryRef entry_named(std::string_view name, std::string_view body) {
  EntryParts parts;
  parts.key = key_named(name);
  parts.body = body;
  return Entry::make(parts);
}

}  // namespace usher::cache
