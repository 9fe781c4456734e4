// What Redis loses, refuses and is made to say by others: misses, never stale hits.
#include <gtest/gtest.h>

#include "cache/redis_tier.h"
#include "unit/cache/redis_tier_fixture.h"

namespace usher::cache {
namespace {

class RedisTierFaults : public RedisTierTest {
 protected:
  void delete_key(const std::string& name) {
    ASSERT_EQ(server.command({"DEL", name}), "1") << name;
  }
  // Redis serves reads and refuses writes.
  void refuse_writes(bool refuses) {
    server.command({"CONFIG", "SET", "min-replicas-to-write", refuses ? "1" : "0"});
  }

  std::unique_ptr<Sidecar> one = make_sidecar();
  std::unique_ptr<Sidecar> two = make_sidecar();
};

// --- what is lost ---

TEST_F(RedisTierFaults, ALostTagMakesItsAnswersMisses) {
  ASSERT_TRUE(fill(*one, "a", "old", {"t", "u"}));
  delete_key(tag_name("u"));
  EXPECT_EQ(body_of(*two, "a"), "(none)");
  EXPECT_FALSE(look_up(*two, key("a"), tags_of({"t", "u"})).entry);
}

TEST_F(RedisTierFaults, ATagLostAfterItsInvalidationDoesNotLetAnOldFillIn) {
  ASSERT_TRUE(fill(*one, "a", "older", {"t"}));
  const std::uint64_t generation = look_up(*one, key("a")).generation;
  ASSERT_TRUE(invalidate(*two, {"t"}));
  delete_key(tag_name("t"));
  EXPECT_FALSE(store(*one, make_entry("a", generation, "old", {"t"})));
  EXPECT_EQ(body_of(*one, "a"), "(none)");
  // Nor does the answer of before come back with a tag that is made anew.
  ASSERT_TRUE(fill(*one, "b", "new", {"t"}));
  EXPECT_EQ(body_of(*two, "a"), "(none)");
}

TEST_F(RedisTierFaults, ALostGenerationDoesNotMakeOldAnswersGood) {
  ASSERT_TRUE(fill(*one, "a", "old", {"t"}));
  delete_key(in_scope("g"));
  ASSERT_TRUE(invalidate(*two, {"t"}));
  EXPECT_EQ(body_of(*one, "a"), "(none)");  // which makes a generation
  EXPECT_EQ(body_of(*one, "a"), "(none)");
  ASSERT_TRUE(fill(*one, "a", "new", {"t"}));
  EXPECT_EQ(body_of(*two, "a"), "new");
}

TEST_F(RedisTierFaults, ALostGenerationRefusesTheFillsThatHaveIt) {
  ASSERT_TRUE(fill(*one, "a", "older", {"t"}));
  const std::uint64_t generation = look_up(*one, key("a")).generation;
  delete_key(in_scope("g"));
  ASSERT_TRUE(invalidate(*two, {"t"}));
  EXPECT_FALSE(store(*one, make_entry("a", generation, "old", {"t"})));
  look_up(*two, key("b"));  // makes a generation
  EXPECT_FALSE(store(*one, make_entry("a", generation, "old", {"t"})));
  EXPECT_EQ(body_of(*two, "a"), "(none)");
}

// The clock went back while the generation was lost: what was read before is of no use.
TEST_F(RedisTierFaults, AnAnswerOfAGenerationToComeIsAMiss) {
  const std::uint64_t generation = look_up(*one, key("a")).generation;
  server.command({"SET", in_scope("g"), "9000000000000000", "PX", "100000"});
  ASSERT_TRUE(fill(*one, "a", "old", {"t"}));
  server.command({"SET", in_scope("g"), std::to_string(generation), "PX", "100000"});
  EXPECT_EQ(body_of(*two, "a"), "(none)");
  EXPECT_EQ(two->tier.facts().damaged, 1U);
  EXPECT_FALSE(store(*one, make_entry("b", 9000000000000000, "old", {"t"})));
}

TEST_F(RedisTierFaults, FlushAllInTheMiddleOfAFill) {
  ASSERT_TRUE(fill(*one, "a", "older", {"t"}));
  const std::uint64_t generation = look_up(*one, key("b")).generation;
  server.command({"FLUSHALL"});
  EXPECT_FALSE(store(*one, make_entry("b", generation, "old", {"t"})));
  EXPECT_EQ(body_of(*two, "a"), "(none)");
  EXPECT_FALSE(store(*one, make_entry("b", generation, "old", {"t"})));
  ASSERT_TRUE(fill(*one, "b", "new", {"t"}));
  EXPECT_EQ(body_of(*two, "b"), "new");
}

TEST_F(RedisTierFaults, FlushedScriptsAreSentAgain) {
  ASSERT_TRUE(fill(*one, "a", "x", {"t"}));
  server.command({"SCRIPT", "FLUSH"});
  ASSERT_TRUE(invalidate(*one, {"t"}));
  server.command({"SCRIPT", "FLUSH"});
  ASSERT_TRUE(fill(*one, "a", "y", {"t"}));
  EXPECT_EQ(body_of(*two, "a"), "y");
  scope = ScopeId{2};
  server.command({"SCRIPT", "FLUSH"});
  EXPECT_NE(look_up(*one, key("a")).generation, 0U);
  server.command({"SCRIPT", "FLUSH"});
  one->tier.invalidate_later(scope, tags_of({"t"}));
  EXPECT_TRUE(run_until([&] { return one->tier.facts().invalidations == 2; }));
  EXPECT_EQ(one->tier.facts().invalidations_failed, 0U);
}

TEST_F(RedisTierFaults, SetOfScopesLostIsMadeAgain) {
  ASSERT_TRUE(fill(*one, "a", "x", {"t"}));
  server.command({"DEL", "test:scopes"});
  ASSERT_TRUE(fill(*two, "a", "x", {"t"}));
  EXPECT_EQ(server.command({"SMEMBERS", "test:scopes"}), "0123456789abcdef\n");
}

TEST_F(RedisTierFaults, ScopeIsAnnouncedAgainAfterFlushAll) {
  ASSERT_TRUE(fill(*one, "a", "x", {"t"}));
  server.command({"FLUSHALL"});
  ASSERT_TRUE(fill(*one, "a", "x", {"t"}));
  EXPECT_EQ(server.command({"SMEMBERS", "test:scopes"}), "0123456789abcdef\n");
}

// --- generations ---

// The scope's generation was lost while the clock went back; the tag's is from before.
TEST_F(RedisTierFaults, InvalidationIsYoungerThanEveryGenerationThatItMeets) {
  ASSERT_TRUE(fill(*one, "a", "x", {"t"}));
  server.command({"SET", tag_name("t"), "9000000000000000", "PX", "100000"});
  ASSERT_TRUE(invalidate(*one, {"t"}));
  EXPECT_EQ(server.command({"GET", tag_name("t")}), "9000000000000001");
  EXPECT_EQ(server.command({"GET", in_scope("g")}), "9000000000000001");
}

TEST_F(RedisTierFaults, GenerationLivesAsLongAsItsAnswers) {
  const std::uint64_t generation = look_up(*one, key("a")).generation;
  server.command({"PEXPIRE", in_scope("g"), "30000"});
  ASSERT_TRUE(store(*one, make_entry("a", generation, "x", {"t"}, 60000)));
  EXPECT_GT(std::stoll(server.command({"PTTL", in_scope("g")})), 60000);
}

// --- what others write ---

TEST_F(RedisTierFaults, ForeignAndDamagedEntriesAreMissesAndStay) {
  ASSERT_TRUE(fill(*one, "a", "hello", {"t"}));
  ASSERT_TRUE(fill(*one, "b", "other", {"t"}));
  Sidecar foreign(network, [&] {
    RedisOptions options = redis_options(server);
    options.seal_key = "another key";
    return options;
  }());
  const Found miss = look_up(foreign, key("c"));
  ASSERT_TRUE(store(foreign, make_entry("c", miss.generation, "foreign", {"t"})));

  std::uint64_t damaged = 0;
  const auto expect_damaged = [&](std::string_view name) {
    EXPECT_EQ(body_of(*two, name), "(none)");
    EXPECT_EQ(two->tier.facts().damaged, ++damaged);
    EXPECT_EQ(server.command({"EXISTS", entry_name(name)}), "1");
  };
  expect_damaged("c");
  ASSERT_EQ(server.command({"COPY", entry_name("b"), entry_name("a"), "REPLACE"}), "1");
  expect_damaged("a");
  ASSERT_EQ(body_of(*two, "b"), "other");
  server.command({"SETRANGE", entry_name("b"), "20", "!"});
  expect_damaged("b");
  server.command({"SET", entry_name("d"), "rubbish"});
  expect_damaged("d");
  server.command({"SET", entry_name("e"), ""});
  expect_damaged("e");
  EXPECT_EQ(body_of(foreign, "c"), "foreign");
  ASSERT_TRUE(fill(*two, "e", "new", {"t"}));
  EXPECT_EQ(body_of(*one, "e"), "new");
}

TEST_F(RedisTierFaults, AnswerThatNoReplyMayHoldIsNotStored) {
  const std::string body(RedisTier::kSealedMax, 'x');
  const std::uint64_t generation = look_up(*one, key("a")).generation;
  EXPECT_FALSE(store(*one, make_entry("a", generation, body, {"t"})));
  EXPECT_EQ(server.command({"EXISTS", entry_name("a")}), "0");
  const std::string_view less = std::string_view(body).substr(1024);
  ASSERT_TRUE(store(*one, make_entry("a", generation, less, {"t"})));
  EXPECT_EQ(body_of(*two, "a"), less);
}

TEST_F(RedisTierFaults, KeysOfOtherTypesAreMissesAndInvalidationsGoOn) {
  ASSERT_TRUE(fill(*one, "a", "x", {"t"}));
  const auto becomes_list = [&](const std::string& name) {
    delete_key(name);
    ASSERT_EQ(server.command({"LPUSH", name, "x"}), "1");
  };
  becomes_list(tag_name("t"));
  EXPECT_EQ(body_of(*two, "a"), "(none)");
  EXPECT_TRUE(invalidate(*two, {"t"}));
  ASSERT_TRUE(fill(*one, "a", "x", {"t"}));
  becomes_list(in_scope("g"));
  EXPECT_EQ(body_of(*two, "a"), "(none)");
  EXPECT_TRUE(invalidate(*two, {"t"}));
  ASSERT_TRUE(fill(*one, "b", "y", {"t"}));
  becomes_list(entry_name("b"));
  EXPECT_EQ(body_of(*two, "b"), "(none)");
  ASSERT_TRUE(fill(*one, "b", "y", {"t"}));
  EXPECT_EQ(body_of(*two, "b"), "y");
}

TEST_F(RedisTierFaults, NumbersThatAreNoneAreMisses) {
  for (const std::string text : {"", "x", "-1", "1e300", "nan", "0x10", "99999999999999999999"}) {
    ASSERT_TRUE(fill(*one, "a", "x", {"t"})) << text;
    server.command({"SET", tag_name("t"), text});
    EXPECT_EQ(body_of(*two, "a"), "(none)") << text;
    ASSERT_TRUE(fill(*one, "a", "x", {"t"})) << text;
    server.command({"SET", in_scope("g"), text});
    EXPECT_EQ(body_of(*two, "a"), "(none)") << text;
  }
}

// --- what Redis refuses ---

TEST_F(RedisTierFaults, InvalidationsAreDoneWhileRedisIsFull) {
  ASSERT_TRUE(fill(*one, "a", "old", {"t"}));
  server.command({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_TRUE(invalidate(*two, {"t"}));
  EXPECT_EQ(body_of(*one, "a"), "(none)");
  EXPECT_EQ(server.command({"EXISTS", tag_name("t"), in_scope("g")}), "2");
  const std::uint64_t generation = look_up(*one, key("a")).generation;
  EXPECT_FALSE(store(*one, make_entry("a", generation, "new", {"t"})));
  EXPECT_EQ(one->tier.facts().stores_failed, 1U);
  server.command({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_TRUE(run_until([&] { return fill(*one, "a", "new", {"t"}); }));
  EXPECT_EQ(body_of(*two, "a"), "new");
}

TEST_F(RedisTierFaults, OneThatRedisRefusesIsDoneLater) {
  ASSERT_TRUE(fill(*one, "a", "old", {"t"}));
  ASSERT_TRUE(fill(*one, "b", "other", {"u"}));
  const Found before = look_up(*one, key("a"));
  refuse_writes(true);
  ASSERT_FALSE(invalidate(*one, {"t"}));
  one->tier.invalidate_later(scope, tags_of({"t"}));
  // This process believes no more what Redis still says, nor what it has from there.
  EXPECT_EQ(body_of(*one, "a"), "(none)");
  EXPECT_FALSE(one->tags.is_good(before.entry->begun(), before.entry->tags()));
  EXPECT_EQ(body_of(*one, "b"), "other");
  EXPECT_EQ(body_of(*two, "a"), "old");
  refuse_writes(false);
  ASSERT_TRUE(run_until([&] { return one->tier.facts().invalidations == 1; }));
  EXPECT_EQ(body_of(*two, "a"), "(none)");
  ASSERT_TRUE(fill(*two, "a", "new", {"t"}));
  EXPECT_EQ(body_of(*one, "a"), "new");
}

// Two workers of one process: what one of them could not have done is known to the other.
TEST_F(RedisTierFaults, OneThatRedisRefusesIsKnownToTheWholeProcess) {
  RedisTier worker(network, one->client, one->options, one->tags, &one->open);
  ASSERT_TRUE(fill(*one, "a", "old", {"t"}));
  refuse_writes(true);
  worker.invalidate_later(scope, tags_of({"t"}));
  EXPECT_EQ(body_of(*one, "a"), "(none)");
  EXPECT_EQ(body_of(*two, "a"), "old");
  refuse_writes(false);
  ASSERT_TRUE(run_until([&] { return worker.facts().invalidations == 1; }));
  EXPECT_EQ(body_of(*two, "a"), "(none)");
}

TEST_F(RedisTierFaults, OneOfEveryScopeThatRedisRefusesIsDoneLater) {
  ASSERT_TRUE(fill(*one, "a", "old", {"t"}));
  refuse_writes(true);
  bool is_done = false;
  one->tier.invalidate_everywhere("t", [&](bool complete, std::size_t) {
    EXPECT_FALSE(complete);
    is_done = true;
  });
  ASSERT_TRUE(run_until([&] { return is_done; }));
  refuse_writes(false);
  ASSERT_TRUE(run_until([&] { return body_of(*two, "a") == "(none)"; }));
}

TEST_F(RedisTierFaults, WhatIsLookedUpWhileOneIsOpenIsNotBelievedAfterwards) {
  ASSERT_TRUE(fill(*one, "a", "old", {"t"}));
  one->open.open(tags_of({"t"}));
  Lookup lookup;
  ASSERT_TRUE(one->tier.look_up(lookup, key("a"), 7));
  one->tags.invalidate(tags_of({"t"})[0]);
  one->open.settle(tags_of({"t"}), one->tags.now());
  ASSERT_TRUE(run_until([&] { return lookup.is_done; }));
  EXPECT_FALSE(lookup.entry);
  EXPECT_EQ(body_of(*one, "a"), "old");
}

// --- a Redis that goes and comes ---

TEST_F(RedisTierFaults, KilledAndBack) {
  ASSERT_TRUE(fill(*one, "a", "old", {"t"}));
  server.kill();
  Invalidation invalidation;
  Lookup lookup;
  const bool is_looked_up = one->tier.look_up(lookup, key("a"), 7);
  const bool is_sent = one->tier.invalidate(invalidation, scope, tags_of({"t"}));
  EXPECT_TRUE(run_until(
      [&] { return (lookup.is_done || !is_looked_up) && (invalidation.is_over || !is_sent); }));
  EXPECT_FALSE(lookup.entry);
  EXPECT_FALSE(invalidation.is_done);
  one->tier.invalidate_later(scope, tags_of({"t"}));
  server.start();
  EXPECT_TRUE(run_until([&] { return one->tier.facts().invalidations == 1; }));
  EXPECT_TRUE(run_until([&] { return fill(*one, "a", "new", {"t"}); }));
  EXPECT_EQ(body_of(*two, "a"), "new");
}

TEST_F(RedisTierFaults, ATierMayGoWithEverythingOnItsWay) {
  ASSERT_TRUE(fill(*one, "a", "x", {"t"}));
  const std::uint64_t generation = look_up(*one, key("a")).generation;
  for (int turns = 0; turns < 10; ++turns) {
    auto sidecar = make_sidecar();
    sidecar->tier.store(make_entry("a", generation, "y", {"t"}));
    sidecar->tier.invalidate_later(scope, tags_of({"u"}));
    sidecar->tier.invalidate_everywhere("v", [](bool, std::size_t) {});
    for (int i = 0; i < turns; ++i) uv_run(network.loop(), UV_RUN_NOWAIT);
    sidecar.reset();
    for (int i = 0; i < 10; ++i) uv_run(network.loop(), UV_RUN_NOWAIT);
  }
}

}  // namespace
}  // namespace usher::cache
