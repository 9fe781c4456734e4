#include "cache/redis_arguments.h"

#include "cache/hex.h"

namespace usher::cache {

RedisArguments& RedisArguments::begin(std::string_view command) {
  bytes_.clear();
  words_.clear();
  return add(command);
}

RedisArguments& RedisArguments::close_word(std::size_t offset) {
  words_.push_back({nullptr, offset, bytes_.size() - offset});
  return *this;
}

RedisArguments& RedisArguments::add(std::string_view word) {
  const std::size_t offset = bytes_.size();
  bytes_.append(word);
  return close_word(offset);
}

RedisArguments& RedisArguments::add(std::uint64_t number) {
  const std::size_t offset = bytes_.size();
  bytes_.append(std::to_string(number));
  return close_word(offset);
}

RedisArguments& RedisArguments::add_large(std::string_view bytes) {
  words_.push_back({bytes.data(), 0, bytes.size()});
  return *this;
}

void RedisArguments::append_scope(ScopeId scope) {
  bytes_.append(*prefix_).push_back('{');
  append_hex(bytes_, scope.value);
  bytes_.push_back('}');
}

RedisArguments& RedisArguments::add_name(ScopeId scope, std::string_view kind,
                                         const Digest& digest) {
  const std::size_t offset = bytes_.size();
  append_scope(scope);
  bytes_.append(kind);
  append_hex(bytes_, digest.bytes);
  return close_word(offset);
}

RedisArguments& RedisArguments::add_generation(ScopeId scope) {
  const std::size_t offset = bytes_.size();
  append_scope(scope);
  bytes_.append(":g");
  return close_word(offset);
}

RedisArguments& RedisArguments::add_tag(ScopeId scope, const Tag& tag) {
  const std::size_t offset = bytes_.size();
  append_scope(scope);
  bytes_.append(":t:");
  append_hex(bytes_, tag.id);
  return close_word(offset);
}

RedisArguments& RedisArguments::add_scopes() {
  const std::size_t offset = bytes_.size();
  bytes_.append(*prefix_).append("scopes");
  return close_word(offset);
}

RedisArguments& RedisArguments::add_channel() {
  return add(invalidation_channel(*prefix_));
}

std::span<const std::string_view> RedisArguments::view() {
  views_.clear();
  for (const Word& word : words_) {
    const char* bytes = word.large != nullptr ? word.large : bytes_.data() + word.offset;
    views_.emplace_back(bytes, word.size);
  }
  return views_;
}

std::string invalidation_channel(std::string_view prefix) {
  return std::string(prefix) + "i";
}

}  // namespace usher::cache
