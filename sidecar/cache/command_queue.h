// CommandQueue: commands that wait for their replies, in order, each with a number that stays.
//
// Thread: the owner's.  Memory: grows to what it had to hold, and is given back when a large queue
// is empty.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "base/clock.h"

namespace usher::cache {

class RedisCommand;

class CommandQueue {
 public:
  struct Place {
    RedisCommand* command = nullptr;  // null: nobody waits any more
    Instant deadline{};
  };

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  // Returns its number.
  std::uint64_t push(const Place& place) {
    if (size_ == places_.size()) grow();
    at(first_ + size_) = place;
    return first_ + size_++;
  }
  // REQUIRES: not empty.
  Place& front() { return at(first_); }
  Place pop() {
    USHER_CHECK(size_ > 0);
    const Place place = front();
    ++first_;
    if (--size_ == 0 && places_.size() > kKept) places_ = {};
    return place;
  }
  // The number of the front.
  std::uint64_t first() const { return first_; }
  bool holds(std::uint64_t number) const { return number - first_ < size_; }
  // REQUIRES: holds(number).
  Place& operator[](std::uint64_t number) {
    USHER_CHECK(holds(number));
    return at(number);
  }
  template <typename Visit>
  void for_each(Visit visit) {
    for (std::size_t i = 0; i < size_; ++i) visit(at(first_ + i));
  }

 private:
  static constexpr std::size_t kSmallest = 16;
  static constexpr std::size_t kKept = 1024;

  // Sizes are powers of two.
  Place& at(std::uint64_t number) { return places_[number & (places_.size() - 1)]; }
  void grow() {
    std::vector<Place> larger(places_.empty() ? kSmallest : 2 * places_.size());
    for (std::uint64_t i = first_; i < first_ + size_; ++i) {
      larger[i & (larger.size() - 1)] = at(i);
    }
    places_.swap(larger);
  }

  std::vector<Place> places_;
  std::uint64_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace usher::cache
