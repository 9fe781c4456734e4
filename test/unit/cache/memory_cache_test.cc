#include "cache/memory_cache.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>
#include <vector>

#include "base/random.h"
#include "unit/cache/support.h"

namespace usher::cache {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;

std::string name_of(std::uint64_t number) {
  return "key " + std::to_string(number);
}

EntryRef entry_of(std::uint64_t number, std::size_t size) {
  return entry_named(name_of(number), std::string(size, 'x'));
}

bool has(MemoryCache& cache, std::uint64_t number) {
  return static_cast<bool>(cache.peek(key_named(name_of(number))));
}

TEST(MemoryCache, FindsWhatWasPut) {
  MemoryCache cache(kMiB);
  const EntryRef entry = entry_named("a", "body");
  EXPECT_FALSE(cache.find(key_named("a")));
  cache.put(entry);
  EXPECT_EQ(cache.find(key_named("a")).get(), entry.get());
  EXPECT_EQ(cache.peek(key_named("a")).get(), entry.get());
  EXPECT_FALSE(cache.find(key_named("b")));
}

TEST(MemoryCache, KeyIsComparedAsAWhole) {
  MemoryCache cache(kMiB);
  cache.put(entry_named("a", "body"));
  CacheKey other_scope = key_named("a");
  ++other_scope.scope.value;
  EXPECT_FALSE(cache.find(other_scope));
  for (std::size_t i = 0; i < 32; ++i) {
    CacheKey other = key_named("a");
    other.digest.bytes[i] ^= 1;
    EXPECT_FALSE(cache.find(other)) << i;
  }
}

TEST(MemoryCache, NewOneTakesTheOldOnesPlace) {
  MemoryCache cache(kMiB);
  cache.put(entry_of(1, 100));
  const std::size_t bytes = cache.facts().bytes;
  const EntryRef newer = entry_of(1, 150);
  cache.put(newer);
  EXPECT_EQ(cache.find(newer->key()).get(), newer.get());
  EXPECT_EQ(cache.facts().entries, 1U);
  EXPECT_EQ(cache.facts().bytes, bytes + 50);
  cache.put(newer);
  EXPECT_EQ(cache.facts().bytes, bytes + 50);
  EXPECT_EQ(cache.facts().evictions, 0U);
}

TEST(MemoryCache, IsTakenOutOnlyWhileItIsStillThere) {
  MemoryCache cache(kMiB);
  const EntryRef old = entry_of(1, 100);
  const EntryRef newer = entry_of(1, 100);
  cache.put(old);
  cache.put(newer);
  cache.remove(old);
  EXPECT_EQ(cache.peek(newer->key()).get(), newer.get());
  cache.remove(newer);
  EXPECT_FALSE(cache.peek(newer->key()));
  cache.remove(newer);
  EXPECT_EQ(cache.facts().entries, 0U);
  EXPECT_EQ(cache.facts().bytes, 0U);
}

TEST(MemoryCache, AnEntryOutlivesItsPlace) {
  MemoryCache cache(kMiB);
  cache.put(entry_named("a", "body"));
  const EntryRef kept = cache.find(key_named("a"));
  cache.clear();
  EXPECT_EQ(kept->body(), "body");
}

TEST(MemoryCache, KeepsNothingWithoutALimit) {
  MemoryCache cache(0);
  cache.put(entry_of(1, 0));
  EXPECT_FALSE(has(cache, 1));
  EXPECT_EQ(cache.facts().bytes, 0U);
  EXPECT_EQ(cache.facts().limit, 0U);
}

TEST(MemoryCache, LargeEntryIsNotKeptNorTheOneBeforeIt) {
  MemoryCache cache(kMiB);
  const std::size_t largest = kMiB / 16 / 4;
  cache.put(entry_of(1, largest - 1000));
  EXPECT_TRUE(has(cache, 1));
  cache.put(entry_of(1, largest));
  EXPECT_FALSE(has(cache, 1));
  EXPECT_EQ(cache.facts().bytes, 0U);
}

TEST(MemoryCache, AllIsTakenOutThatIsToGo) {
  MemoryCache cache(kMiB);
  for (std::uint64_t i = 0; i < 100; ++i) cache.put(entry_of(i, i));
  const auto is_odd = [](const Entry& entry) { return entry.body().size() % 2 == 1; };
  EXPECT_EQ(cache.remove_if(is_odd), 50U);
  EXPECT_EQ(cache.facts().entries, 50U);
  for (std::uint64_t i = 0; i < 100; ++i) EXPECT_EQ(has(cache, i), i % 2 == 0) << i;
  EXPECT_EQ(cache.remove_if(is_odd), 0U);
  cache.clear();
  EXPECT_EQ(cache.facts().bytes, 0U);
  EXPECT_EQ(cache.facts().entries, 0U);
}

TEST(MemoryCache, FactsCountWhatEntriesHold) {
  MemoryCache cache(kMiB);
  EXPECT_EQ(cache.facts().limit, kMiB);
  cache.put(entry_of(1, 100));
  const EntryRef entry = cache.peek(key_named(name_of(1)));
  const std::size_t overhead = cache.facts().bytes - entry->bytes();
  EXPECT_GT(overhead, sizeof(void*) * 4);
  EXPECT_LT(overhead, 100U);
  cache.put(entry_of(2, 500));
  EXPECT_EQ(cache.facts().bytes, 2 * overhead + 2 * entry->bytes() + 400);
  EXPECT_EQ(cache.facts().entries, 2U);
}

// --- eviction
// -------------------------------------------------------------------------------------

TEST(MemoryCache, StaysWithinItsLimit) {
  MemoryCache cache(kMiB);
  for (std::uint64_t i = 0; i < 5000; ++i) {
    cache.put(entry_of(i, 1000));
    ASSERT_LE(cache.facts().bytes, kMiB);
  }
  const MemoryCacheFacts facts = cache.facts();
  EXPECT_GT(facts.bytes, kMiB * 9 / 10);
  EXPECT_EQ(facts.evictions, 5000 - facts.entries);
}

// Random sequences against a map that forgets nothing: what is found is what was put last, what was
// removed is not found, and sums are those of what is there.
TEST(MemoryCache, IsAMapThatForgets) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    Random random(seed);
    const std::size_t limit = (random.next() % 8 + 1) * 64 * 1024;
    MemoryCache cache(limit);
    std::map<std::uint64_t, EntryRef> all;
    for (int step = 0; step < 20'000; ++step) {
      const std::uint64_t number = random.next() % 400;
      const CacheKey key = key_named(name_of(number));
      const auto kept = all.find(number);
      switch (random.next() % 8) {
        case 0:
        case 1:
        case 2: {
          const EntryRef entry = entry_of(number, random.next() % 1000);
          cache.put(entry);
          all[number] = entry;
          // Whatever had to go, it was not this one, but where it is too large.
          const bool is_there = cache.peek(key).get() == entry.get();
          ASSERT_TRUE(is_there || entry->bytes() + 100 > limit / 16 / 8);
          break;
        }
        case 3:
          if (kept != all.end()) {
            cache.remove(kept->second);
            all.erase(kept);
            ASSERT_FALSE(cache.peek(key));
          }
          break;
        default:
          if (const EntryRef found = cache.find(key)) {
            ASSERT_TRUE(kept != all.end());
            ASSERT_EQ(found.get(), kept->second.get());
          }
      }
      if (step % 5000 == 4999) {
        cache.remove_if([](const Entry& entry) { return entry.body().size() % 10 == 0; });
        std::erase_if(all, [](const auto& one) { return one.second->body().size() % 10 == 0; });
      }
      ASSERT_LE(cache.facts().bytes, limit);
    }
    std::size_t entries = 0;
    for (const auto& [number, entry] : all) {
      const EntryRef found = cache.peek(entry->key());
      ASSERT_TRUE(!found || found.get() == entry.get());
      if (!found) continue;
      ++entries;
      cache.remove(entry);
    }
    EXPECT_GT(entries, 0U);
    EXPECT_EQ(cache.facts().entries, 0U);
    EXPECT_EQ(cache.facts().bytes, 0U);
  }
}

