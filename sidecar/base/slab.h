// Slab: objects of one type at addresses that stay, made and recycled without the heap once warm,
// up to a bound.
//
// Memory comes in blocks of kBlock objects and is kept until the slab goes. Thread: the owner's.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "base/check.h"

namespace usher {

template <typename T, std::size_t kBlock = 16>
class Slab {
 public:
  explicit Slab(std::size_t capacity) : capacity_(capacity) {}
  // REQUIRES: every object was destroyed.
  ~Slab() { USHER_CHECK(size_ == 0); }
  Slab(const Slab&) = delete;
  Slab& operator=(const Slab&) = delete;

  // Null when `capacity` objects are alive.
  template <typename... Arguments>
  T* create(Arguments&&... arguments) {
    if (size_ == capacity_) return nullptr;
    if (free_ == nullptr) grow();
    Slot* slot = free_;
    free_ = slot->next;
    ++size_;
    return new (slot->storage) T(std::forward<Arguments>(arguments)...);
  }

  void destroy(T* object) {
    object->~T();
    Slot* slot = reinterpret_cast<Slot*>(object);
    slot->next = free_;
    free_ = slot;
    --size_;
  }

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  void raise_capacity(std::size_t capacity) { capacity_ = std::max(capacity_, capacity); }

 private:
  union Slot {
    Slot* next;
    alignas(T) unsigned char storage[sizeof(T)];
  };

  void grow() {
    blocks_.push_back(std::make_unique<std::array<Slot, kBlock>>());
    for (Slot& slot : *blocks_.back()) {
      slot.next = free_;
      free_ = &slot;
    }
  }

  std::size_t capacity_;
  std::size_t size_ = 0;
  Slot* free_ = nullptr;
  std::vector<std::unique_ptr<std::array<Slot, kBlock>>> blocks_;
};

}  // namespace usher
