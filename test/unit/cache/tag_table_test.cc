#include "cache/tag_table.h"

#include <gtest/gtest.h>

#include <functional>
#include <thread>
#include <vector>

namespace usher::cache {
namespace {

// In the slots of these numbers; both are of one tag's hashes, and independent.
Tag tag_in(std::uint64_t slot, std::uint64_t slot_of_text) {
  Tag tag;
  std::memcpy(tag.id.data(), &slot, sizeof(slot));
  tag.anywhere = slot_of_text;
  return tag;
}

const Tag kOne = tag_in(1, 11);
const Tag kTwo = tag_in(2, 12);

TEST(TagTable, AllIsGoodAtFirst) {
  const TagTable table;
  const Tag tags[] = {kOne, kTwo};
  EXPECT_TRUE(table.is_good(table.now(), tags));
  EXPECT_TRUE(table.is_good(table.now(), {}));
  EXPECT_TRUE(table.is_trusted());
}

TEST(TagTable, InvalidationCountsForWhatWasBegunBefore) {
  TagTable table;
  const std::uint64_t before = table.now();
  table.invalidate(kOne);
  const std::uint64_t after = table.now();
  EXPECT_FALSE(table.is_good(before, {&kOne, 1}));
  EXPECT_TRUE(table.is_good(after, {&kOne, 1}));
  EXPECT_TRUE(table.is_good(before, {&kTwo, 1}));
  EXPECT_TRUE(table.is_good(before, {}));
}

TEST(TagTable, AnswerIsGoodWhileAllItsTagsAre) {
  TagTable table;
  const std::uint64_t begun = table.now();
  const Tag tags[] = {kOne, kTwo};
  table.invalidate(kTwo);
  EXPECT_FALSE(table.is_good(begun, tags));
  EXPECT_TRUE(table.is_good(table.now(), tags));
}

TEST(TagTable, EveryInvalidationCounts) {
  TagTable table;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t begun = table.now();
    ASSERT_TRUE(table.is_good(begun, {&kOne, 1}));
    table.invalidate(kOne);
    ASSERT_FALSE(table.is_good(begun, {&kOne, 1}));
  }
}

TEST(TagTable, TextIsInvalidatedInEveryScope) {
  TagTable table;
  const Tag same_text = tag_in(3, 11);
  const std::uint64_t begun = table.now();
  table.invalidate_anywhere(kOne.anywhere);
  EXPECT_FALSE(table.is_good(begun, {&kOne, 1}));
  EXPECT_FALSE(table.is_good(begun, {&same_text, 1}));
  EXPECT_TRUE(table.is_good(begun, {&kTwo, 1}));
  EXPECT_TRUE(table.is_good(table.now(), {&kOne, 1}));
}

TEST(TagTable, InvalidationInAScopeSaysNothingOfOthers) {
  TagTable table;
  const Tag same_text = tag_in(3, 11);
  const std::uint64_t begun = table.now();
  table.invalidate(kOne);
  EXPECT_TRUE(table.is_good(begun, {&same_text, 1}));
}

TEST(TagTable, SharedSlotMakesAMissAndNeverAStaleHit) {
  TagTable table;
  const Tag neighbour = tag_in(kOne.word() + 5 * TagTable::kSlots, 13);
  const std::uint64_t begun = table.now();
  table.invalidate(neighbour);
  EXPECT_FALSE(table.is_good(begun, {&kOne, 1}));
  table.invalidate(kOne);
  const std::uint64_t between = table.now();
  table.invalidate(neighbour);
  EXPECT_FALSE(table.is_good(begun, {&kOne, 1}));
  EXPECT_FALSE(table.is_good(between, {&kOne, 1}));
}

TEST(TagTable, TagsAndTextsDoNotShareSlots) {
  TagTable table;
  const Tag tag = tag_in(5, 6);
  const std::uint64_t begun = table.now();
  table.invalidate(tag_in(6, 5));
  table.invalidate_anywhere(5);
  EXPECT_TRUE(table.is_good(begun, {&tag, 1}));
}

TEST(TagTable, EverythingIsInvalidatedAtOnce) {
  TagTable table;
  const std::uint64_t begun = table.now();
  table.invalidate_all();
  EXPECT_FALSE(table.is_good(begun, {&kOne, 1}));
  EXPECT_FALSE(table.is_good(begun, {}));
  EXPECT_TRUE(table.is_good(table.now(), {&kOne, 1}));
}

TEST(TagTable, NothingIsGoodWhileTheChannelIsBroken) {
  TagTable table;
  const std::uint64_t before = table.now();
  table.set_trusted(false);
  EXPECT_FALSE(table.is_trusted());
  EXPECT_FALSE(table.is_good(before, {}));
  EXPECT_FALSE(table.is_good(table.now(), {}));
  table.invalidate_all();
  EXPECT_FALSE(table.is_trusted());
}

TEST(TagTable, WhenTheChannelIsBackOnlyWhatWasBegunSinceIsGood) {
  TagTable table;
  const std::uint64_t before = table.now();
  table.set_trusted(false);
  const std::uint64_t meanwhile = table.now();
  table.set_trusted(true);
  EXPECT_TRUE(table.is_trusted());
  EXPECT_FALSE(table.is_good(before, {}));
  EXPECT_FALSE(table.is_good(meanwhile, {}));
  EXPECT_TRUE(table.is_good(table.now(), {&kOne, 1}));
}

TEST(TagTable, WhatIsInvalidatedWhileTheChannelIsBrokenStaysSo) {
  TagTable table;
  table.set_trusted(false);
  table.invalidate(kOne);
  table.set_trusted(true);
  EXPECT_TRUE(table.is_good(table.now(), {&kOne, 1}));
  const std::uint64_t begun = table.now();
  table.invalidate_all();
  table.set_trusted(true);
  EXPECT_FALSE(table.is_good(begun, {}));
}

// An owner's value that grows; each change is acknowledged after the tag was invalidated. Who finds
// an answer good after an acknowledgement has the value of it, or a newer one.
TEST(TagTable, NoAnswerIsOlderThanAnAcknowledgedChange) {
  const std::vector<std::function<void(TagTable&)>> ways = {
      [](TagTable& table) { table.invalidate(kOne); },
      [](TagTable& table) { table.invalidate_anywhere(kOne.anywhere); },
      [](TagTable& table) { table.invalidate_all(); },
      [](TagTable& table) {
        table.set_trusted(false);
        table.set_trusted(true);
      },
  };
  for (const auto& invalidate : ways) {
    TagTable table;
    std::atomic<int> value{0};
    std::atomic<int> acknowledged{0};
    std::atomic<bool> ended{false};
    std::vector<std::thread> readers;
    readers.reserve(3);
    for (int i = 0; i < 3; ++i) {
      readers.emplace_back([&] {
        std::uint64_t begun = table.now();
        int kept = value.load();
        while (!ended.load()) {
          const int least = acknowledged.load();
          if (table.is_good(begun, {&kOne, 1})) {
            ASSERT_GE(kept, least);
          } else {
            begun = table.now();
            kept = value.load();
          }
        }
      });
    }
    for (int change = 1; change <= 20'000; ++change) {
      value.store(change);
      invalidate(table);
      acknowledged.store(change);
    }
    ended.store(true);
    for (std::thread& reader : readers) reader.join();
  }
}

}  // namespace
}  // namespace usher::cache
