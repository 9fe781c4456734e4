// Stories of kept answers, in memory.

#include "sim/story.h"

namespace usher::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;
using testing::Not;

class Cache : public Story {
 protected:
  Cache() {
    settings.cache_bytes = 1024 * 1024;
    keep(0);
    owner->on_request([this](OwnerConnection& connection) {
      connection.send(whole_answer("answer " + std::to_string(++answers_), fields_));
    });
  }

  policy::CachePolicy& keep(std::size_t endpoint) {
    policy::CachePolicy cache;
    cache.ttl = seconds(60);
    cache.scope = policy::CacheScope::Tenant;
    return *(policy(endpoint).cache = cache);
  }
  policy::TagTemplate tag(std::string_view text, std::vector<std::string> names = {"id"}) {
    return *policy::TagTemplate::parse(text, names);
  }
  std::size_t calls() const { return owner->requests().size(); }
  std::string body_of(std::string_view target, std::string_view more = {}) {
    return last(send(get(target, more))).body;
  }
  Answer last(SimConsumer& sender) { return sender.answers().back(); }

  std::string fields_;
  int answers_ = 0;
};

TEST_F(Cache, SecondCallIsAnsweredFromMemory) {
  EXPECT_EQ(body_of("/things/1"), "answer 1");
  network.advance(seconds(2));
  const Answer answer = last(send(get("/things/1")));
  EXPECT_EQ(answer.body, "answer 1");
  EXPECT_EQ(answer.field("Age"), "2");
  EXPECT_THAT(answer.field("Cache-Status"), HasSubstr("usher; hit; ttl="));
  EXPECT_EQ(calls(), 1u);
}

TEST_F(Cache, SaysWhyTheOwnerWasAsked) {
  EXPECT_EQ(last(send(get("/things/1"))).field("Cache-Status"), "usher; fwd=uri-miss; stored");
  EXPECT_EQ(last(send(get("/things/1", "Cache-Control: no-store\r\n"))).field("Cache-Status"),
            "usher; fwd=request");
  EXPECT_EQ(last(send(get("/things/2", "Range: bytes=0-1\r\n"))).field("Cache-Status"),
            "usher; fwd=bypass");
}

TEST_F(Cache, TenantsNeverShare) {
  EXPECT_EQ(body_of("/things/1", "X-Tenant-ID: a\r\n"), "answer 1");
  EXPECT_EQ(body_of("/things/1", "X-Tenant-ID: b\r\n"), "answer 2");
  EXPECT_EQ(body_of("/things/1", "X-Tenant-ID: a\r\n"), "answer 1");
  EXPECT_EQ(body_of("/things/1"), "answer 3");
}

TEST_F(Cache, StaleAfterItsTime) {
  body_of("/things/1");
  network.advance(seconds(61));
  EXPECT_EQ(body_of("/things/1"), "answer 2");
}

TEST_F(Cache, OwnersNoStoreIsObeyed) {
  fields_ = "Cache-Control: no-store\r\n";
  body_of("/things/1");
  EXPECT_EQ(body_of("/things/1"), "answer 2");
}

TEST_F(Cache, ConsumersNoCacheAsksTheOwnerAndKeepsTheAnswer) {
  body_of("/things/1");
  EXPECT_EQ(body_of("/things/1", "Cache-Control: no-cache\r\n"), "answer 2");
  EXPECT_EQ(body_of("/things/1"), "answer 2");
}

TEST_F(Cache, OnlyIfCachedIsAnsweredWithoutTheOwner) {
  const Answer answer = last(send(get("/things/1", "Cache-Control: only-if-cached\r\n")));
  EXPECT_EQ(answer.status, 504);
  EXPECT_THAT(answer.body, HasSubstr("NOT_CACHED"));
  EXPECT_EQ(calls(), 0u);
}

TEST_F(Cache, OwnerConfirmsAStaleAnswer) {
  fields_ = "ETag: \"v1\"\r\nX-Kept: yes\r\n";
  body_of("/things/1");
  network.advance(seconds(61));
  owner->on_request([&](OwnerConnection& connection) {
    EXPECT_EQ(connection.request().field("If-None-Match"), "\"v1\"");
    connection.send("HTTP/1.1 304 Not Modified\r\nETag: \"v1\"\r\nX-New: 1\r\n\r\n");
  });
  const Answer answer = last(send(get("/things/1")));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "answer 1");
  EXPECT_EQ(answer.field("X-Kept"), "yes");
  EXPECT_EQ(answer.field("X-New"), "1");
  EXPECT_THAT(answer.field("Cache-Status"), HasSubstr("fwd=stale; fwd-status=304"));
  EXPECT_EQ(body_of("/things/1"), "answer 1");
  EXPECT_EQ(calls(), 2u);
}

