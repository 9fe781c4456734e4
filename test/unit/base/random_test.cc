#include "base/random.h"

#include <gtest/gtest.h>

#include <set>

namespace usher {
namespace {

// Of the authors' reference implementation (prng.di.unimi.it) with this state.
TEST(Random, IsXoshiro256PlusPlus) {
  Random random(std::array<std::uint64_t, 4>{1, 2, 3, 4});
  constexpr std::uint64_t kExpected[] = {41943041,
                                         58720359,
                                         3588806011781223,
                                         3591011842654386,
                                         9228616714210784205u,
                                         9973669472204895162u,
                                         14011001112246962877u,
                                         12406186145184390807u,
                                         15849039046786891736u,
                                         10450023813501588000u};
  for (const std::uint64_t expected : kExpected) EXPECT_EQ(random.next(), expected);
}

// SplitMix64 of the seed 1234567, from the same place.
TEST(Random, IsSeededBySplitMix64) {
  Random seeded(std::uint64_t{1234567});
  Random same(std::array<std::uint64_t, 4>{6457827717110365317u, 3203168211198807973u,
                                           9817491932198370423u, 4593380528125082431u});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(seeded.next(), same.next());
}

TEST(Random, OfTheSystemDiffers) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 10; ++i) seen.insert(Random::from_system().next());
  EXPECT_EQ(seen.size(), 10u);
}

}  // namespace
}  // namespace usher
