#include "cache/tag_table.h"

#include <algorithm>

namespace usher::cache {
namespace {

std::size_t slot_of(const Tag& tag) {
  return tag.word() % TagTable::kSlots;
}

// In the second half.
std::size_t slot_of_text(std::uint64_t anywhere) {
  return TagTable::kSlots + anywhere % TagTable::kSlots;
}

}  // namespace

std::uint64_t TagTable::advance() {
  return sequence_.fetch_add(1, std::memory_order_acq_rel) + 1;
}

// Several may invalidate at once: the latest counts.
void TagTable::raise(Sequence& slot, std::uint64_t sequence) {
  std::uint64_t current = slot.load(std::memory_order_relaxed);
  while (current < sequence &&
         !slot.compare_exchange_weak(current, sequence, std::memory_order_release,
                                     std::memory_order_relaxed)) {
  }
}

void TagTable::invalidate(const Tag& tag) {
  raise(slots_[slot_of(tag)], advance());
}

void TagTable::invalidate_anywhere(std::uint64_t anywhere) {
  raise(slots_[slot_of_text(anywhere)], advance());
}

void TagTable::invalidate_all() {
  raise(all_, advance());
}

void TagTable::set_trusted(bool trusted) {
  trusted_from_.store(trusted ? advance() : kNothing, std::memory_order_release);
}

bool TagTable::is_untouched(std::uint64_t begun, std::span<const Tag> tags) const {
  if (begun < all_.load(std::memory_order_acquire)) return false;
  return std::all_of(tags.begin(), tags.end(), [&](const Tag& tag) {
    return slots_[slot_of(tag)].load(std::memory_order_acquire) <= begun &&
           slots_[slot_of_text(tag.anywhere)].load(std::memory_order_acquire) <= begun;
  });
}

}  // namespace usher::cache
