// Stories of owners that are slow, failing or gone: retries, breakers, bulkheads, hedges,
// fallbacks.

#include "sim/story.h"

namespace usher::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

constexpr std::string_view kBusy =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy";

class Resilience : public Story {
 protected:
  // What the owner does with its calls, one after another; then it answers.
  void owner_does(std::vector<SimOwner::Handler> acts) {
    owner->on_request([acts, next = std::size_t{0}](OwnerConnection& connection) mutable {
      if (next < acts.size()) {
        acts[next++](connection);
      } else {
        connection.answer("fine");
      }
    });
  }
  static void busy(OwnerConnection& connection) { connection.send(kBusy); }
  static void reset(OwnerConnection& connection) { connection.reset(); }
  static void silence(OwnerConnection&) {}

  void retry(std::size_t endpoint, int attempts = 3) { policy(endpoint).retry.attempts = attempts; }
  std::uint64_t decided(std::size_t endpoint, policy::RetryVerdict verdict) {
    return proxy().endpoint(endpoint).retries[static_cast<std::size_t>(verdict)].value();
  }
  // Sent, and all that follows within two seconds.
  Answer call(std::string_view bytes) {
    SimConsumer& sender = consumer();
    sender.send(bytes);
    network.advance(seconds(2));
    return sender.answer();
  }
};

// --- retries ------------------------------------------------------------------------------------

