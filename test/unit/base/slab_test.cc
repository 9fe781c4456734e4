#include "base/slab.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace usher {
namespace {

struct Counted {
  explicit Counted(int initial) : value(initial) { ++alive; }
  ~Counted() { --alive; }
  int value;
  static inline int alive = 0;
};

TEST(Slab, MakesUpToItsCapacity) {
  Slab<Counted, 4> slab(10);
  std::set<Counted*> objects;
  for (int i = 0; i < 10; ++i) objects.insert(slab.create(i));
  EXPECT_EQ(objects.size(), 10u);
  EXPECT_EQ(objects.count(nullptr), 0u);
  EXPECT_EQ(slab.create(10), nullptr);
  EXPECT_EQ(slab.size(), 10u);
  EXPECT_EQ(Counted::alive, 10);
  for (Counted* object : objects) slab.destroy(object);
  EXPECT_EQ(Counted::alive, 0);
}

TEST(Slab, UsesPlacesAgain) {
  Slab<Counted> slab(2);
  Counted* first = slab.create(1);
  Counted* second = slab.create(2);
  slab.destroy(first);
  EXPECT_EQ(second->value, 2);
  EXPECT_EQ(slab.create(3), first);
  EXPECT_EQ(first->value, 3);
  slab.destroy(first);
  slab.destroy(second);
}

TEST(Slab, AlignsItsObjects) {
  struct alignas(64) Wide {
    char byte;
  };
  Slab<Wide, 3> slab(7);
  std::vector<Wide*> objects;
  for (int i = 0; i < 7; ++i) objects.push_back(slab.create());
  for (Wide* object : objects) EXPECT_EQ(reinterpret_cast<std::uintptr_t>(object) % 64, 0u);
  for (Wide* object : objects) slab.destroy(object);
}

TEST(SlabDeathTest, LeftObjectsAreABrokenInvariant) {
  EXPECT_DEATH(
      {
        Slab<Counted> slab(1);
        slab.create(1);
      },
      "invariant broken: size_ == 0");
}

}  // namespace
}  // namespace usher