TEST_F(Cache, ConsumersConditionIsAnsweredFromMemory) {
  fields_ = "ETag: \"v1\"\r\n";
  body_of("/things/1");
  const Answer answer = last(send(get("/things/1", "If-None-Match: \"v1\"\r\n")));
  EXPECT_EQ(answer.status, 304);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(answer.field("ETag"), "\"v1\"");
  EXPECT_EQ(calls(), 1u);
}

TEST_F(Cache, HeadIsAnsweredByWhatGetLeft) {
  body_of("/things/1");
  SimConsumer& asks = consumer();
  asks.send("HEAD /things/1 HTTP/1.1\r\nHost: x\r\n\r\n");
  network.run_until_idle();
  EXPECT_THAT(asks.received(), HasSubstr("Content-Length: 8\r\n"));
  EXPECT_THAT(asks.received(), Not(HasSubstr("answer")));
  EXPECT_EQ(calls(), 1u);
}

TEST_F(Cache, VaryChoosesAmongAnswers) {
  fields_ = "Vary: Accept-Language\r\n";
  EXPECT_EQ(body_of("/things/1", "Accept-Language: de\r\n"), "answer 1");
  EXPECT_EQ(body_of("/things/1", "Accept-Language: fr\r\n"), "answer 2");
  EXPECT_EQ(body_of("/things/1", "Accept-Language: de\r\n"), "answer 1");
  EXPECT_EQ(body_of("/things/1", "Accept-Language: fr\r\n"), "answer 2");
  EXPECT_EQ(calls(), 2u);
}

// --- one flight ---------------------------------------------------------------------------------

TEST_F(Cache, ManyMissesMakeOneCall) {
  owner->on_request([](OwnerConnection&) {});
  std::vector<SimConsumer*> senders;
  for (int i = 0; i < 200; ++i) {
    senders.push_back(&consumer());
    senders.back()->send(get("/things/1"));
  }
  network.run_until_idle();
  ASSERT_EQ(calls(), 1u);
  owner->last().answer("one");
  network.run_until_idle();
  for (SimConsumer* sender : senders) EXPECT_EQ(last(*sender).body, "one");
  EXPECT_THAT(last(*senders[7]).field("Cache-Status"), HasSubstr("collapsed"));
}

TEST_F(Cache, WhatIsNotKeptIsNotWaitedForTwice) {
  fields_ = "Cache-Control: no-store\r\n";
  owner->on_request([](OwnerConnection&) {});
  for (int i = 0; i < 3; ++i) consumer().send(get("/things/1"));
  network.run_until_idle();
  ASSERT_EQ(calls(), 1u);
  owner->last().send(whole_answer("mine", fields_));
  network.run_until_idle();
  EXPECT_EQ(calls(), 3u);
  consumer().send(get("/things/1"));
  network.run_until_idle();
  EXPECT_EQ(calls(), 4u);
}

TEST_F(Cache, LeaderThatGoesHandsOver) {
  owner->on_request([](OwnerConnection&) {});
  SimConsumer& leader = consumer();
  leader.send(get("/things/1"));
  network.run_until_idle();
  SimConsumer& follower = consumer();
  follower.send(get("/things/1"));
  network.run_until_idle();
  leader.reset();
  network.run_until_idle();
  ASSERT_EQ(calls(), 2u);
  owner->last().answer("two");
  network.run_until_idle();
  EXPECT_EQ(last(follower).body, "two");
}

TEST_F(Cache, OneFailedLeaderDoesNotFailAll) {
  owner->on_request([](OwnerConnection&) {});
  std::vector<SimConsumer*> senders;
  for (int i = 0; i < 3; ++i) {
    senders.push_back(&consumer());
    senders.back()->send(get("/things/1"));
  }
  network.run_until_idle();
  owner->last().reset();
  network.run_until_idle();
  EXPECT_EQ(last(*senders[0]).status, 502);
  ASSERT_EQ(calls(), 2u);
  owner->last().answer("good");
  network.run_until_idle();
  EXPECT_EQ(last(*senders[1]).body, "good");
  EXPECT_EQ(last(*senders[2]).body, "good");
}