std::size_t count_of(MemoryCache& cache, std::uint64_t first, std::uint64_t last) {
  std::size_t count = 0;
  for (std::uint64_t i = first; i < last; ++i) count += has(cache, i) ? 1 : 0;
  return count;
}

TEST(MemoryCache, ScanDoesNotPushOutWhatIsInUse) {
  MemoryCache cache(kMiB);
  for (std::uint64_t i = 0; i < 200; ++i) cache.put(entry_of(i, 1000));
  for (std::uint64_t i = 0; i < 200; ++i) EXPECT_TRUE(cache.find(key_named(name_of(i))));
  for (std::uint64_t i = 1000; i < 20'000; ++i) cache.put(entry_of(i, 1000));
  EXPECT_EQ(count_of(cache, 0, 200), 200U);
}

TEST(MemoryCache, WhatIsOnlyLookedAtIsPushedOut) {
  MemoryCache cache(kMiB);
  for (std::uint64_t i = 0; i < 200; ++i) cache.put(entry_of(i, 1000));
  EXPECT_EQ(count_of(cache, 0, 200), 200U);  // peek()
  for (std::uint64_t i = 1000; i < 5'000; ++i) cache.put(entry_of(i, 1000));
  EXPECT_EQ(count_of(cache, 0, 200), 0U);
}

TEST(MemoryCache, WhatIsNotUsedAnyMoreGivesWay) {
  MemoryCache cache(kMiB);
  const auto use = [&](std::uint64_t first, std::uint64_t last) {
    for (int time = 0; time < 5; ++time) {
      for (std::uint64_t i = first; i < last; ++i) {
        if (!cache.find(key_named(name_of(i)))) cache.put(entry_of(i, 1000));
      }
    }
  };
  use(0, 500);
  EXPECT_EQ(count_of(cache, 0, 500), 500U);
  for (std::uint64_t first = 1000; first < 20'000; first += 500) use(first, first + 500);
  EXPECT_LT(count_of(cache, 0, 500), 50U);
}

// A key that comes back soon after it was pushed out goes to the main queue at once, where a scan
// does not reach it.
TEST(MemoryCache, GhostsComeBackToStay) {
  MemoryCache cache(kMiB);
  for (std::uint64_t i = 0; i < 2000; ++i) cache.put(entry_of(i, 1000));
  std::vector<std::uint64_t> gone;
  for (std::uint64_t i = 1000; i < 2000; ++i) {
    if (!has(cache, i)) gone.push_back(i);
  }
  ASSERT_GT(gone.size(), 50U);
  gone.erase(gone.begin(), gone.end() - 50);
  for (const std::uint64_t i : gone) cache.put(entry_of(i, 1000));
  for (std::uint64_t i = 5000; i < 8000; ++i) cache.put(entry_of(i, 1000));
  std::size_t stayed = 0;
  for (const std::uint64_t i : gone) stayed += has(cache, i) ? 1 : 0;
  EXPECT_GT(stayed, 40U);
}

// Of 1000 bytes each. The cache has room for some 770 of them.
void put_range(MemoryCache& cache, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t i = first; i < last; ++i) cache.put(entry_of(i, 1000));
}
void use_range(MemoryCache& cache, std::uint64_t first, std::uint64_t last) {
  for (std::uint64_t i = first; i < last; ++i) cache.find(key_named(name_of(i)));
}

// Large ones, so that there are more places for ghosts than answers.
TEST(MemoryCache, GhostsAreForgottenAfterAsManyAsThereAreAnswers) {
  MemoryCache cache(kMiB);
  const auto put = [&](std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t i = first; i < last; ++i) cache.put(entry_of(i, 4000));
  };
  put(0, 1000);
  ASSERT_FALSE(has(cache, 300));
  ASSERT_LT(cache.facts().entries, 300U);
  put(300, 350);  // some 450 followed
  put(1000, 2000);
  EXPECT_LT(count_of(cache, 300, 350), 5U);
}

TEST(MemoryCache, ReplacingKeepsWhatIsKnownOfItsUse) {
  MemoryCache cache(kMiB);
  put_range(cache, 0, 200);
  use_range(cache, 0, 200);
  put_range(cache, 0, 200);
  put_range(cache, 1000, 5000);
  EXPECT_EQ(count_of(cache, 0, 200), 200U);
  put_range(cache, 0, 200);  // now they are in the main queue, and have not been used there
  put_range(cache, 5000, 9000);
  EXPECT_EQ(count_of(cache, 0, 200), 200U);
}

TEST(MemoryCache, ATenthIsForWhatIsNew) {
  MemoryCache cache(kMiB);
  for (std::uint64_t i = 0; i < 2000; ++i) {
    put_range(cache, i, i + 1);
    use_range(cache, i, i + 1);
  }
  put_range(cache, 3000, 5000);
  EXPECT_GT(count_of(cache, 4950, 5000), 35U);
  EXPECT_LT(count_of(cache, 3000, 5000), 130U);
  EXPECT_GT(count_of(cache, 0, 2000), 600U);
}

// In the main queue a use is a chance: often used ones outlive those that were used once, and who
// had to go from there is new when it comes back.
TEST(MemoryCache, WhatIsUsedMoreStaysLonger) {
  MemoryCache cache(kMiB);
  put_range(cache, 0, 200);
  use_range(cache, 0, 200);
  put_range(cache, 1000, 3000);
  use_range(cache, 0, 100);
  for (int time = 0; time < 3; ++time) use_range(cache, 100, 200);
  for (std::uint64_t i = 3000; i < 4500; ++i) {
    put_range(cache, i, i + 1);
    use_range(cache, i, i + 1);
  }
  EXPECT_LT(count_of(cache, 0, 100), 20U);
  EXPECT_GT(count_of(cache, 100, 200), 80U);
  put_range(cache, 0, 100);
  put_range(cache, 5000, 7000);
  EXPECT_LT(count_of(cache, 0, 100), 20U);
}

// All of them in one shard, by the first byte of the key. The oldest had its chance when the lock
// had been held long enough, and the next that was at hand went.
TEST(MemoryCache, MakingRoomEndsWhereAllIsInUse) {
  MemoryCache cache(16 * kMiB);
  const auto entry = [](std::uint64_t number) {
    const std::string body(1000, 'x');
    EntryParts parts;
    parts.key = key_named(name_of(number));
    parts.key.digest.bytes[0] = 0;
    parts.body = body;
    return Entry::make(parts);
  };
  std::uint64_t next = 0;
  for (; cache.facts().evictions == 0; ++next) {
    cache.put(entry(next));
    for (int time = 0; time < 3; ++time) cache.find(entry(next)->key());
  }
  EXPECT_EQ(cache.facts().evictions, 1U);
  EXPECT_TRUE(cache.peek(entry(0)->key()));
}

TEST(MemoryCache, ServesManyThreads) {
  MemoryCache cache(kMiB / 2);
  std::atomic<std::uint64_t> hits{0};
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    threads.emplace_back([&cache, &hits, seed] {
      Random random(seed);
      for (int i = 0; i < 20'000; ++i) {
        const std::uint64_t number = random.next() % 800;
        const EntryRef found = cache.find(key_named(name_of(number)));
        if (found) {
          ++hits;
          ASSERT_EQ(found->key(), key_named(name_of(number)));
          ASSERT_EQ(found->body().size(), number);
          if (random.next() % 50 == 0) cache.remove(found);
        } else {
          cache.put(entry_of(number, number));
        }
        if (i % 5000 == 0) {
          cache.remove_if([&](const Entry& entry) { return entry.body().size() < 10; });
        }
        ASSERT_LE(cache.facts().bytes, kMiB / 2);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(hits.load(), 1000U);
  cache.clear();
  EXPECT_EQ(cache.facts().bytes, 0U);
}

}  // namespace
}  // namespace usher::cache
