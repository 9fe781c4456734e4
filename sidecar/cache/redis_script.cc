// Why a late store is never seen: its generation was read before its fetch began, an invalidation
// raises the scope's generation and writes it to the tags, and the store is refused where a tag is
// younger than it. A tag that is not there may have been lost after an invalidation: it is made
// anew as if it had been invalidated just now, so the store is refused then too, unless nothing of
// the scope was invalidated meanwhile.
#include "cache/redis_script.h"

#include <openssl/evp.h>

#include <array>

#include "base/check.h"
#include "cache/hex.h"

namespace usher::cache {
namespace {

// MGET, since it says "nothing" of a key of another type, where GET fails.
constexpr std::string_view kPrelude = R"(
local function number(text)
  if text and #text <= 16 and string.find(text, '^%d+$') then return tonumber(text) end
end
local function microseconds()
  local now = redis.call('TIME')
  return now[1] * 1000000 + now[2]
end
local function digits(value) return string.format('%.0f', value) end
)";

constexpr std::string_view kGeneration = R"(
local current = number(redis.call('MGET', KEYS[1])[1])
if not current then
  current = microseconds()
  redis.call('SET', KEYS[1], digits(current), 'PX', ARGV[1])
end
return digits(current)
)";

constexpr std::string_view kStore = R"(
local values = redis.call('MGET', unpack(KEYS, 2))
local current = number(values[1])
local generation = tonumber(ARGV[1])
if not current or generation > current then return 0 end
local good = true
for i = 3, #KEYS do
  local tag = number(values[i - 1])
  if not tag then
    tag = current
    redis.call('SET', KEYS[i], digits(tag), 'PX', ARGV[4])
  end
  good = good and tag <= generation
end
if not good then return 0 end
for i = 2, #KEYS do
  if redis.call('PTTL', KEYS[i]) < tonumber(ARGV[3]) then
    redis.call('PEXPIRE', KEYS[i], ARGV[4])
  end
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
)";

// Only what is there is written: a tag or generation that is not there makes answers misses
// anyway. DEL is allowed when Redis is full, and once a script has written, so is the rest of it.
constexpr std::string_view kInvalidate = R"(
local generation = microseconds()
for i = 1, #KEYS do
  local previous = number(redis.call('MGET', KEYS[i])[1])
  if previous and previous >= generation then generation = previous + 1 end
end
for i = 1, #KEYS do
  local life = redis.call('PTTL', KEYS[i])
  redis.call('DEL', KEYS[i])
  if life > 0 then redis.call('SET', KEYS[i], digits(generation), 'PX', life) end
end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1
)";

constexpr std::string_view kAnnounce = R"(
redis.call('SADD', KEYS[1], ARGV[1])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return 1
)";

constexpr std::string_view kUnlock = R"(
if redis.call('MGET', KEYS[1])[1] == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
)";

}  // namespace

RedisScript::RedisScript(std::string_view body) : text_(kPrelude) {
  text_.append(body);
  std::array<unsigned char, 20> digest;
  unsigned size = 0;
  USHER_CHECK(EVP_Digest(text_.data(), text_.size(), digest.data(), &size, EVP_sha1(), nullptr) ==
              1);
  append_hex(sha_, digest);
}

bool is_noscript(const RedisReply& reply) {
  return reply.type() == RedisReply::Type::Error && reply.text().starts_with("NOSCRIPT");
}

RedisScripts::RedisScripts()
    : generation(kGeneration),
      store(kStore),
      invalidate(kInvalidate),
      announce(kAnnounce),
      unlock(kUnlock) {}

}  // namespace usher::cache
