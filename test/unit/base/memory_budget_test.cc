#include "base/memory_budget.h"

#include <gtest/gtest.h>

#include "base/chunk.h"

namespace usher {
namespace {

struct CountedSurges final : SurgeEvents {
  int count = 0;
  void on_surge() override { ++count; }
};

TEST(MemoryBudget, SaysHowMuchIsLeft) {
  MemoryBudget budget(1000);
  EXPECT_EQ(budget.limit(), 1000u);
  budget.take(250);
  EXPECT_FALSE(budget.is_tight());
  budget.take(1);
  EXPECT_TRUE(budget.is_tight());
  budget.take(649);
  EXPECT_FALSE(budget.is_spent());
  budget.take(1);
  EXPECT_TRUE(budget.is_spent());
  budget.take(1000);  // what has begun goes on
  EXPECT_EQ(budget.used(), 1901u);
  budget.give_back(1901);
  EXPECT_FALSE(budget.is_tight() || budget.is_spent());
}

TEST(MemoryBudget, WithoutALimitNothingIsTight) {
  MemoryBudget budget;
  budget.take(std::size_t{1} << 40);
  EXPECT_FALSE(budget.is_tight() || budget.is_spent());
}

TEST(MemoryBudget, TellsOfASurgeOnce) {
  MemoryBudget budget;
  CountedSurges surges;
  budget.take(MemoryBudget::kSurge + 1);  // before anybody watches
  budget.give_back(MemoryBudget::kSurge + 1);
  budget.watch(surges);
  budget.take(MemoryBudget::kSurge);
  EXPECT_EQ(surges.count, 0);
  budget.take(1);
  budget.take(1);
  EXPECT_EQ(surges.count, 1);
  budget.give_back(2);
  budget.watch(surges);
  budget.take(1);
  EXPECT_EQ(surges.count, 2);
}

TEST(MemoryCharge, CountsWhatWasSetLastUntilItsEnd) {
  MemoryBudget budget;
  {
    MemoryCharge charge(budget);
    charge.set(100);
    charge.set(30);
    charge.set(70);
    EXPECT_EQ(budget.used(), 70u);
  }
  EXPECT_EQ(budget.used(), 0u);
}

TEST(ChunkPool, CountsWhatIsLent) {
  MemoryBudget budget;
  ChunkPool pool(1, &budget);
  ChunkQueue queue(pool);
  queue.append(std::string(2 * kChunkBytes, 'x'));
  EXPECT_EQ(budget.used(), 3 * kChunkBytes);
  queue.consume(kChunkBytes);
  EXPECT_EQ(budget.used(), 2 * kChunkBytes);
  queue.clear();
  EXPECT_EQ(budget.used(), 0u);
}

}  // namespace
}  // namespace usher
