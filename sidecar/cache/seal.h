// Seal: an entry as bytes for Redis, which is not trusted: versioned, and authenticated together
// with its key, so that a foreign, damaged, older or exchanged one is a miss.
//
// Layout, little-endian: magic "UsherC", version, flags; lengths, status; freshness; generation;
// tags; lines, etag, last-modified, body; the first 16 bytes of HMAC-SHA256 over the key and all
// before. Lengths are checked before the MAC, the MAC before anything is used, in constant time.
// The life inside is what counts; Redis' own expiry is for room.
//
// Keys are rotated with an overlap: one seals, and what others have sealed is opened too. An entry
// does not say which key sealed it; each is tried in turn.
//
// Thread: the owner's.  Bounds: 4 GiB a part.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cache/entry.h"

namespace usher::cache {

class Sealer {
 public:
  // Seals with `key`; opens what was sealed with it or one of `others`.
  explicit Sealer(std::string_view key, std::span<const std::string> others = {});
  ~Sealer();

  // Into `bytes`, which is used again and again.
  void seal(const Entry& entry, std::string& bytes);
  // Null: it is not what was sealed for `key`. What belongs to this process is the caller's to
  // say.
  EntryRef open(std::string_view bytes, const CacheKey& key, std::uint32_t endpoint,
                std::uint64_t begun, std::int64_t now_ms);

 private:
  struct Mac;
  bool is_authentic(const CacheKey& key, std::string_view bytes);

  std::vector<std::unique_ptr<Mac>> macs_;  // one a key; the first seals
  std::vector<Tag> tags_;                   // of what is being opened, where they are aligned
};

}  // namespace usher::cache
