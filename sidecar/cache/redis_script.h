// RedisScript: a script that Redis runs as one step, called by its digest, or by its text where
// Redis has not seen it yet (NOSCRIPT).
//
// All keys of a call are on one slot. A generation is a number below 10^16 in decimal digits; what
// is something else counts as not there.
//
// Thread: any; immutable.
#pragma once

#include <string>
#include <string_view>

#include "cache/redis_client.h"

namespace usher::cache {

class RedisScript {
 public:
  explicit RedisScript(std::string_view body);

  const std::string& text() const { return text_; }
  const std::string& sha() const { return sha_; }  // SHA-1 of it, in hexadecimal digits

 private:
  std::string text_;
  std::string sha_;
};

bool is_noscript(const RedisReply& reply);

struct RedisScripts {
  RedisScripts();

  // KEYS: the generation. ARGV: its life in ms. Returns it; makes it from the server's time.
  RedisScript generation;
  // KEYS: the entry, the generation, tags. ARGV: the entry's generation, its bytes, its life in ms,
  // and the tags' life, which is longer. Returns 1, or 0 when it must not be stored.
  RedisScript store;
  // KEYS: the generation, tags. ARGV: the channel, the message. Works while Redis is full.
  RedisScript invalidate;
  // KEYS: the set of scopes. ARGV: a scope, the least life in ms, and the one it gets.
  RedisScript announce;
  // KEYS: the lock. ARGV: its token.
  RedisScript unlock;
};

}  // namespace usher::cache
