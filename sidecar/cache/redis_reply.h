// RedisReply: what Redis said, as a view.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

struct redisReply;

namespace usher::cache {

// A reply, valid until on_reply returns.
class RedisReply {
 public:
  enum class Type : std::uint8_t { Nil, Status, Error, Integer, String, Array };

  explicit RedisReply(const redisReply* reply) : reply_(reply) {}
  Type type() const;
  bool is_nil() const { return type() == Type::Nil; }
  std::string_view text() const;  // of a status, an error or a string; else empty
  std::int64_t integer() const;   // of an integer; of a string that is one, else 0
  std::size_t size() const;       // of an array, else 0
  // REQUIRES: index < size().
  RedisReply operator[](std::size_t index) const;

 private:
  const redisReply* reply_;
};

}  // namespace usher::cache