TEST_F(Cache, TwoFailedLeadersFailAll) {
  owner->on_request([](OwnerConnection& connection) { connection.reset(); });
  std::vector<SimConsumer*> senders;
  for (int i = 0; i < 20; ++i) {
    senders.push_back(&consumer());
    senders.back()->send(get("/things/1"));
  }
  network.run_until_idle();
  EXPECT_EQ(calls(), 2u);
  for (SimConsumer* sender : senders) EXPECT_EQ(last(*sender).status, 502);
}

TEST_F(Cache, OnesOwnErrorsAreNotTheFollowers) {
  owner->on_request([](OwnerConnection&) {});
  consumer().send(get("/things/1", "X-Request-Timeout-Ms: 20\r\n"));
  network.run_until_idle();
  consumer().send(get("/things/1", "X-Request-Timeout-Ms: 40\r\n"));
  consumer().send(get("/things/1", "Cache-Control: only-if-cached\r\n"));
  SimConsumer& patient = consumer();
  patient.send(get("/things/1"));
  network.advance(milliseconds(200));
  EXPECT_TRUE(patient.answers().empty());
  owner->last().answer("late");
  network.run_until_idle();
  EXPECT_EQ(last(patient).body, "late");
}

TEST_F(Cache, FailureOfOneIsNotToldWithItsBody) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send("HTTP/1.1 500 Oh\r\nContent-Length: 6\r\n\r\nsecret");
  });
  std::vector<SimConsumer*> senders;
  for (int i = 0; i < 4; ++i) {
    senders.push_back(&consumer());
    senders.back()->send(get("/things/1"));
  }
  network.run_until_idle();
  EXPECT_EQ(calls(), 2u);
  EXPECT_EQ(last(*senders[3]).status, 502);
  EXPECT_EQ(last(*senders[3]).body.find("secret"), std::string::npos);
}

TEST_F(Cache, FollowersWithOtherFieldsFetchOnceForEachKind) {
  owner->on_request([](OwnerConnection&) {});
  std::vector<SimConsumer*> senders;
  for (int i = 0; i < 20; ++i) {
    senders.push_back(&consumer());
    senders.back()->send(
        get("/things/1", i % 2 == 0 ? "Accept-Language: de\r\n" : "Accept-Language: fr\r\n"));
  }
  network.run_until_idle();
  for (int i = 0; i < 2; ++i) {
    OwnerConnection& connection = owner->last();
    connection.send(
        whole_answer(connection.request().field("Accept-Language"), "Vary: Accept-Language\r\n"));
    network.run_until_idle();
  }
  EXPECT_EQ(calls(), 2u);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(last(*senders[i]).body, i % 2 == 0 ? "de" : "fr");
}

TEST_F(Cache, FollowersDoNotWaitForEver) {
  policy(0).timeout = seconds(20);
  policy(0).per_try_timeout = seconds(20);
  owner->on_request([](OwnerConnection&) {});
  consumer().send(get("/things/1"));
  network.run_until_idle();
  consumer().send(get("/things/1"));
  network.advance(milliseconds(2500));
  EXPECT_EQ(calls(), 2u);
}

// --- stale answers ------------------------------------------------------------------------------

TEST_F(Cache, StaleWhileItIsFetchedAnew) {
  policy(0).cache->stale_while_revalidate = seconds(30);
  body_of("/things/1");
  network.advance(seconds(70));
  EXPECT_EQ(body_of("/things/1"), "answer 1");
  EXPECT_EQ(calls(), 2u);
  EXPECT_EQ(body_of("/things/1"), "answer 2");
  EXPECT_EQ(calls(), 2u);
}

TEST_F(Cache, StaleAnswersDoNotWaitWhenTooManyAreBeingFetched) {
  policy(0).cache->stale_while_revalidate = seconds(30);
  const int count = static_cast<int>(proxy::BackgroundCalls::kMax) + 5;
  for (int i = 0; i < count; ++i) body_of("/things/" + std::to_string(i));
  network.advance(seconds(70));
  owner->on_request([](OwnerConnection&) {});
  for (int i = 0; i < count; ++i) {
    EXPECT_EQ(body_of("/things/" + std::to_string(i)), "answer " + std::to_string(i + 1));
  }
}

TEST_F(Cache, OneFetchBehindManyStaleAnswers) {
  policy(0).cache->stale_while_revalidate = seconds(30);
  body_of("/things/1");
  network.advance(seconds(70));
  owner->on_request([](OwnerConnection&) {});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(body_of("/things/1"), "answer 1");
  EXPECT_EQ(calls(), 2u);
}

