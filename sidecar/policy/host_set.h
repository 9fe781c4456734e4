// HostSet: some of a cluster's hosts, by their slots.
//
// A slot is a host's for as long as it is there, so a set keeps its meaning while others come and
// go. A plain value of one word. Thread: any.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace usher::policy {

class HostSet {
 public:
  static constexpr std::size_t kMax = 64;

  constexpr HostSet() = default;
  constexpr bool operator==(const HostSet&) const = default;

  // REQUIRES, here and below: host < kMax.
  constexpr void add(std::size_t host) { bits_ |= bit(host); }
  constexpr void remove(std::size_t host) { bits_ &= ~bit(host); }
  constexpr bool contains(std::size_t host) const { return (bits_ & bit(host)) != 0; }

  constexpr bool empty() const { return bits_ == 0; }
  constexpr std::size_t size() const { return static_cast<std::size_t>(std::popcount(bits_)); }
  // The host with so many others below it. REQUIRES: rank < size().
  constexpr std::size_t at(std::size_t rank) const {
    std::uint64_t bits = bits_;
    for (; rank > 0; --rank) bits &= bits - 1;
    return static_cast<std::size_t>(std::countr_zero(bits));
  }

  constexpr HostSet with(HostSet others) const { return HostSet(bits_ | others.bits_); }
  constexpr HostSet without(HostSet others) const { return HostSet(bits_ & ~others.bits_); }

  // In order of slots. `visit` may change the set, and visits what it was.
  template <typename Visit>
  void for_each(Visit visit) const {
    for (std::uint64_t bits = bits_; bits != 0; bits &= bits - 1) {
      visit(static_cast<std::size_t>(std::countr_zero(bits)));
    }
  }

 private:
  constexpr explicit HostSet(std::uint64_t bits) : bits_(bits) {}
  static constexpr std::uint64_t bit(std::size_t host) { return std::uint64_t{1} << host; }

  std::uint64_t bits_ = 0;
};

}  // namespace usher::policy
