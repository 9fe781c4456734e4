// Stories of kept-alive connections to the owner: when they are used, repeated over and given up.

#include "sim/story.h"

namespace usher::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kPost = "POST /things";

class KeepAlive : public Story {
 protected:
  // A connection that has carried a call, and whose owner then behaves as told.
  SimConsumer& warm_up() {
    SimConsumer& consumer = this->consumer();
    expect_call(consumer, "/things/0");
    return consumer;
  }
  // The first connection is closed when the next call arrives on it.
  void close_the_first(std::string_view last_words = {}) {
    owner->on_head([last_words](OwnerConnection& connection) {
      if (connection.number() > 0) return;
      connection.send(last_words);
      connection.close();
    });
    owner->on_request([](OwnerConnection& connection) {
      connection.answer("from " + std::to_string(connection.number()));
    });
  }
};

TEST_F(KeepAlive, AStaleConnectionIsRepeatedOnAFreshOne) {
  SimConsumer& consumer = warm_up();
  close_the_first();
  consumer.send(get("/things/1"));
  network.run_until_idle();
  const Answer answer = consumer.answers().back();
  EXPECT_EQ(answer.body, "from 1");
  EXPECT_EQ(answer.field("Usher-Attempts"), "2");
  EXPECT_EQ(answer.field("Proxy-Status"), "usher; details=\"retried\"");
  EXPECT_EQ(stale(), 1u);
  EXPECT_EQ(owner->heads(), 3u);
}

TEST_F(KeepAlive, AResetIsAsStaleAsAnEnd) {
  SimConsumer& consumer = warm_up();
  owner->on_head([](OwnerConnection& connection) {
    if (connection.number() == 0) connection.reset();
  });
  owner->on_request([](OwnerConnection& connection) { connection.answer("again"); });
  consumer.send(get("/things/1"));
  network.run_until_idle();
  EXPECT_EQ(consumer.answers().back().body, "again");
  EXPECT_EQ(stale(), 1u);
}

TEST_F(KeepAlive, OnlyOnce) {
  SimConsumer& consumer = warm_up();
  owner->on_head([](OwnerConnection& connection) { connection.close(); });
  consumer.send(get("/things/1"));
  network.run_until_idle();
  const Answer answer = consumer.answers().back();
  EXPECT_EQ(answer.status, 502);
  EXPECT_EQ(answer.code(), "UPSTREAM_RESET");
  EXPECT_EQ(answer.field("Usher-Attempts"), "2");
  EXPECT_EQ(answer.field("Usher-Retry-Safe"), "yes");
  EXPECT_EQ(owner->heads(), 3u);
}

TEST_F(KeepAlive, ANonRepeatableCallIsNotRepeated) {
  SimConsumer& consumer = warm_up();
  close_the_first();
  consumer.send(with_body(kPost, "x"));
  network.run_until_idle();
  const Answer answer = consumer.answers().back();
  EXPECT_EQ(answer.code(), "UPSTREAM_RESET");
  EXPECT_EQ(answer.field("Usher-Retry-Safe"), "unknown");
  EXPECT_EQ(owner->heads(), 2u);
  EXPECT_FALSE(consumer.is_over());
}

TEST_F(KeepAlive, NotOverAByteOfAnAnswer) {
  SimConsumer& consumer = warm_up();
  close_the_first("H");
  consumer.send(get("/things/1"));
  network.run_until_idle();
  EXPECT_EQ(consumer.answers().back().code(), "UPSTREAM_RESET");
  EXPECT_EQ(stale(), 0u);
}

TEST_F(KeepAlive, NotOverAnInterimAnswer) {
  SimConsumer& consumer = warm_up();
  close_the_first("HTTP/1.1 100 Continue\r\n\r\n");
  consumer.send(get("/things/1"));
  network.run_until_idle();
  EXPECT_EQ(consumer.answers().back().code(), "UPSTREAM_RESET");
  EXPECT_EQ(stale(), 0u);
}

TEST_F(KeepAlive, NotOnAFreshConnection) {
  close_the_first();
  SimConsumer& consumer = send(get("/things/1"));
  EXPECT_EQ(consumer.answer().code(), "UPSTREAM_RESET");
  EXPECT_EQ(consumer.answer().field("Usher-Attempts"), "1");
  EXPECT_EQ(owner->heads(), 1u);
}

TEST_F(KeepAlive, NotWithABodyThatIsGone) {
  settings.options.limits.replay_bytes = 1000;
  SimConsumer& consumer = warm_up();
  close_the_first();
  consumer.send(with_body("PUT /things/1", pattern(1001)));
  network.run_until_idle();
  EXPECT_EQ(consumer.answers().back().code(), "UPSTREAM_RESET");
  EXPECT_EQ(owner->heads(), 2u);
}

