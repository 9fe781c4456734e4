// TagTable: when a tag was last invalidated, as a sequence of this process, in fixed memory.
//
// Tags share slots by their hash: a shared slot can only make an answer look older than it is,
// which is a miss, never a stale hit. An answer that was begun at sequence s is good while no slot
// of its tags has been invalidated after s: so a fetch that was running during an invalidation
// never counts after it, whichever of them is stored first.
//
// An invalidation counts from when it returns: what is asked for after that is good only if it was
// begun after the invalidation.
//
// With Redis, what other sidecars invalidate arrives by a channel (invalidation_channel.h). While
// that is broken, nothing that is in memory is good; when it is back, only what was begun since.
//
// Owner: SharedCache.  Thread: any; no locks.  Memory: 1 MiB, of which untouched pages cost
// nothing.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/zeroed_array.h"
#include "cache/tag.h"

namespace usher::cache {

class TagTable {
 public:
  static constexpr std::size_t kSlots = 64 * 1024;  // for tags in a scope, and as many for texts

  // Before a fetch or a lookup begins.
  std::uint64_t now() const { return sequence_.load(std::memory_order_acquire); }

  void invalidate(const Tag& tag);
  // In every scope, by Tag::anywhere.
  void invalidate_anywhere(std::uint64_t anywhere);
  // Everything that was begun before this.
  void invalidate_all();

  // Was an answer that was begun at `begun` not invalidated since?
  bool is_good(std::uint64_t begun, std::span<const Tag> tags) const {
    return begun >= trusted_from_.load(std::memory_order_acquire) && is_untouched(begun, tags);
  }
  // The same as far as this process knows: also while the channel is broken.
  bool is_untouched(std::uint64_t begun, std::span<const Tag> tags) const;

  // The channel to the other sidecars is there, or broken. It is there from the start unless this
  // was called with false.
  void set_trusted(bool trusted);
  bool is_trusted() const { return trusted_from_.load(std::memory_order_acquire) != kNothing; }

 private:
  using Sequence = std::atomic<std::uint64_t>;
  static constexpr std::uint64_t kNothing = UINT64_MAX;

  std::uint64_t advance();
  static void raise(Sequence& slot, std::uint64_t sequence);

  Sequence sequence_{1};
  // What was begun before either is not good.
  Sequence all_{0};
  Sequence trusted_from_{0};  // kNothing: nothing is good
  ZeroedArray<Sequence> slots_{2 * kSlots};
};

}  // namespace usher::cache
