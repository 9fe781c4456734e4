// Random: the only source of chance, one per worker, seeded by the operating system or by a test.
//
// Thread: the owner's. Not for keys: for trace ids, nonces (which must be unique, not secret) and
// jitter. Source: xoshiro256++ 1.0, Blackman and Vigna; seeding by SplitMix64 as they advise.
#pragma once

#include <array>
#include <cstdint>

namespace usher {

class Random {
 public:
  explicit Random(std::uint64_t seed);
  explicit Random(const std::array<std::uint64_t, 4>& state) : state_(state) {}

  // Seeded with 256 bits of the operating system's generator.
  static Random from_system();

  std::uint64_t next() {
    const std::uint64_t result = rotate(state_[0] + state_[3], 23) + state_[0];
    const std::uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

 private:
  static constexpr std::uint64_t rotate(std::uint64_t x, int k) {
    return (x << k) | (x >> (64 - k));
  }

  std::array<std::uint64_t, 4> state_;
};

}  // namespace usher