TEST_F(Resilience, AStatusThatIsRetriedIsNotSeen) {
  retry(0);
  owner_does({busy, busy});
  const Answer answer = call(get("/things/1"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "fine");
  EXPECT_EQ(answer.field("Usher-Attempts"), "3");
  EXPECT_EQ(answer.field("Proxy-Status"), "usher; details=\"retried\"");
  EXPECT_EQ(decided(0, policy::RetryVerdict::Retry), 2u);
  EXPECT_EQ(owner->connections(), 1u);  // a 503 is no reason to give its connection up
}

TEST_F(Resilience, TheOwnersLastWordIsWhatTheConsumerGets) {
  retry(0);
  owner_does({busy, busy, busy});
  const Answer answer = call(get("/things/1"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "busy");
  EXPECT_EQ(answer.field("Usher-Attempts"), "3");
  EXPECT_EQ(owner->heads(), 3u);
}

TEST_F(Resilience, ALaterResetDoesNotHideTheOwnersWord) {
  retry(0, 2);
  owner_does({busy, reset, reset});  // the second on the used connection, the third on a fresh one
  EXPECT_EQ(call(get("/things/1")).body, "busy");
  EXPECT_EQ(decided(0, policy::RetryVerdict::Transparent), 1u);
  EXPECT_EQ(decided(0, policy::RetryVerdict::AttemptsUsed), 1u);
}

TEST_F(Resilience, AResetOnAFreshConnectionIsRetriedWhereItIsSafe) {
  retry(0);
  retry(1);
  owner_does({reset});
  EXPECT_EQ(call(get("/things/1")).status, 200);
  owner_does({reset});
  const Answer post = call(with_body("POST /things", "x"));
  EXPECT_EQ(post.code(), "UPSTREAM_RESET");
  EXPECT_EQ(post.field("Usher-Attempts"), "1");
  EXPECT_EQ(decided(1, policy::RetryVerdict::Unsafe), 1u);
}

TEST_F(Resilience, AKeyMakesAPostRepeatableWhereTheOwnerHonoursIt) {
  retry(1);
  policy(1).idempotent = policy::IdempotentRule::Key;
  owner_does({reset});
  EXPECT_EQ(call(with_body("POST /things", "x")).status, 200);
  ASSERT_EQ(owner->requests().size(), 2u);
  const std::string key = owner->requests()[0].field("Idempotency-Key");
  EXPECT_EQ(key.size(), 36u);
  EXPECT_EQ(owner->requests()[1].field("Idempotency-Key"), key);
  EXPECT_EQ(owner->requests()[1].body, "x");
  EXPECT_EQ(owner->requests()[0].field("X-Retry-Attempt"), "");
  EXPECT_EQ(owner->requests()[1].field("X-Retry-Attempt"), "1");
  call(with_body("POST /things", "x"));
  EXPECT_NE(owner->requests()[2].field("Idempotency-Key"), key);
}

TEST_F(Resilience, AConsumersKeyIsKept) {
  send("POST /things HTTP/1.1\r\nHost: x\r\nIdempotency-Key: mine\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(owner->requests()[0].field("Idempotency-Key"), "mine");
}

TEST_F(Resilience, ABodyThatIsTooLargeIsSentOnce) {
  retry(2);
  settings.options.limits.replay_bytes = 100;
  owner_does({busy});
  EXPECT_EQ(call(with_body("PUT /things/1", pattern(101))).body, "busy");
  EXPECT_EQ(owner->heads(), 1u);
}

// Of a body that no owner has got everything is still there, kept or not.
TEST_F(Resilience, ABodyOfWhichNothingWasSentCanBeSent) {
  for (std::size_t i : {1, 2}) retry(i);
  settings.options.limits.replay_bytes = 0;
  network.refuse(owner_address());
  EXPECT_EQ(call(with_body("POST /things", "x")).field("Usher-Attempts"), "3");
  EXPECT_EQ(call(with_body("PUT /things/1", "x")).field("Usher-Attempts"), "3");
  SimConsumer& patient = consumer();
  patient.send(with_body("POST /things", "wanted"));
  network.advance(milliseconds(4));
  owner.reset();
  owner = std::make_unique<SimOwner>(network, owner_address());
  network.advance(seconds(2));
  EXPECT_EQ(patient.answer().status, 200);
  EXPECT_NE(patient.answer().field("Usher-Attempts"), "1");
  ASSERT_EQ(owner->requests().size(), 1u);
  EXPECT_EQ(owner->requests()[0].body, "wanted");
}

TEST_F(Resilience, RetryAfterIsObeyedOrPassedOn) {
  retry(0);
  owner_does({[](OwnerConnection& connection) {
    connection.send("HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");
  }});
  SimConsumer& patient = consumer();
  patient.send(get("/things/1"));
  network.advance(milliseconds(990));
  EXPECT_EQ(owner->heads(), 1u);
  network.advance(milliseconds(300));
  EXPECT_EQ(patient.answer().status, 200);
  owner_does({[](OwnerConnection& connection) {
    connection.send("HTTP/1.1 503 Busy\r\nRetry-After: 60\r\nContent-Length: 0\r\n\r\n");
  }});
  const Answer answer = call(get("/things/1"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.field("Retry-After"), "60");
  EXPECT_EQ(answer.field("Usher-Attempts"), "1");
}

TEST_F(Resilience, AConsumerThatRetriesByItselfIsNotMultiplied) {
  retry(0);
  owner_does({busy, busy});
  EXPECT_EQ(call(get("/things/1", "X-Retry-Attempt: 1\r\n")).body, "busy");
  EXPECT_EQ(owner->heads(), 1u);
  EXPECT_EQ(call(get("/things/1", "X-Retry: off\r\n")).body, "busy");
  EXPECT_EQ(owner->heads(), 2u);
}

TEST_F(Resilience, ARepeatedKeyOfAFailedCallIsSeenAsTheConsumersRetry) {
  retry(2, 2);
  owner_does({busy, busy, busy});
  const std::string put =
      "PUT /things/1 HTTP/1.1\r\nHost: x\r\nIdempotency-Key: k\r\nContent-Length: 0\r\n\r\n";
  EXPECT_EQ(call(put).field("Usher-Attempts"), "2");
  EXPECT_EQ(call(put).field("Usher-Attempts"), "1");
}

TEST_F(Resilience, TheBudgetBoundsWhatAFailingOwnerSees) {
  retry(0);
  policy(0).retry.backoff = {.initial_delay = milliseconds(1), .max_delay = milliseconds(2)};
  owner->on_request(busy);
  SimConsumer& sender = consumer();
  for (int i = 0; i < 1000; ++i) {
    sender.send(get("/things/1"));
    network.advance(milliseconds(20));
    EXPECT_EQ(sender.take_answer().status, 503);
  }
  EXPECT_LE(owner->heads(), 1200u);
  EXPECT_GT(owner->heads(), 1100u);
}

TEST_F(Resilience, NoAttemptBeginsThatCannotFinish) {
  retry(0);
  owner->on_request(busy);
  const Answer answer = call(get("/things/1", "X-Request-Timeout-Ms: 8\r\n"));
  EXPECT_EQ(answer.body, "busy");
  EXPECT_EQ(answer.field("Usher-Attempts"), "1");
  EXPECT_EQ(decided(0, policy::RetryVerdict::NoTime), 1u);
}

TEST_F(Resilience, ATryTimeoutIsRetried) {
  retry(0);
  policy(0).per_try_timeout = milliseconds(300);
  owner_does({silence});
  EXPECT_EQ(call(get("/things/1")).field("Usher-Attempts"), "2");
}

TEST_F(Resilience, AConsumerThatLeavesInBackoffEndsTheCall) {
  retry(0);
  policy(0).retry.backoff = {.initial_delay = seconds(2), .max_delay = seconds(2)};
  owner->on_request(busy);
  SimConsumer& sender = send(get("/things/1"));
  EXPECT_EQ(proxy().metrics().calls_active.value(), 1u);
  sender.reset();
  network.run_until_idle();
  EXPECT_EQ(proxy().metrics().calls_active.value(), 0u);
  network.advance(seconds(5));
  EXPECT_EQ(owner->heads(), 1u);
}

// --- breaker ------------------------------------------------------------------------------------

TEST_F(Resilience, AnOpenBreakerRefusesAndRecovers) {
  policy(0).breaker_scope = policy::BreakerScope::Endpoint;
  policy(0).breaker = policy::BreakerOptions{};
  owner->on_request(busy);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(call(get("/things/1")).body, "busy");
  const Answer refused = call(get("/things/1"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.code(), "CIRCUIT_OPEN");
  EXPECT_THAT(refused.body, HasSubstr("service-0 is not answering; next try in 2"));
  EXPECT_EQ(refused.field("Retry-After").substr(0, 1), "2");
  EXPECT_EQ(refused.field("Usher-Attempts"), "0");
  EXPECT_EQ(refused.field("Usher-Retry-Safe"), "yes");
  EXPECT_EQ(owner->heads(), 5u);
  network.advance(seconds(30));
  owner->on_request(nullptr);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(call(get("/things/1")).status, 200);
  EXPECT_TRUE(proxy().shared().breakers()[0]->breaker().closed());
}

TEST_F(Resilience, AnOpenBreakerHeedsTheOwnersRetryAfter) {
  policy(0).breaker_scope = policy::BreakerScope::Endpoint;
  policy(0).breaker = policy::BreakerOptions{};
  owner->on_request([](OwnerConnection& connection) {
    connection.send("HTTP/1.1 503 Busy\r\nRetry-After: 50\r\nContent-Length: 0\r\n\r\n");
  });
  for (int i = 0; i < 5; ++i) EXPECT_EQ(send(get("/things/1")).answer().status, 503);
  EXPECT_EQ(send(get("/things/1")).answer().field("Retry-After"), "50");
}

TEST_F(Resilience, FourHundredsOpenNothing) {
  policy(0).breaker_scope = policy::BreakerScope::Endpoint;
  owner->on_request([](OwnerConnection& connection) {
    connection.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
  });
  for (int i = 0; i < 100; ++i) EXPECT_EQ(send(get("/things/1")).answer().status, 404);
}

TEST_F(Resilience, ABreakerThatOpensBetweenAttemptsHidesNothing) {
  retry(0);
  policy(0).breaker_scope = policy::BreakerScope::Endpoint;
  policy(0).breaker.consecutive_failures = 1;
  owner->on_request(reset);
  EXPECT_EQ(call(get("/things/1")).code(), "UPSTREAM_RESET");
  owner->on_request(nullptr);
  EXPECT_EQ(call(get("/things/1")).code(), "CIRCUIT_OPEN");
}

TEST_F(Resilience, EndpointsOfAServiceMayShareABreaker) {
  for (std::size_t i : {0, 1}) policy(i).breaker_scope = policy::BreakerScope::Service;
  settings.clusters[0].breaker.consecutive_failures = 2;
  owner->on_request(busy);
  send(get("/things/1"));
  send(with_body("POST /things", "x"));
  EXPECT_EQ(call(get("/things/1")).code(), "CIRCUIT_OPEN");
  EXPECT_EQ(call(with_body("POST /things", "x")).code(), "CIRCUIT_OPEN");
  EXPECT_EQ(call(with_body("PUT /things/1", "x")).body, "busy");  // has none
}

TEST_F(Resilience, AProbeWhoseConsumerLeavesGivesItsPermitBack) {
  policy(0).breaker_scope = policy::BreakerScope::Endpoint;
  policy(0).breaker = policy::BreakerOptions{};
  owner->on_request(busy);
  for (int i = 0; i < 5; ++i) send(get("/things/1"));
  network.advance(seconds(31));
  owner->on_request(silence);
  SimConsumer& probe = send(get("/things/1"));
  EXPECT_EQ(call(get("/things/1")).code(), "CIRCUIT_OPEN");
  probe.reset();
  network.run_until_idle();
  owner->on_request(nullptr);
  EXPECT_EQ(send(get("/things/1")).answer().status, 200);
}

// --- bulkhead -----------------------------------------------------------------------------------

TEST_F(Resilience, AnOwnerThatHangsHoldsNoMoreThanItsPlaces) {
  policy(0).concurrency = {.max_concurrent = 2, .max_queue = 1, .queue_timeout = milliseconds(100)};
  owner->on_request(silence);
  send(get("/things/1"));
  send(get("/things/2"));
  SimConsumer& queued = send(get("/things/3"));
  SimConsumer& refused = send(get("/things/4"));
  EXPECT_EQ(refused.answer().code(), "OVERLOADED");
  EXPECT_EQ(refused.answer().field("Usher-Retry-Safe"), "yes");
  EXPECT_EQ(queued.received(), "");
  network.advance(milliseconds(120));
  EXPECT_EQ(queued.answer().code(), "OVERLOADED");
  EXPECT_EQ(owner->heads(), 2u);
  EXPECT_EQ(send(with_body("POST /things", "x")).received(), "");  // another endpoint: it is sent
  EXPECT_EQ(owner->heads(), 3u);
}

TEST_F(Resilience, WhoWaitsGetsThePlaceThatIsLeft) {
  settings.clusters[0].concurrency = {
      .max_concurrent = 1, .max_queue = 2, .queue_timeout = seconds(1)};
  owner->on_request(silence);
  send(get("/things/1"));
  SimConsumer& second = send(get("/things/2"));
  SimConsumer& third = send(get("/things/3"));
  third.reset();  // leaves the queue
  network.run_until_idle();
  owner->on_request(nullptr);
  owner->last().answer("one");
  network.run_until_idle();
  EXPECT_EQ(second.answer().body, "/things/2");
  EXPECT_EQ(owner->heads(), 2u);
}

// --- hedges, fallbacks --------------------------------------------------------------------------

class Hedging : public Resilience {
 protected:
  Hedging() {
    policy(0).hedge = {.delay = milliseconds(50), .share = 1.0};
    settings.clusters[0].retry_budget.share = 1.0;
  }
  std::uint64_t won() { return proxy().endpoint(0).hedges_won.value(); }
};

TEST_F(Hedging, TheFirstAnswerWinsAndTheOtherIsCancelled) {
  owner_does({silence});
  const Answer answer = call(get("/things/1"));
  EXPECT_EQ(answer.body, "fine");
  EXPECT_EQ(answer.field("Usher-Attempts"), "2");
  EXPECT_EQ(won(), 1u);
  EXPECT_TRUE(owner->connection(0).ended());
}

TEST_F(Hedging, AQuickAnswerNeedsNone) {
  EXPECT_EQ(call(get("/things/1")).field("Usher-Attempts"), "1");
  EXPECT_EQ(owner->heads(), 1u);
}

TEST_F(Hedging, ASlowFirstAnswerMayStillWin) {
  owner_does({silence, silence});
  SimConsumer& sender = consumer();
  sender.send(get("/things/1"));
  network.advance(milliseconds(100));
  ASSERT_EQ(owner->connections(), 2u);
  owner->connection(0).answer("first");
  network.run_until_idle();
  EXPECT_EQ(sender.answer().body, "first");
  EXPECT_EQ(won(), 0u);
}

TEST_F(Hedging, WhenOneFailsTheOtherGoesOn) {
  owner_does({silence, silence});
  SimConsumer& sender = consumer();
  sender.send(get("/things/1"));
  network.advance(milliseconds(100));
  owner->connection(1).reset();
  network.run_until_idle();
  EXPECT_EQ(sender.received(), "");
  owner->connection(0).answer("first");
  network.run_until_idle();
  EXPECT_EQ(sender.answer().body, "first");
}

TEST_F(Hedging, WhenBothFailTheLastErrorCounts) {
  owner_does({silence, silence});
  SimConsumer& sender = consumer();
  sender.send(get("/things/1"));
  network.advance(milliseconds(100));
  owner->connection(0).reset();
  owner->connection(1).reset();
  network.run_until_idle();
  EXPECT_EQ(sender.answer().code(), "UPSTREAM_RESET");
  EXPECT_EQ(sender.answer().field("Usher-Attempts"), "2");
}

TEST_F(Hedging, NeverForAPost) {
  policy(1).hedge = policy(0).hedge;
  owner->on_request(silence);
  consumer().send(with_body("POST /things", "x"));
  network.advance(seconds(1));
  EXPECT_EQ(owner->heads(), 1u);
}

TEST_F(Resilience, AFallbackStandsInForAnOwnerThatIsGone) {
  policy(0).fallback = policy::Fallback{.status = 200, .body = "{\"items\":[]}"};
  network.refuse(owner_address());
  const Answer answer = call(get("/things/1"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{\"items\":[]}");
  EXPECT_EQ(answer.field("Content-Type"), "application/json");
  EXPECT_EQ(answer.field("Proxy-Status"), "usher; details=\"fallback\"");
  EXPECT_EQ(proxy().endpoint(0).fallbacks.value(), 1u);
}

TEST_F(Resilience, AFallbackStandsInForTheOwnersOwn503Too) {
  policy(0).fallback = policy::Fallback{.status = 204, .body = ""};
  owner->on_request(busy);
  SimConsumer& sender = send(get("/things/1"));
  EXPECT_EQ(sender.answer().status, 204);
  owner->on_request(nullptr);
  expect_call(sender, "/things/1");
}

TEST_F(Resilience, ButNotForAMutationThatMayHaveArrived) {
  policy(1).fallback = policy::Fallback{};
  owner->on_request(reset);
  EXPECT_EQ(call(with_body("POST /things", "x")).code(), "UPSTREAM_RESET");
  network.refuse(owner_address());
  EXPECT_EQ(call(with_body("POST /things", "x")).status, 200);
}

}  // namespace
}  // namespace usher::sim