TEST_F(Cache, StaleInPlaceOfAnOwnerThatFails) {
  policy(0).cache->stale_if_error = seconds(600);
  body_of("/things/1");
  network.advance(seconds(70));
  owner->on_request([](OwnerConnection& connection) { connection.reset(); });
  const Answer reset = last(send(get("/things/1")));
  EXPECT_EQ(reset.status, 200);
  EXPECT_EQ(reset.body, "answer 1");
  EXPECT_THAT(reset.field("Cache-Status"), HasSubstr("stale-if-error"));
  owner->on_request([](OwnerConnection& connection) {
    connection.send("HTTP/1.1 500 Oh\r\nContent-Length: 3\r\n\r\nbad");
  });
  EXPECT_EQ(body_of("/things/1"), "answer 1");
  network.advance(seconds(600));
  EXPECT_EQ(last(send(get("/things/1"))).status, 500);
}

TEST_F(Cache, StaleWhenTheTimeIsNearlyOver) {
  policy(0).cache->stale_if_error = seconds(600);
  policy(0).timeout = seconds(1);
  policy(0).per_try_timeout = seconds(1);
  body_of("/things/1");
  network.advance(seconds(70));
  owner->on_request([](OwnerConnection&) {});
  SimConsumer& sender = consumer();
  sender.send(get("/things/1"));
  network.advance(milliseconds(999));
  ASSERT_EQ(sender.answers().size(), 1u);
  EXPECT_EQ(last(sender).body, "answer 1");
}

TEST_F(Cache, MustRevalidateIsNeverStale) {
  policy(0).cache->stale_if_error = seconds(600);
  fields_ = "Cache-Control: max-age=60, must-revalidate\r\n";
  body_of("/things/1");
  network.advance(seconds(70));
  owner->on_request([](OwnerConnection& connection) { connection.reset(); });
  EXPECT_EQ(last(send(get("/things/1"))).status, 502);
}

// --- invalidation -------------------------------------------------------------------------------

class Change : public Cache {
 protected:
  Change() {
    policy(0).cache->tags = {tag("thing:{id}")};
    policy(2).invalidates = {tag("thing:{id}")};
  }
  std::string put(std::string_view target) {
    return with_body(std::string("PUT ").append(target), "new");
  }
};

TEST_F(Change, MutationMakesItsTagsStale) {
  body_of("/things/1");
  body_of("/things/2");
  send(put("/things/1"));
  EXPECT_EQ(body_of("/things/1"), "answer 4");
  EXPECT_EQ(body_of("/things/2"), "answer 2");
}

TEST_F(Change, FailedMutationChangesNothing) {
  body_of("/things/1");
  owner->on_request([](OwnerConnection& connection) {
    connection.send("HTTP/1.1 409 Conflict\r\nContent-Length: 0\r\n\r\n");
  });
  send(put("/things/1"));
  EXPECT_EQ(body_of("/things/1"), "answer 1");
}

TEST_F(Change, MutationThatMayHaveHappenedCounts) {
  body_of("/things/1");
  owner->on_request([](OwnerConnection& connection) { connection.reset(); });
  EXPECT_EQ(last(send(put("/things/1"))).status, 502);
  owner->on_request([](OwnerConnection& connection) { connection.answer("fresh"); });
  EXPECT_EQ(body_of("/things/1"), "fresh");
}

TEST_F(Change, RefusalAfterALostAnswerCounts) {
  policy(2).retry.attempts = 2;
  body_of("/things/1");
  int tries = 0;
  owner->on_request([&](OwnerConnection& connection) {
    if (++tries == 1) {
      connection.reset();  // it has done it
    } else {
      connection.send("HTTP/1.1 404 Gone\r\nContent-Length: 0\r\n\r\n");
    }
  });
  SimConsumer& sender = consumer();
  sender.send(put("/things/1"));
  network.advance(seconds(2));
  EXPECT_EQ(last(sender).status, 404);
  owner->on_request([](OwnerConnection& connection) { connection.answer("fresh"); });
  EXPECT_EQ(body_of("/things/1"), "fresh");
}

TEST_F(Change, BodyThatCannotBeReadMayNameAnything) {
  policy(1).invalidates = {tag("thing:{request:/ids/*}", {})};
  body_of("/things/1");
  send(with_body("POST /things", R"({"ids":[1)"));
  EXPECT_EQ(body_of("/things/1"), "answer 3");
}

