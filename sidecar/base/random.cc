#include "base/random.h"

#include <sys/random.h>

#include "base/check.h"

namespace usher {

Random::Random(std::uint64_t seed) : state_{} {
  for (std::uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15u;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    word = z ^ (z >> 31);
  }
}

Random Random::from_system() {
  std::array<std::uint64_t, 4> state{};
  // Up to 256 bytes are never cut short once the kernel's pool is ready (getrandom(2)).
  USHER_CHECK(getrandom(state.data(), sizeof(state), 0) == static_cast<ssize_t>(sizeof(state)));
  return Random(state);
}

}  // namespace usher
