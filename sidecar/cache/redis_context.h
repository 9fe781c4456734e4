// RedisContext: what the parts of a RedisTier have in common.
//
// Owner: RedisTier.  Thread: its loop's; the counters are read by any.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "base/counter.h"
#include "base/random.h"
#include "cache/open_invalidations.h"
#include "cache/redis_arguments.h"
#include "cache/redis_client.h"
#include "cache/redis_options.h"
#include "cache/redis_script.h"
#include "cache/seal.h"
#include "cache/tag_table.h"
#include "net/network.h"

namespace usher::cache {

// RedisTierFacts says what they count.
struct RedisTierCounters {
  Counter lookups, hits, misses, lookups_failed, damaged;
  Counter stores, stores_refused, stores_failed;
  Counter invalidations, invalidations_failed, invalidations_given_up;
};

struct RedisContext {
  RedisContext(net::Network& network, RedisClient& client, const RedisOptions& options,
               TagTable& tags, OpenInvalidations& open);

  // A script's call, to which its keys and arguments have to be added.
  RedisArguments& begin_script(const RedisScript& script, bool by_text, std::size_t keys);
  // Sends what `arguments` have; their word `key` says where to. False: not available.
  bool send(RedisCommand& command, std::size_t key);
  bool send_script(RedisCommand& command) { return send(command, 3); }

  bool send_invalidation(RedisCommand& command, ScopeId scope, std::span<const Tag> scope_tags,
                         bool by_text);
  // Redis has taken that: what came from it before is not good in this process's memory.
  void tell_table(std::span<const Tag> scope_tags);

  net::Network& network;
  RedisClient& client;
  const RedisOptions& options;
  TagTable& tags;
  OpenInvalidations& open;

  RedisScripts scripts;
  RedisArguments arguments;
  Sealer sealer;
  Random random = Random::from_system();
  RedisTierCounters counters;
  std::string buffer;  // of what is being sent
};

}  // namespace usher::cache
