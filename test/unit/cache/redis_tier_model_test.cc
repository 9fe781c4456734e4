// Two sidecars that look up, fill and invalidate in any order and at once, against what must hold:
// no lookup returns a value that is older than the last invalidation that was acknowledged before
// the lookup began, nor one of another key or scope.
//
// The owner's data is a number for each tag, which grows just before each invalidation begins; an
// answer is the numbers of its tags when its fetch began.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "unit/cache/redis_tier_fixture.h"

namespace usher::cache {
namespace {

constexpr int kTags = 3;
constexpr int kHits = 500;
constexpr Duration kAtMost = std::chrono::seconds(30);
using Numbers = std::array<int, kTags>;

// Which tags the answers under a key have.
constexpr std::array<std::array<bool, kTags>, 4> kTagsOf = {
    {{true, false, false}, {false, true, false}, {true, true, false}, {true, true, true}}};

class Model : public RedisTierTest, public testing::WithParamInterface<unsigned> {
 protected:
  struct Reader final : RedisLookup {
    void on_looked_up(EntryRef the_entry, std::uint64_t the_generation) override {
      is_done = true;
      entry = std::move(the_entry);
      generation = the_generation;
    }
    Sidecar* sidecar = nullptr;
    std::size_t key = 0;
    Numbers acknowledged{};  // when it began
    bool is_done = false;
    EntryRef entry;
    std::uint64_t generation = 0;
  };
  struct Fetch {
    Sidecar* sidecar;
    std::size_t key;
    std::uint64_t generation;
    Numbers numbers;  // of the owner, when it began
  };
  struct Writer final : RedisInvalidation {
    void on_invalidated(bool done) override {
      is_over = true;
      is_done = done;
    }
    int tag = 0;
    int number = 0;
    bool is_over = false;
    bool is_done = false;
  };

  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random); }
  std::string name_of(std::size_t index) { return "key " + std::to_string(index); }
  std::vector<Tag> tags_of_key(std::size_t index) {
    std::vector<Tag> tags;
    for (int tag = 0; tag < kTags; ++tag) {
      if (kTagsOf[index][tag]) tags.push_back(make_tag(hasher, scope, std::to_string(tag)));
    }
    return tags;
  }

  void begin_lookup() {
    auto reader = std::make_unique<Reader>();
    reader->sidecar = sidecars[below(2)].get();
    reader->key = below(kTagsOf.size());
    reader->acknowledged = acknowledged;
    std::vector<Tag> known = tags_of_key(reader->key);
    known.resize(below(static_cast<int>(known.size()) + 1));
    if (reader->sidecar->tier.look_up(*reader, key(name_of(reader->key)), 0, known)) {
      readers.push_back(std::move(reader));
    }
  }
  void begin_invalidation() {
    auto writer = std::make_unique<Writer>();
    writer->tag = below(kTags);
    writer->number = ++owner[writer->tag];
    const Tag tag = make_tag(hasher, scope, std::to_string(writer->tag));
    if (sidecars[below(2)]->tier.invalidate(*writer, scope, std::span(&tag, 1))) {
      writers.push_back(std::move(writer));
    }
  }
  void end_fetch() {
    if (fetches.empty()) return;
    std::swap(fetches.front(), fetches[below(static_cast<int>(fetches.size()))]);
    const Fetch fetch = fetches.front();
    fetches.pop_front();
    std::string body = std::to_string(fetch.key);
    for (const int number : fetch.numbers) body += " " + std::to_string(number);
    const std::vector<Tag> tags = tags_of_key(fetch.key);
    EntryParts parts;
    parts.key = key(name_of(fetch.key));
    parts.generation = fetch.generation;
    parts.freshness.generated_ms = network.wall_ms();
    parts.freshness.lifetime_ms = 60000;
    parts.body = body;
    parts.tags = tags;
    fetch.sidecar->tier.store(Entry::make(parts));
  }
  void lose_something() {
    const std::string tag = tag_name(std::to_string(below(kTags)));
    server.command({"DEL", below(3) == 0 ? in_scope("g") : tag});
  }
  void check(const Reader& reader) {
    if (!reader.entry) {
      fetches.push_back({reader.sidecar, reader.key, reader.generation, owner});
      return;
    }
    ++hits;
    std::istringstream body{std::string(reader.entry->body())};
    std::size_t of_key = 99;
    body >> of_key;
    EXPECT_EQ(of_key, reader.key);
    for (int tag = 0; tag < kTags; ++tag) {
      int number = -1;
      body >> number;
      EXPECT_TRUE(!kTagsOf[reader.key][tag] || number >= reader.acknowledged[tag]);
    }
  }
  void collect() {
    std::erase_if(readers, [&](const std::unique_ptr<Reader>& reader) {
      if (reader->is_done) check(*reader);
      return reader->is_done;
    });
    std::erase_if(writers, [&](const std::unique_ptr<Writer>& writer) {
      if (writer->is_done) {
        acknowledged[writer->tag] = std::max(acknowledged[writer->tag], writer->number);
      }
      return writer->is_over;
    });
  }

  std::mt19937 random{GetParam()};
  std::array<std::unique_ptr<Sidecar>, 2> sidecars{make_sidecar(), make_sidecar()};
  Numbers owner{};
  Numbers acknowledged{};
  std::vector<std::unique_ptr<Reader>> readers;
  std::vector<std::unique_ptr<Writer>> writers;
  std::deque<Fetch> fetches;
  int hits = 0;
};

TEST_P(Model, NoLookupIsOlderThanAnAcknowledgedInvalidation) {
  // How much Redis answers between two steps is the scheduler's to say.
  const Instant end = network.now() + kAtMost;
  while (hits < kHits && network.now() < end && !HasFailure()) {
    const int what = below(100);
    if (what < 45 && readers.size() < 16) begin_lookup();
    if (what >= 45 && what < 48) begin_invalidation();
    if (what >= 50 && what < 75) end_fetch();
    if (what == 99 && GetParam() % 2 == 0) lose_something();
    if (below(2) == 0) uv_run(network.loop(), UV_RUN_NOWAIT);
    collect();
  }
  EXPECT_TRUE(run_until([&] {
    collect();
    return readers.empty() && writers.empty();
  }));
  EXPECT_GE(hits, kHits);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Model, testing::Range(1U, 9U));

}  // namespace
}  // namespace usher::cache
