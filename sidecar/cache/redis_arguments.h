// RedisArguments: the words of one command, the names of Usher's keys among them, in memory that is
// used again and again.
//
// Owner: a RedisTier.  Thread: its loop's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cache/cache_key.h"
#include "cache/tag.h"

namespace usher::cache {

class RedisArguments {
 public:
  // `prefix` outlives it.
  explicit RedisArguments(const std::string& prefix) : prefix_(&prefix) {}

  // A new command.
  RedisArguments& begin(std::string_view command);
  RedisArguments& add(std::string_view word);
  RedisArguments& add(std::uint64_t number);
  // Not copied: `bytes` stay until view() is done with.
  RedisArguments& add_large(std::string_view bytes);

  // Names as redis_tier.h lists them.
  RedisArguments& add_entry(const CacheKey& key) { return add_name(key.scope, ":e:", key.digest); }
  RedisArguments& add_lock(const CacheKey& key) { return add_name(key.scope, ":l:", key.digest); }
  RedisArguments& add_generation(ScopeId scope);
  RedisArguments& add_tag(ScopeId scope, const Tag& tag);
  RedisArguments& add_scopes();
  RedisArguments& add_channel();

  // Until the next begin().
  std::span<const std::string_view> view();

 private:
  struct Word {
    const char* large;   // null: in bytes_
    std::size_t offset;  // there
    std::size_t size;
  };
  RedisArguments& add_name(ScopeId scope, std::string_view kind, const Digest& digest);
  void append_scope(ScopeId scope);
  // A word from what has been appended to bytes_ since `offset`.
  RedisArguments& close_word(std::size_t offset);

  const std::string* prefix_;
  std::string bytes_;
  std::vector<Word> words_;
  std::vector<std::string_view> views_;
};

// The channel of invalidations.
std::string invalidation_channel(std::string_view prefix);

}  // namespace usher::cache
