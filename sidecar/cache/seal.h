// Seal: an entry as bytes for Redis, which is not trusted: versioned, and authenticated together
// with its key, so that a foreign, damaged, older or exchanged one is a miss.
//
// Layout, little-endian: magic "UsherC", version, flags; lengths, status; freshness; generation;
// tags; lines, etag, last-modified, body; the first 16 bytes of HMAC-SHA256 over the key and all
// before. Lengths are checked before the MAC, the MAC before anything is used, in constant time.
// The life inside is what counts; Redis' own expiry is for room.
//
// Thread: the owner's.  Bounds: 4 GiB a part.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "cache/entry.h"

namespace usher::cache {

class Sealer {
 public:
  explicit Sealer(std::string_view key);
  ~Sealer();

  // Into `bytes`, which is used again and again.
  void seal(const Entry& entry, std::string& bytes);
  // Null: it is not what was sealed under `key`. What belongs to this process is the caller's to
  // say.
  EntryRef open(std::string_view bytes, const CacheKey& key, std::uint32_t endpoint,
                std::uint64_t begun, std::int64_t now_ms);

 private:
  struct Mac;
  std::unique_ptr<Mac> mac_;
};

}  // namespace usher::cache
