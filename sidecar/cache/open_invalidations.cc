#include "cache/open_invalidations.h"

#include <algorithm>

#include "base/random.h"

namespace usher::cache {

OpenInvalidations::OpenInvalidations() : sender_(Random::from_system().next()) {}

void OpenInvalidations::open(std::span<const Tag> tags) {
  ever_.store(true, std::memory_order_release);
  for (const Tag& tag : tags) {
    slots_[tag.word() % kSlots].open.fetch_add(1, std::memory_order_acq_rel);
  }
}

void OpenInvalidations::settle(std::span<const Tag> tags, std::uint64_t sequence) {
  for (const Tag& tag : tags) {
    Slot& slot = slots_[tag.word() % kSlots];
    std::uint64_t settled = slot.settled.load(std::memory_order_relaxed);
    while (settled < sequence && !slot.settled.compare_exchange_weak(settled, sequence)) {
    }
    slot.open.fetch_sub(1, std::memory_order_acq_rel);
  }
}

bool OpenInvalidations::any(std::uint64_t begun, std::span<const Tag> tags) const {
  if (!ever_.load(std::memory_order_acquire)) return false;
  return std::any_of(tags.begin(), tags.end(), [&](const Tag& tag) {
    const Slot& slot = slots_[tag.word() % kSlots];
    return slot.open.load(std::memory_order_acquire) > 0 ||
           slot.settled.load(std::memory_order_acquire) > begun;
  });
}

}  // namespace usher::cache
