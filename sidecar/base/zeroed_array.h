// ZeroedArray: a table of objects whose bytes are all zero at first. It costs address space, and
// memory only where it has been touched: large tables that few use need no growing.
//
// Owner: whoever has it as a member.  Thread: as T.  Errors: none; without address space the
// process ends.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <type_traits>

#include "base/check.h"

namespace usher {

// T is one for which zeros are a value, as they are for numbers, pointers and atomics of them.
template <typename T>
class ZeroedArray {
 public:
  explicit ZeroedArray(std::size_t size) : size_(size) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (size == 0) return;
    void* const memory = ::mmap(nullptr, size * kObjectSize, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    USHER_CHECK(memory != MAP_FAILED);
    // A huge page would be there as a whole after its first byte.
    ::madvise(memory, size * kObjectSize, MADV_NOHUGEPAGE);
    objects_ = static_cast<T*>(memory);
  }
  ~ZeroedArray() {
    if (objects_ != nullptr) ::munmap(objects_, size_ * kObjectSize);
  }
  ZeroedArray(const ZeroedArray&) = delete;
  ZeroedArray& operator=(const ZeroedArray&) = delete;

  std::size_t size() const { return size_; }
  T& operator[](std::size_t index) { return objects_[index]; }
  const T& operator[](std::size_t index) const { return objects_[index]; }

 private:
  static constexpr std::size_t kObjectSize = sizeof(T);  // NOLINT: of pointers too

  T* objects_ = nullptr;
  std::size_t size_;
};

}  // namespace usher
