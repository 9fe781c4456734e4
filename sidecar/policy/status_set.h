// StatusSet: a set of HTTP status codes, for the lists that a configuration names.
//
// Thread: any. Fixed memory, constant cost. What is no status (below 100, above 599) is never in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>

namespace usher::policy {

class StatusSet {
 public:
  static constexpr int kMin = 100;
  static constexpr int kMax = 599;

  constexpr StatusSet() = default;
  constexpr StatusSet(std::initializer_list<int> statuses) {
    for (const int status : statuses) add(status);
  }
  // All of [first, last] but `without`.
  static constexpr StatusSet range(int first, int last, std::initializer_list<int> without = {}) {
    StatusSet set;
    for (int status = first; status <= last; ++status) set.add(status);
    for (const int status : without) set.remove(status);
    return set;
  }

  constexpr void add(int status) {
    if (is_status(status)) word(status) |= bit(status);
  }
  constexpr void remove(int status) {
    if (is_status(status)) word(status) &= ~bit(status);
  }
  constexpr bool contains(int status) const {
    return is_status(status) && (words_[index(status)] & bit(status)) != 0;
  }

  bool operator==(const StatusSet&) const = default;

 private:
  static constexpr std::size_t kWords = (kMax - kMin) / 64 + 1;

  static constexpr bool is_status(int status) { return status >= kMin && status <= kMax; }
  static constexpr std::size_t index(int status) {
    return static_cast<std::size_t>(status - kMin) / 64;
  }
  static constexpr std::uint64_t bit(int status) {
    return std::uint64_t{1} << (static_cast<unsigned>(status - kMin) % 64);
  }
  constexpr std::uint64_t& word(int status) { return words_[index(status)]; }

  std::array<std::uint64_t, kWords> words_{};
};

}  // namespace usher::policy
