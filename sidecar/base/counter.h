// Counter: a number that one thread changes and any reads: relaxed, no read-modify-write.
#pragma once

#include <atomic>
#include <cstdint>

namespace usher {

class Counter {
 public:
  void add(std::uint64_t amount = 1) { value_.store(value() + amount, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

}  // namespace usher