TEST_F(KeepAlive, AKeptBodyIsRepeated) {
  settings.options.limits.replay_bytes = 50'000;
  SimConsumer& consumer = warm_up();
  close_the_first();
  consumer.send(with_body("PUT /things/1", pattern(50'000)));
  network.run_until_idle();
  EXPECT_EQ(consumer.answers().back().body, "from 1");
  EXPECT_EQ(owner->requests().back().body, pattern(50'000));
  EXPECT_EQ(stale(), 0u);
  EXPECT_EQ(proxy().endpoint(2).stale_connections.value(), 1u);
}

TEST_F(KeepAlive, AKeptBodyIsRepeatedWithTheRestThatComesLater) {
  SimConsumer& consumer = warm_up();
  close_the_first();
  consumer.send(chunked_head("PUT /things/1") + chunk("begun, "));
  network.run_until_idle();
  consumer.send(chunk("and ended") + std::string(kLastChunk));
  network.run_until_idle();
  EXPECT_EQ(consumer.answers().back().body, "from 1");
  EXPECT_EQ(owner->requests().back().body, "begun, and ended");
}

TEST_F(KeepAlive, AHeldBodyIsRepeated) {
  settings.scheme = &holding_scheme();
  SimConsumer& consumer = warm_up();
  close_the_first();
  consumer.send(with_body("PUT /things/1", pattern(50'000)));
  network.run_until_idle();
  EXPECT_EQ(consumer.answers().back().body, "from 1");
  EXPECT_EQ(owner->requests().back().body, pattern(50'000));
}

TEST_F(KeepAlive, AnIdleConnectionThatEndsIsNotUsed) {
  SimConsumer& consumer = warm_up();
  owner->last().close();
  network.run_until_idle();
  EXPECT_EQ(proxy().owner_connections(), 0u);
  expect_call(consumer, "/things/1");
  EXPECT_EQ(stale(), 0u);
  EXPECT_EQ(owner->connections(), 2u);
}

TEST_F(KeepAlive, AnIdleConnectionThatSpeaksIsNotUsed) {
  SimConsumer& consumer = warm_up();
  owner->last().send("HTTP/1.1 408 Request Timeout\r\n\r\n");
  network.run_until_idle();
  EXPECT_EQ(proxy().owner_connections(), 0u);
  expect_call(consumer, "/things/1");
}

TEST_F(KeepAlive, ANonRepeatableCallTakesNoConnectionThatIsClosing) {
  SimConsumer& consumer = warm_up();
  consumer.send(with_body(kPost, "x"));
  network.advance(milliseconds(0));
  owner->last().end();  // arrives with the call
  network.run_until_idle();
  const Answer answer = consumer.answers().back();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("Usher-Attempts"), "1");
  EXPECT_EQ(owner->connections(), 2u);
}

// The owner has got nothing of it, so that not even a POST can be executed twice.
TEST_F(KeepAlive, ACallOfWhichNothingWasSentIsRepeatedWhateverItIs) {
  network.options().probe_sees = false;
  SimConsumer& consumer = warm_up();
  consumer.send(with_body(kPost, "x"));
  network.advance(milliseconds(0));
  owner->last().reset();
  network.run_until_idle();
  const Answer answer = consumer.answers().back();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("Usher-Attempts"), "2");
  EXPECT_EQ(owner->requests().back().body, "x");
  EXPECT_EQ(owner->heads(), 2u);
}

TEST_F(KeepAlive, AConnectionThatMayCarryNoCallMoreIsNotKept) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send(whole_answer("last", "Keep-Alive: timeout=5, max=0\r\n"));
  });
  send(get("/things/1"));
  EXPECT_EQ(proxy().owner_connections(), 0u);
}

TEST_F(KeepAlive, ANonRepeatableCallTakesNoConnectionThatIdledForLong) {
  SimConsumer& consumer = warm_up();
  network.advance(milliseconds(990));
  consumer.send(with_body(kPost, "x"));
  network.run_until_idle();
  EXPECT_EQ(owner->connections(), 1u);
  network.advance(milliseconds(1010));
  consumer.send(with_body(kPost, "x"));
  network.run_until_idle();
  EXPECT_EQ(owner->connections(), 2u);
  EXPECT_EQ(consumer.answers().back().status, 200);
}

TEST_F(KeepAlive, WhereThePoolIsFullTheOldOneMakesRoom) {
  settings.clusters[0].connections_per_host = 1;
  SimConsumer& consumer = warm_up();
  network.advance(seconds(2));
  consumer.send(with_body(kPost, "x"));
  network.run_until_idle();
  EXPECT_EQ(consumer.answers().back().status, 200);
  EXPECT_EQ(owner->connections(), 2u);
  EXPECT_EQ(proxy().owner_connections(), 1u);
}

TEST_F(KeepAlive, IdleConnectionsAreGivenUpAfterFourSeconds) {
  warm_up();
  network.advance(milliseconds(3990));
  EXPECT_EQ(proxy().owner_connections(), 1u);
  network.advance(milliseconds(20));
  EXPECT_EQ(proxy().owner_connections(), 0u);
  EXPECT_TRUE(owner->connection(0).ended());
}

TEST_F(KeepAlive, OrAsTheOwnerSaysLessASecond) {
  const struct {
    std::string_view hint;
    seconds kept;
  } kCases[] = {{"timeout=2", seconds(1)},        {"timeout=10, max=100", seconds(9)},
                {"max=5, Timeout=3", seconds(2)}, {"timeout=600", seconds(60)},
                {"timeout=x", seconds(4)},        {"max=5", seconds(4)}};
  for (const auto& [hint, kept] : kCases) {
    owner->on_request([hint = hint](OwnerConnection& connection) {
      connection.send(whole_answer("x", "Keep-Alive: " + std::string(hint) + "\r\n"));
    });
    send(get("/things/1")).close();
    network.advance(kept - milliseconds(20));
    EXPECT_EQ(proxy().owner_connections(), 1u) << hint;
    network.advance(milliseconds(40));
    EXPECT_EQ(proxy().owner_connections(), 0u) << hint;
  }
}

TEST_F(KeepAlive, AHintOfOneSecondMeansNotAtAll) {
  for (const std::string hint : {"timeout=1", "timeout=0"}) {
    owner->on_request([&hint](OwnerConnection& connection) {
      connection.send(whole_answer("x", "Keep-Alive: " + hint + "\r\n"));
    });
    send(get("/things/1"));
    EXPECT_EQ(proxy().owner_connections(), 0u);
  }
}

TEST_F(KeepAlive, SurplusBytesBehindAnAnswer) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send(whole_answer("x") + whole_answer("forged"));
  });
  SimConsumer& consumer = send(get("/things/1"));
  EXPECT_EQ(consumer.answer().body, "x");
  EXPECT_EQ(proxy().owner_connections(), 0u);
  owner->on_request(nullptr);
  expect_call(consumer, "/things/2");
}

TEST_F(KeepAlive, TheYoungestIsUsedFirst) {
  owner->on_request([](OwnerConnection&) {});
  send(get("/things/1"));
  send(get("/things/2"));
  owner->connection(0).answer("0");
  network.run_until_idle();
  owner->connection(1).answer("1");
  network.run_until_idle();
  send(get("/things/3"));
  EXPECT_EQ(owner->connection(1).request().target, "/things/3");
  owner->connection(1).answer("1");
}

TEST_F(KeepAlive, AConnectionGrowsOldAfterTenMinutes) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send(whole_answer("x", "Keep-Alive: timeout=61\r\n"));
  });
  SimConsumer& consumer = this->consumer();
  for (int i = 0; i <= 10; ++i) {
    consumer.send(get("/things/1"));
    network.advance(seconds(59));
  }
  EXPECT_EQ(owner->connections(), 1u);
  consumer.send(get("/things/1"));  // its last one
  network.run_until_idle();
  EXPECT_EQ(owner->connections(), 1u);
  EXPECT_EQ(proxy().owner_connections(), 0u);
}