TEST_F(Change, SpellingsOfOnePathAreOnePath) {
  policy(0).cache->tags.clear();
  policy(2).invalidates.clear();
  policy(2).invalidates_path = true;
  body_of("/things/1");
  send(put("/things/%31"));
  EXPECT_EQ(body_of("/things/1"), "answer 3");
}

TEST_F(Change, SpellingsOfOneTenantAreOneTenant) {
  body_of("/things/1", "X-Tenant-ID: ab\r\n");
  send("PUT /things/1 HTTP/1.1\r\nHost: x\r\nX-Tenant-ID: AB\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(body_of("/things/1", "X-Tenant-ID: ab\r\n"), "answer 3");
}

TEST_F(Change, WhatWasMadeStaleIsNotValidatedByItsSecond) {
  fields_ = "Last-Modified: Wed, 21 Oct 2015 07:28:00 GMT\r\n";
  body_of("/things/1");
  send(put("/things/1"));
  EXPECT_EQ(body_of("/things/1"), "answer 3");
  EXPECT_EQ(owner->requests().back().field("If-Modified-Since"), "");
}

TEST_F(Change, ReadThatBeganBeforeIsNotKept) {
  OwnerConnection* slow = nullptr;
  owner->on_request([&](OwnerConnection& connection) { slow = &connection; });
  SimConsumer& reader = consumer();
  reader.send(get("/things/1"));
  network.run_until_idle();
  ASSERT_NE(slow, nullptr);
  owner->on_request([](OwnerConnection& connection) { connection.answer("done"); });
  send(put("/things/1"));
  slow->answer("old");
  network.run_until_idle();
  EXPECT_EQ(last(reader).body, "old");
  EXPECT_EQ(body_of("/things/1"), "done");
}

TEST_F(Change, WhoCameAfterItDoesNotFollowAReadFromBefore) {
  OwnerConnection* slow = nullptr;
  owner->on_request([&](OwnerConnection& connection) { slow = &connection; });
  consumer().send(get("/things/1"));
  network.run_until_idle();
  owner->on_request([](OwnerConnection& connection) { connection.answer("done"); });
  send(put("/things/1"));
  SimConsumer& late = consumer();
  late.send(get("/things/1"));
  network.run_until_idle();
  slow->answer("old");
  network.run_until_idle();
  EXPECT_EQ(last(late).body, "done");
}

TEST_F(Change, OnlyItsOwnTenantsAnswersAreStale) {
  body_of("/things/1", "X-Tenant-ID: a\r\n");
  body_of("/things/1", "X-Tenant-ID: b\r\n");
  send("PUT /things/1 HTTP/1.1\r\nHost: x\r\nX-Tenant-ID: a\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(body_of("/things/1", "X-Tenant-ID: a\r\n"), "answer 4");
  EXPECT_EQ(body_of("/things/1", "X-Tenant-ID: b\r\n"), "answer 2");
}

TEST_F(Change, PathIsStaleWithoutAWordOfConfiguration) {
  policy(0).cache->tags.clear();
  policy(2).invalidates.clear();
  policy(2).invalidates_path = true;
  body_of("/things/1");
  body_of("/things/1?part=2");
  send(put("/things/1"));
  EXPECT_EQ(body_of("/things/1"), "answer 4");
  EXPECT_EQ(body_of("/things/1?part=2"), "answer 5");
}

TEST_F(Change, TagsComeOutOfTheAnswer) {
  policy(0).cache->tags = {tag("thing:{response:/items/*/id}")};
  owner->on_request([this](OwnerConnection& connection) {
    ++answers_;
    connection.answer(R"({"items":[{"id":7},{"id":"8"}],"n":)" + std::to_string(answers_) + "}");
  });
  const std::string first = body_of("/things/all");
  send(put("/things/9"));
  EXPECT_EQ(body_of("/things/all"), first);
  send(put("/things/8"));
  const std::string second = body_of("/things/all");
  EXPECT_NE(second, first);
  send(put("/things/7"));
  EXPECT_NE(body_of("/things/all"), second);
}

TEST_F(Change, TagsComeOutOfTheCall) {
  policy(1).invalidates = {tag("thing:{request:/ids/*}", {})};
  body_of("/things/1");
  body_of("/things/2");
  body_of("/things/3");
  send(with_body("POST /things", R"({"ids":[1,"3"]})"));
  EXPECT_EQ(body_of("/things/1"), "answer 5");
  EXPECT_EQ(body_of("/things/2"), "answer 2");
  EXPECT_EQ(body_of("/things/3"), "answer 6");
}

}  // namespace
}  // namespace usher::sim
