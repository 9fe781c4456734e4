#include "cache/redis_reply.h"

#include <hiredis/hiredis.h>

#include <charconv>

#include "base/check.h"

namespace usher::cache {

RedisReply::Type RedisReply::type() const {
  switch (reply_->type) {
    case REDIS_REPLY_STATUS:
      return Type::Status;
    case REDIS_REPLY_ERROR:
      return Type::Error;
    case REDIS_REPLY_INTEGER:
      return Type::Integer;
    case REDIS_REPLY_STRING:
      return Type::String;
    case REDIS_REPLY_ARRAY:
      return Type::Array;
    default:
      return Type::Nil;
  }
}

std::string_view RedisReply::text() const {
  return {reply_->str, reply_->len};
}

std::int64_t RedisReply::integer() const {
  if (reply_->type != REDIS_REPLY_STRING) return reply_->integer;
  const std::string_view digits = text();
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return error == std::errc() && end == digits.data() + digits.size() ? value : 0;
}

std::size_t RedisReply::size() const {
  return reply_->elements;
}

RedisReply RedisReply::operator[](std::size_t index) const {
  USHER_CHECK(index < reply_->elements);
  return RedisReply(reply_->element[index]);
}

}  // namespace usher::cache