// The rest of this request would stand in front of the next one.
TEST_F(KeepAlive, AConnectionWithAnUnsentRestIsNotUsedAgain) {
  network.options().window = 16'000;
  owner->on_head([](OwnerConnection& connection) { connection.pause(); });
  SimConsumer& consumer = send(with_body("PUT /things/1", pattern(60'000)));
  EXPECT_EQ(consumer.queued_bytes(), 0u);
  owner->last().answer("early");
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().body, "early");
  EXPECT_EQ(proxy().owner_connections(), 0u);
}

// The race itself, ten thousand times: an owner that gives up idle connections after a second, and
// calls that come within ten milliseconds of it.
TEST_F(KeepAlive, AnOwnerThatClosesJustThenCostsNoCallAndExecutesNoneTwice) {
  constexpr auto kOwnerIdle = seconds(1);
  Random random(7);
  SimConsumer& consumer = warm_up();
  consumer.take_answer();
  std::size_t failed_posts = 0;
  for (int i = 0; i < 10'000; ++i) {
    const Duration gap = milliseconds(990) + random.next() % 200 * SimNetwork::kQuantum;
    const bool is_post = random.next() % 2 == 0;
    const std::string body = std::to_string(i);
    const std::size_t heads = owner->heads();
    network.advance(std::min<Duration>(gap, kOwnerIdle));
    const auto call = [&] {
      consumer.send(is_post ? with_body(kPost, body) : get("/things/" + body));
    };
    if (gap < kOwnerIdle) {
      call();
      network.advance(kOwnerIdle - gap);
      if (owner->heads() == heads && owner->last().is_open()) owner->last().close();
    } else {
      if (owner->last().is_open()) owner->last().close();
      network.advance(gap - kOwnerIdle);
      call();
    }
    network.run_until_idle();
    const Answer answer = consumer.take_answer();
    if (!is_post) {
      EXPECT_EQ(answer.status, 200) << body;
    } else if (answer.status != 200) {
      EXPECT_EQ(answer.code(), "UPSTREAM_RESET") << body;
      EXPECT_EQ(owner->heads(), heads) << body << ": executed, and yet an error";
      ++failed_posts;
    }
    EXPECT_LE(owner->heads(), heads + 1) << body << ": executed twice";
  }
  EXPECT_GT(stale(), 100u);         // the race was met
  EXPECT_LT(failed_posts, 1'000u);  // those that were on their way
}

}  // namespace
}  // namespace usher::sim
