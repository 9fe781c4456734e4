// OpenInvalidations: what the tiers and the channel of one process know together: the tags whose
// invalidation Redis has not taken yet, and the process's name in messages.
//
// What Redis says of an answer with such a tag is not believed here, since it may be older than a
// mutation that a consumer of this process has seen the end of. Tags share slots by their hash: a
// shared slot can only make a miss.
//
// Owner: SharedCache.  Thread: any; no locks.  Memory: 16 KiB.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "cache/tag.h"

namespace usher::cache {

class OpenInvalidations {
 public:
  OpenInvalidations();

  // By which its own messages are known.
  std::uint64_t sender() const { return sender_; }

  // One for which settle() follows.
  void open(std::span<const Tag> tags);
  // Redis has taken it, or it was given up. `sequence`: TagTable::now() after that.
  void settle(std::span<const Tag> tags, std::uint64_t sequence);

  // May an answer that was looked up since `begun` (TagTable::now()) be too old?
  bool any(std::uint64_t begun, std::span<const Tag> tags) const;

 private:
  static constexpr std::size_t kSlots = 1024;
  struct Slot {
    std::atomic<std::uint32_t> open{0};     // how many are
    std::atomic<std::uint64_t> settled{0};  // when the last one was
  };

  std::uint64_t sender_;
  std::atomic<bool> ever_{false};  // was there one? Mostly not
  std::array<Slot, kSlots> slots_;
};

}  // namespace usher::cache
