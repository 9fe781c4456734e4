// MemoryCache: the answers that a process keeps in memory, within a bound of bytes, for all its
// workers.
//
// Split by the key's hash into shards, each with a lock that is held for some tens of nanoseconds.
// Eviction is S3-FIFO (Yang et al., SOSP 2023): a new answer goes to a small queue (a tenth) and is
// kept on only if it is asked for again, so that a scan does not push out what is in use; a hit
// changes one small counter and moves nothing; keys that were pushed out are remembered as hashes
// (ghosts).
//
// Owner: SharedCache.  Thread: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "cache/entry.h"

namespace usher::cache {

struct MemoryCacheFacts {
  std::size_t bytes = 0;
  std::size_t limit = 0;
  std::size_t entries = 0;
  std::uint64_t evictions = 0;  // for want of room, since the start
};

class MemoryCache {
 public:
  // `limit` bytes in all; 0: keeps nothing.
  explicit MemoryCache(std::size_t limit);
  ~MemoryCache();

  // Null when it is not there. Says nothing of whether it is fresh or good.
  EntryRef find(const CacheKey& key);
  // As find(), without counting as a use.
  EntryRef peek(const CacheKey& key);
  // In place of an older one, which goes in any case. An entry of more than a quarter of its shard
  // (1/64 of the limit) is not kept.
  void put(const EntryRef& entry);
  // Takes it out if it is still this one.
  void remove(const EntryRef& entry);
  void clear();

  // Takes out all for which `drops` is true; says how many. Holds one shard's lock at a time.
  std::size_t remove_if(const std::function<bool(const Entry&)>& drops);

  MemoryCacheFacts facts() const;

 private:
  class Shard;
  static constexpr std::size_t kShards = 16;
  Shard& shard(const CacheKey& key);

  std::size_t limit_;
  std::vector<std::unique_ptr<Shard>> shards_;
};

}  // namespace usher::cache
