#include "cache/redis_tier.h"

#include "unit/cache/redis_tier_fixture.h"

namespace usher::cache {
namespace {

class TwoSidecars : public RedisTierTest {
 protected:
  std::unique_ptr<Sidecar> one = make_sidecar();
  std::unique_ptr<Sidecar> two = make_sidecar();
};
using RedisTierLookups = TwoSidecars;
using RedisTierInvalidations = TwoSidecars;
using RedisTierLocks = TwoSidecars;

// --- lookups and stores ---

TEST_F(RedisTierLookups, FindWhatAnySidecarStored) {
  ASSERT_TRUE(fill(*one, "a", "hello", {"t:1", "t:2"}));
  const Found lookup = look_up(*two, key("a"));
  ASSERT_TRUE(lookup.entry);
  EXPECT_EQ(lookup.entry->body(), "hello");
  EXPECT_EQ(lookup.entry->endpoint(), 7U);
  EXPECT_EQ(lookup.entry->generation(), lookup.generation);
  EXPECT_EQ(two->tier.facts().hits, 1U);
  EXPECT_EQ(two->tier.facts().lookups, 1U);
  EXPECT_EQ(one->tier.facts().misses, 1U);
  EXPECT_EQ(one->tier.facts().stores, 1U);
}

TEST_F(RedisTierLookups, MakeAGenerationOfTheServersTime) {
  const Found miss = look_up(*one, key("a"));
  EXPECT_FALSE(miss.entry);
  const auto seconds = static_cast<std::uint64_t>(network.wall_ms() / 1000);
  EXPECT_GT(miss.generation, (seconds - 60) * 1000000);
  EXPECT_LT(miss.generation, (seconds + 60) * 1000000);
  EXPECT_EQ(look_up(*two, key("b")).generation, miss.generation);
  EXPECT_EQ(server.command({"GET", in_scope("g")}), std::to_string(miss.generation));
}

TEST_F(RedisTierLookups, AreBegunBeforeRedisIsAsked) {
  ASSERT_TRUE(fill(*one, "a", "hello", {"t"}));
  const std::uint64_t begun = two->tags.now();
  Lookup lookup;
  ASSERT_TRUE(two->tier.look_up(lookup, key("a"), 7));
  two->tags.invalidate(tags_of({"u"})[0]);
  ASSERT_TRUE(run_until([&] { return lookup.is_done; }));
  EXPECT_EQ(lookup.entry->begun(), begun);
}

// Counted by the server: the entry, its generation and the tags that are known come at once.
TEST_F(RedisTierLookups, TakeOneRoundTripWhereTheTagsAreKnown) {
  ASSERT_TRUE(fill(*one, "a", "hello", {"t:1", "t:2"}));
  const auto count = [&](Texts known) {
    const int before = calls("mget");
    const Found lookup = look_up(*two, key("a"), tags_of(known));
    EXPECT_EQ(lookup.body(), "hello");
    return calls("mget") - before;
  };
  EXPECT_EQ(count({}), 2);
  EXPECT_EQ(count({"t:1"}), 2);
  EXPECT_EQ(count({"t:2", "t:1"}), 1);
  EXPECT_EQ(count({"t:2", "other", "t:1"}), 1);  // one more than it has
  ASSERT_TRUE(fill(*one, "no tags", "x", {}));
  const int before = calls("mget");
  EXPECT_EQ(body_of(*two, "no tags"), "x");
  EXPECT_EQ(calls("mget") - before, 1);
}

TEST_F(RedisTierLookups, MissWhateverTagIsInvalidKnownOrNot) {
  for (const bool is_known : {false, true}) {
    ASSERT_TRUE(fill(*one, "a", "hello", {"t:1", "t:2"}));
    ASSERT_TRUE(invalidate(*one, {"t:2"}));
    const std::vector<Tag> known = tags_of({"t:2"});
    EXPECT_FALSE(look_up(*two, key("a"), is_known ? known : std::vector<Tag>{}).entry);
  }
}

TEST_F(RedisTierLookups, KeepEntriesOfVaryToo) {
  const Found miss = look_up(*one, key("a"));
  const EntryRef answer = make_entry("a", miss.generation, "Accept-Language", {"t"});
  EntryParts parts = answer->parts();
  parts.kind = EntryKind::Vary;
  ASSERT_TRUE(store(*one, Entry::make(parts)));
  const Found lookup = look_up(*two, key("a"));
  ASSERT_TRUE(lookup.entry);
  EXPECT_EQ(lookup.entry->kind(), EntryKind::Vary);
  EXPECT_EQ(lookup.entry->body(), "Accept-Language");
}

TEST_F(RedisTierLookups, AreSilentOnceTheyAreCancelled) {
  ASSERT_TRUE(fill(*one, "a", "hello", {"t"}));
  for (int turns = 0; turns < 20; ++turns) {
    Lookup lookup;
    ASSERT_TRUE(one->tier.look_up(lookup, key("a"), 7));
    for (int i = 0; i < turns && !lookup.is_done; ++i) uv_run(network.loop(), UV_RUN_NOWAIT);
    if (!lookup.is_done) one->tier.cancel(lookup);
  }
  EXPECT_EQ(body_of(*one, "a"), "hello");
}

TEST_F(RedisTierLookups, ExpireWithTheLifeInsideWhateverRedisKeeps) {
  const Found miss = look_up(*one, key("a"));
  ASSERT_TRUE(store(*one, make_entry("a", miss.generation, "short", {"t"}, 150)));
  EXPECT_EQ(body_of(*two, "a"), "short");
  ASSERT_EQ(server.command({"PERSIST", entry_name("a")}), "1");
  ASSERT_TRUE(run_until([&] { return body_of(*two, "a") == "(none)"; }));
  EXPECT_EQ(server.command({"EXISTS", entry_name("a")}), "1");
}

TEST_F(RedisTierLookups, LeaveNothingInRedisForEver) {
  const Found miss = look_up(*one, key("a"));
  ASSERT_TRUE(store(*one, make_entry("a", miss.generation, "x", {"t"}, 60000)));
  const auto life = [&](const std::string& name) {
    return std::stol(server.command({"PTTL", name}));
  };
  EXPECT_GT(life(entry_name("a")), 30000);
  EXPECT_LE(life(entry_name("a")), 60000);
  EXPECT_GT(life(tag_name("t")), 600000);
  EXPECT_LE(life(tag_name("t")), 660000);
  EXPECT_GT(life(in_scope("g")), 3600000);
  EXPECT_GT(life("test:scopes"), 3600000);
  // A longer answer makes its tags' lives longer.
  ASSERT_TRUE(store(*one, make_entry("b", miss.generation, "x", {"t"}, 7200000)));
  EXPECT_GT(life(tag_name("t")), 7200000);
  // An invalidation leaves them as long as they are.
  ASSERT_TRUE(invalidate(*one, {"t"}));
  EXPECT_GT(life(tag_name("t")), 7200000);
  EXPECT_GT(life(in_scope("g")), 3600000);
}

TEST_F(RedisTierLookups, StoreNothingWithoutUse) {
  const Found miss = look_up(*one, key("a"));
  one->tier.store(make_entry("a", 0, "no generation", {"t"}));
  one->tier.store(make_entry("a", miss.generation, "no life", {"t"}, 0));
  EXPECT_EQ(body_of(*one, "a"), "(none)");
  EXPECT_EQ(server.command({"EXISTS", entry_name("a")}), "0");
  EXPECT_EQ(one->tier.facts().stores + one->tier.facts().stores_refused, 0U);
}

TEST_F(RedisTierLookups, SendNoMoreBytesAtOnceThanTheBound) {
  const std::uint64_t generation = look_up(*one, key("a")).generation;
  const std::string body(256 * 1024, 'x');
  const std::size_t bound = RedisTier::kStoreBytesMax / body.size();
  for (std::size_t i = 0; i < 2 * bound; ++i) {
    one->tier.store(make_entry(std::to_string(i), generation, body, {"t"}));
  }
  EXPECT_GE(one->tier.facts().stores_failed, bound);
  EXPECT_TRUE(run_until([&] {
    const RedisTierFacts facts = one->tier.facts();
    return facts.stores + facts.stores_failed == 2 * bound;
  }));
  // The room is there again.
  EXPECT_TRUE(store(*one, make_entry("a", generation, body, {"t"})));
}

TEST_F(RedisTierLookups, EnterTheScopeBeforeItsFirstEntry) {
  ASSERT_TRUE(fill(*one, "a", "x", {"t"}));
  EXPECT_EQ(server.command({"SMEMBERS", "test:scopes"}), "0123456789abcdef\n");
}

// --- invalidations ---

TEST_F(RedisTierInvalidations, AreSeenByEverySidecarOnceAcknowledged) {
  ASSERT_TRUE(fill(*one, "a", "old", {"ticket:1"}));
  ASSERT_TRUE(fill(*one, "b", "other", {"ticket:2"}));
  ASSERT_TRUE(invalidate(*one, {"ticket:1"}));
  EXPECT_EQ(body_of(*one, "a"), "(none)");
  EXPECT_EQ(body_of(*two, "a"), "(none)");
  EXPECT_EQ(body_of(*two, "b"), "other");
  ASSERT_TRUE(fill(*two, "a", "new", {"ticket:1"}));
  EXPECT_EQ(body_of(*one, "a"), "new");
}

TEST_F(RedisTierInvalidations, AreOfTheirScopeAlone) {
  ASSERT_TRUE(fill(*one, "a", "old", {"t"}));
  const ScopeId first = std::exchange(scope, ScopeId{2});
  ASSERT_TRUE(fill(*one, "a", "second", {"t"}));
  ASSERT_TRUE(invalidate(*one, {"t"}));
  EXPECT_EQ(body_of(*two, "a"), "(none)");
  scope = first;
  EXPECT_EQ(body_of(*two, "a"), "old");
}

TEST_F(RedisTierInvalidations, RefuseAFillThatBeganBefore) {
  for (const bool is_tag_there : {true, false}) {
    const std::string name = is_tag_there ? "a" : "b";
    const std::string tag = "tag of " + name;
    ASSERT_TRUE(!is_tag_there || fill(*one, name, "older", {tag}));
    const std::uint64_t generation = look_up(*one, key(name)).generation;
    ASSERT_TRUE(invalidate(*two, {tag}));
    EXPECT_FALSE(store(*one, make_entry(name, generation, "old", {tag})));
    EXPECT_EQ(body_of(*one, name), "(none)");
    ASSERT_TRUE(fill(*one, name, "new", {tag}));
    EXPECT_EQ(body_of(*two, name), "new");
  }
  EXPECT_EQ(one->tier.facts().stores_refused, 2U);
}

TEST_F(RedisTierInvalidations, EndAFillThatBeganBeforeAndWasStoredBefore) {
  const std::uint64_t generation = look_up(*one, key("a")).generation;
  ASSERT_TRUE(store(*one, make_entry("a", generation, "old", {"t"})));
  ASSERT_TRUE(invalidate(*two, {"t"}));
  EXPECT_EQ(body_of(*one, "a"), "(none)");
}

TEST_F(RedisTierInvalidations, OfOtherTagsDoNotRefuseAFill) {
  ASSERT_TRUE(fill(*one, "a", "older", {"t"}));
  const std::uint64_t generation = look_up(*one, key("a")).generation;
  ASSERT_TRUE(invalidate(*two, {"u"}));
  EXPECT_TRUE(store(*one, make_entry("a", generation, "new", {"t"})));
  EXPECT_EQ(body_of(*two, "a"), "new");
}

// A tag that is new may have been lost, and with it that it was invalidated: its first fill is
// refused if anything was invalidated meanwhile, and the next one is not.
TEST_F(RedisTierInvalidations, OfOtherTagsRefuseTheFirstFillOfATagOnce) {
  const std::uint64_t generation = look_up(*one, key("a")).generation;
  ASSERT_TRUE(invalidate(*two, {"u"}));
  EXPECT_FALSE(store(*one, make_entry("a", generation, "x", {"t"})));
  const std::uint64_t next = look_up(*one, key("a")).generation;
  ASSERT_TRUE(invalidate(*two, {"u"}));
  EXPECT_TRUE(store(*one, make_entry("a", next, "y", {"t"})));
}

TEST_F(RedisTierInvalidations, MakeTheGenerationGrow) {
  std::uint64_t last = look_up(*one, key("a")).generation;
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(invalidate(i % 2 == 0 ? *one : *two, {"t"}));
    const std::uint64_t next = look_up(*one, key("a")).generation;
    ASSERT_GT(next, last);
    last = next;
  }
}

// The server's clock may be behind a generation that it has.
TEST_F(RedisTierInvalidations, MakeTheGenerationGrowFromAnyNumber) {
  ASSERT_EQ(server.command({"SET", in_scope("g"), "9000000000000000", "PX", "100000"}), "OK");
  ASSERT_TRUE(fill(*one, "a", "old", {"t"}));
  ASSERT_TRUE(invalidate(*two, {"t"}));
  EXPECT_EQ(look_up(*one, key("a")).generation, 9000000000000001U);
  EXPECT_EQ(look_up(*one, key("a")).body(), "(none)");
}

// What a sidecar read from Redis before the invalidation was done there must not stay in its
// memory: its own messages do not come back to it.
TEST_F(RedisTierInvalidations, TellTheTableWhenRedisHasThem) {
  ASSERT_TRUE(fill(*one, "a", "old", {"t"}));
  one->tags.invalidate(tags_of({"t"})[0]);
  const Found lookup = look_up(*one, key("a"));
  ASSERT_TRUE(lookup.entry);
  ASSERT_TRUE(one->tags.is_good(lookup.entry->begun(), lookup.entry->tags()));
  ASSERT_TRUE(invalidate(*one, {"t"}));
  EXPECT_FALSE(one->tags.is_good(lookup.entry->begun(), lookup.entry->tags()));
}

TEST_F(RedisTierInvalidations, AreDoneAlsoWhenNobodyWaitsAnyMore) {
  ASSERT_TRUE(fill(*one, "a", "old", {"t"}));
  {
    Invalidation invalidation;
    ASSERT_TRUE(one->tier.invalidate(invalidation, scope, tags_of({"t"})));
    one->tier.cancel(invalidation);
  }
  ASSERT_TRUE(run_until([&] { return one->tier.facts().invalidations > 0; }));
  EXPECT_EQ(body_of(*two, "a"), "(none)");
}

TEST_F(RedisTierInvalidations, ReachEveryScope) {
  std::vector<ScopeId> scopes;
  for (std::uint64_t i = 0; i < 100; ++i) {
    scope = ScopeId{i};
    scopes.push_back(scope);
    ASSERT_TRUE(fill(*one, "a", "old", {"everywhere", "t"}));
    ASSERT_TRUE(fill(*one, "b", "kept", {"t"}));
  }
  const std::uint64_t begun = two->tags.now();
  bool is_done = false;
  two->tier.invalidate_everywhere("everywhere", [&](bool complete, std::size_t count) {
    EXPECT_TRUE(complete);
    EXPECT_EQ(count, scopes.size());
    is_done = true;
  });
  EXPECT_FALSE(is_done);
  ASSERT_TRUE(run_until([&] { return is_done; }));
  for (const ScopeId& each : scopes) {
    scope = each;
    EXPECT_EQ(body_of(*one, "a"), "(none)");
    EXPECT_EQ(body_of(*one, "b"), "kept");
    EXPECT_FALSE(two->tags.is_good(begun, tags_of({"everywhere"})));
    EXPECT_TRUE(two->tags.is_good(begun, tags_of({"t"})));
  }
}

TEST_F(RedisTierInvalidations, OfEveryScopeEndWhereThereIsNone) {
  std::size_t scopes = 99;
  one->tier.invalidate_everywhere("x", [&](bool, std::size_t count) { scopes = count; });
  ASSERT_TRUE(run_until([&] { return scopes != 99; }));
  EXPECT_EQ(scopes, 0U);
}

// --- locks ---

TEST_F(RedisTierLocks, AreHadByOneAtATime) {
  Lock first;
  Lock second;
  ASSERT_TRUE(one->tier.lock(first, key("a"), 60s));
  ASSERT_TRUE(run_until([&] { return first.is_over; }));
  EXPECT_TRUE(first.got);
  ASSERT_TRUE(two->tier.lock(second, key("a"), 60s));
  ASSERT_TRUE(run_until([&] { return second.is_over; }));
  EXPECT_FALSE(second.got);
  // Who does not have it cannot give it back.
  two->tier.unlock(second);
  ASSERT_TRUE(run_until([&] { return calls("eval") == 1; }));
  Lock third;
  ASSERT_TRUE(two->tier.lock(third, key("a"), 60s));
  ASSERT_TRUE(run_until([&] { return third.is_over; }));
  EXPECT_FALSE(third.got);
  one->tier.unlock(first);
  EXPECT_TRUE(run_until([&] {
    Lock again;
    EXPECT_TRUE(two->tier.lock(again, key("a"), 60s));
    EXPECT_TRUE(run_until([&] { return again.is_over; }));
    return again.got;
  }));
}

TEST_F(RedisTierLocks, EndByThemselves) {
  Lock first;
  ASSERT_TRUE(one->tier.lock(first, key("a"), 50ms));
  ASSERT_TRUE(run_until([&] { return first.is_over; }));
  EXPECT_TRUE(run_until([&] {
    Lock again;
    EXPECT_TRUE(two->tier.lock(again, key("a"), 60s));
    EXPECT_TRUE(run_until([&] { return again.is_over; }));
    return again.got;
  }));
  // The first one's time is over; the second one's lock is not its to give back.
  one->tier.unlock(first);
  ASSERT_TRUE(run_until([&] { return calls("eval") == 1; }));
  Lock third;
  ASSERT_TRUE(one->tier.lock(third, key("a"), 60s));
  ASSERT_TRUE(run_until([&] { return third.is_over; }));
  EXPECT_FALSE(third.got);
}

TEST_F(RedisTierLocks, GivenBackWhileAskedForAreNotKept) {
  {
    Lock first;
    ASSERT_TRUE(one->tier.lock(first, key("a"), 60s));
    one->tier.unlock(first);
  }
  EXPECT_TRUE(run_until([&] {
    Lock again;
    EXPECT_TRUE(two->tier.lock(again, key("a"), 60s));
    EXPECT_TRUE(run_until([&] { return again.is_over; }));
    return again.got;
  }));
}

}  // namespace
}  // namespace usher::cache
