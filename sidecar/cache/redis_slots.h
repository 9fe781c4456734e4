// What a cluster says of its slots, as pure functions: which slot a key has, who has which slots,
// and where an error reply sends a command.
//
// Source: Redis cluster specification (key distribution model, hash tags, MOVED and ASK), CLUSTER
// SLOTS.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/redis_options.h"
#include "cache/redis_reply.h"

namespace usher::cache {

inline constexpr unsigned kRedisSlots = 16384;

// Of the key, or of what is in its first braces, if there is something.
unsigned slot_of(std::string_view key);

struct Redirection {
  bool only_once = false;  // ASK: the slot is on its way there; else MOVED: it is there
  unsigned slot = 0;
  RedisAddress to{};
};
// Nothing: this error is no redirection. `asked` is who said so: a node may leave its own host out.
std::optional<Redirection> parse_redirection(std::string_view error, const RedisAddress& asked);

struct SlotRange {
  unsigned first = 0;
  unsigned last = 0;
  RedisAddress master{};
};
// Of a reply to CLUSTER SLOTS; what is not as it should be is left out.
std::vector<SlotRange> parse_slots(const RedisReply& reply, const RedisAddress& asked);

}  // namespace usher::cache
