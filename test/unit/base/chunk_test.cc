#include "base/chunk.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/random.h"

namespace usher {
namespace {

constexpr std::size_t kRoom = sizeof(Chunk::bytes);

std::string all_of(const ChunkQueue& queue) {
  std::string text(queue.size(), '\0');
  queue.copy_to(text);
  return text;
}

TEST(ChunkQueue, IsEmptyAtFirst) {
  ChunkPool pool;
  ChunkQueue queue(pool);
  EXPECT_TRUE(queue.empty());
  EXPECT_EQ(queue.front(), "");
  std::array<iovec, 2> parts{};
  EXPECT_EQ(queue.gather(parts), 0u);
  queue.append("");
  EXPECT_TRUE(queue.empty());
}

TEST(ChunkQueue, FillsBlocksToTheirEnds) {
  ChunkPool pool;
  ChunkQueue queue(pool);
  queue.append(std::string(kRoom - 1, 'a'));
  queue.append("bc");
  EXPECT_EQ(queue.front().size(), kRoom);
  queue.consume(kRoom);
  EXPECT_EQ(queue.front(), "c");
  queue.consume(1);
  EXPECT_TRUE(queue.empty());
}

TEST(ChunkQueue, GathersAsManyAsThereIsRoomFor) {
  ChunkPool pool;
  ChunkQueue queue(pool);
  queue.append(std::string(2 * kRoom + 10, 'x'));
  queue.consume(5);
  std::array<iovec, 2> two{};
  ASSERT_EQ(queue.gather(two), 2u);
  EXPECT_EQ(two[0].iov_len, kRoom - 5);
  EXPECT_EQ(two[1].iov_len, kRoom);
  std::array<iovec, 5> five{};
  ASSERT_EQ(queue.gather(five), 3u);
  EXPECT_EQ(five[2].iov_len, 10u);
}

TEST(ChunkQueue, IsAQueueOfBytes) {
  Random random(1);
  ChunkPool pool(2);
  ChunkQueue queue(pool);
  std::string model;
  for (int i = 0; i < 2000; ++i) {
    if (random.next() % 2 == 0) {
      const std::string bytes(random.next() % 9000, static_cast<char>('a' + i % 26));
      queue.append(bytes);
      model += bytes;
    } else if (!model.empty()) {
      const std::size_t count = random.next() % (std::min<std::size_t>(model.size(), 30'000) + 1);
      queue.consume(count);
      model.erase(0, count);
    }
    ASSERT_EQ(queue.size(), model.size());
    ASSERT_TRUE(model.starts_with(queue.front()));
    ASSERT_EQ(queue.front().empty(), model.empty());
  }
  EXPECT_EQ(all_of(queue), model);
  queue.clear();
  EXPECT_TRUE(queue.empty());
}

TEST(ChunkPool, LendsTheSameBlockAgain) {
  ChunkPool pool(1);
  Chunk* first = pool.take();
  first->begin = first->end = 7;
  Chunk* second = pool.take();
  pool.give_back(first);
  pool.give_back(second);  // freed: one is kept
  EXPECT_EQ(pool.take(), first);
  EXPECT_EQ(first->size(), 0u);
  EXPECT_EQ(first->room(), kRoom);
  pool.give_back(first);
}

TEST(ChunkPool, CountsWhatIsOut) {
  ChunkPool pool(1);
  {
    ChunkQueue queue(pool);
    queue.append(std::string(2 * kRoom + 1, 'a'));
    EXPECT_EQ(pool.lent(), 3u);
    queue.consume(kRoom);
    EXPECT_EQ(pool.lent(), 2u);
  }
  EXPECT_EQ(pool.lent(), 0u);
}

TEST(ChunkQueueDeathTest, NoMoreThanThereIsCanBeTaken) {
  ChunkPool pool;
  ChunkQueue queue(pool);
  queue.append("ab");
  EXPECT_DEATH(queue.consume(3), "invariant broken");
}

}  // namespace
}  // namespace usher
