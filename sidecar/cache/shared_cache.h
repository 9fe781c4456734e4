// SharedCache: what all workers of a process share of the cache.
//
// Owner: Server.  Thread: any.
#pragma once

#include <cstddef>

#include "cache/flights.h"
#include "cache/memory_cache.h"
#include "cache/open_invalidations.h"
#include "cache/tag_table.h"

namespace usher::cache {

struct SharedCache {
  explicit SharedCache(std::size_t memory_bytes) : memory(memory_bytes) {}

  MemoryCache memory;
  TagTable tags;
  Flights flights;
  OpenInvalidations open;  // what Redis has not taken yet
};

}  // namespace usher::cache
