#include "cache/tag_table.h"

#include <algorithm>

namespace usher::cache {
namespace {

constexpr std::uint64_t kNothingIsGood = UINT64_MAX;

std::size_t slot_of(const Tag& tag) {
  return tag.word() % TagTable::kSlots;
}

// In the second half.
std::size_t slot_of_text(std::uint64_t anywhere) {
  return TagTable::kSlots + anywhere % TagTable::kSlots;
}

// Several may invalidate at once: the latest counts.
void raise(std::atomic<std::uint64_t>& slot, std::uint64_t sequence) {
  std::uint64_t current = slot.load(std::memory_order_relaxed);
  while (current < sequence &&
         !slot.compare_exchange_weak(current, sequence, std::memory_order_release,
                                     std::memory_order_relaxed)) {
  }
}

}  // namespace

TagTable::TagTable() : slots_(std::make_unique<std::atomic<std::uint64_t>[]>(2 * kSlots)) {}

std::uint64_t TagTable::advance() {
  return sequence_.fetch_add(1, std::memory_order_acq_rel) + 1;
}

void TagTable::invalidate(const Tag& tag) {
  raise(slots_[slot_of(tag)], advance());
}

void TagTable::invalidate_anywhere(std::uint64_t anywhere) {
  raise(slots_[slot_of_text(anywhere)], advance());
}

void TagTable::invalidate_all() {
  const std::uint64_t sequence = advance();
  std::uint64_t current = good_from_.load(std::memory_order_relaxed);
  while (current != kNothingIsGood && current < sequence &&
         !good_from_.compare_exchange_weak(current, sequence, std::memory_order_acq_rel)) {
  }
}

void TagTable::set_trusted(bool trusted) {
  good_from_.store(trusted ? advance() : kNothingIsGood, std::memory_order_release);
}

bool TagTable::is_good(std::uint64_t begun, std::span<const Tag> tags) const {
  if (begun < good_from_.load(std::memory_order_acquire)) return false;
  return std::all_of(tags.begin(), tags.end(), [&](const Tag& tag) {
    return slots_[slot_of(tag)].load(std::memory_order_acquire) <= begun &&
           slots_[slot_of_text(tag.anywhere)].load(std::memory_order_acquire) <= begun;
  });
}

}  // namespace usher::cache
