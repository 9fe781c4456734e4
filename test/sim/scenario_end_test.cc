// Stories of ends: consumers that leave or half-close, and a process that goes down.

#include "sim/story.h"

namespace usher::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class End : public Story {
 protected:
  void drain() {
    network.refuse(SimProxy::address());
    proxy().resources().draining = true;
  }
  std::uint64_t gone() { return proxy().outcomes(proxy::Outcome::consumer_gone()); }
};

struct DrainWatch final : proxy::DrainEvents {
  int finished = 0;
  void on_calls_finished() override { ++finished; }
};

TEST_F(End, OfAConsumerBetweenCalls) {
  SimConsumer& consumer = send(get("/things/1"));
  consumer.close();
  network.run_until_idle();
  EXPECT_EQ(proxy().metrics().connections.value(), 0u);
  EXPECT_EQ(gone(), 0u);
}

TEST_F(End, OfAConsumerWithinAHead) {
  send("GET /things/1 HTTP/1.1\r\nHo").close();
  network.run_until_idle();
  EXPECT_EQ(proxy().metrics().connections.value(), 0u);
  EXPECT_EQ(gone(), 0u);
}

TEST_F(End, OfAConsumerWithinABody) {
  for (const auto by : {&SimConsumer::close, &SimConsumer::reset, &SimConsumer::end}) {
    SimConsumer& consumer =
        send("POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
    (consumer.*by)();
    network.run_until_idle();
    EXPECT_TRUE(owner->last().ended());
  }
  EXPECT_EQ(gone(), 3u);
  EXPECT_EQ(owner->requests().size(), 0u);  // none was whole
}

TEST_F(End, OfAConsumerThatWaitsForAnAnswer) {
  owner->on_request([](OwnerConnection&) {});
  send(get("/things/1")).reset();
  network.run_until_idle();
  EXPECT_EQ(gone(), 1u);
  EXPECT_TRUE(owner->last().ended());
  EXPECT_EQ(proxy().owner_connections(), 0u);
}

TEST_F(End, OfAConsumerThatReadsAnAnswer) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send(std::string(kChunkedHead) + chunk("half"));
  });
  send(get("/things/1")).reset();
  network.run_until_idle();
  EXPECT_EQ(gone(), 1u);
  EXPECT_EQ(proxy().owner_connections(), 0u);
}

TEST_F(End, AHalfClosedConsumerIsAnswered) {
  SimConsumer& consumer = this->consumer();
  consumer.send(get("/things/1"));
  consumer.end();
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().body, "/things/1");
  EXPECT_TRUE(consumer.ended());
}

TEST_F(End, AHalfClosedConsumerGetsAllOfALargeAnswer) {
  const std::string body = pattern(100'000);
  owner->on_request([&body](OwnerConnection& connection) { connection.answer(body); });
  SimConsumer& consumer = this->consumer();
  network.run_until_idle();
  consumer.pause();
  consumer.send(get("/things/1"));
  consumer.end();
  network.run_until_idle();
  consumer.resume();
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().body, body);
  EXPECT_TRUE(consumer.ended());
}

TEST_F(End, AConsumerThatHalfClosesWhileItReadsGetsAll) {
  const std::string body = pattern(100'000);
  owner->on_request([&body](OwnerConnection& connection) { connection.answer(body); });
  SimConsumer& consumer = this->consumer();
  network.run_until_idle();
  consumer.pause();
  consumer.send(get("/things/1"));
  network.run_until_idle();
  EXPECT_EQ(proxy().metrics().calls_active.value(), 0u);  // the rest is queued
  consumer.end();
  network.run_until_idle();
  consumer.resume();
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().body, body);
}

TEST_F(End, ABodyThatIsStillComingDoesNotResetTheAnswer) {
  owner->on_head([](OwnerConnection& connection) {
    connection.send("HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\n\r\nno");
  });
  SimConsumer& consumer =
      send("POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\nhalf");
  consumer.send("more");  // after the answer, and after the proxy's FIN
  consumer.send("and more");
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().status, 401);
  EXPECT_FALSE(consumer.failed());
}

TEST_F(End, WhileDrainingNewCallsAreRefused) {
  SimConsumer& consumer = this->consumer();
  network.run_until_idle();
  drain();
  consumer.send(get("/things/1"));
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().status, 503);
  EXPECT_EQ(consumer.answer().code(), "DRAINING");
  EXPECT_EQ(consumer.answer().field("Connection"), "close");
  EXPECT_TRUE(consumer.ended());
  EXPECT_EQ(owner->heads(), 0u);
}

TEST_F(End, WhileDrainingRunningCallsAreAnswered) {
  DrainWatch watch;
  owner->on_request([](OwnerConnection&) {});
  SimConsumer& consumer = send(get("/things/1"));
  proxy().resources().drain_events = &watch;
  drain();
  network.advance(seconds(1));
  EXPECT_EQ(watch.finished, 0);
  owner->last().answer("done");
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().body, "done");
  EXPECT_EQ(consumer.answer().field("Connection"), "close");
  EXPECT_TRUE(consumer.ended());
  EXPECT_EQ(watch.finished, 1);
  proxy().resources().drain_events = nullptr;
}

TEST_F(End, ACallOfABodyIsDrainedToo) {
  SimConsumer& consumer = send("POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf");
  drain();
  consumer.send("whole");
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().status, 200);
  EXPECT_EQ(owner->requests()[0].body, "halfwhole");
}

TEST_F(End, ShutCutsWhatRuns) {
  owner->on_request([](OwnerConnection&) {});
  SimConsumer& waiting = send(get("/things/1"));
  SimConsumer& idle = send(get("/nowhere"));
  proxy().listener().shut();
  network.run_until_idle();
  EXPECT_TRUE(waiting.is_over());
  EXPECT_EQ(waiting.received(), "");
  EXPECT_TRUE(idle.ended());
  EXPECT_EQ(gone(), 1u);
  EXPECT_EQ(proxy().metrics().connections.value(), 0u);
}

TEST_F(End, ShutLetsAnswersOut) {
  const std::string body = pattern(100'000);
  owner->on_request([&body](OwnerConnection& connection) { connection.answer(body); });
  SimConsumer& consumer = this->consumer();
  network.run_until_idle();
  consumer.pause();
  consumer.send(get("/things/1"));
  network.run_until_idle();
  EXPECT_EQ(proxy().metrics().calls_active.value(), 0u);
  proxy().listener().shut();
  consumer.resume();
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().body, body);
}

// The last call of a drain ends by a cut, and its connection is shut in the same turn.
TEST_F(End, ADrainDoesNotMakeACutAnswerLookWhole) {
  struct Shutter final : proxy::DrainEvents {
    explicit Shutter(proxy::OutboundListener& shut) : listener(&shut) {}
    void on_calls_finished() override { listener->shut(); }
    proxy::OutboundListener* listener;
  } shutter(proxy().listener());
  owner->on_request([](OwnerConnection& connection) {
    connection.send(std::string(kChunkedHead) + chunk("half"));
  });
  SimConsumer& consumer = send("GET /things/1 HTTP/1.0\r\n\r\n");
  proxy().resources().drain_events = &shutter;
  drain();
  owner->last().close();
  network.run_until_idle();
  EXPECT_TRUE(consumer.failed());
  EXPECT_FALSE(consumer.ended());
  proxy().resources().drain_events = nullptr;
}

// As a body without a length is cut by the owner: nothing else tells the consumer.
TEST_F(End, ShutResetsAnAnswerWithoutALength) {
  owner->on_request([](OwnerConnection& connection) {
    connection.send(std::string(kChunkedHead) + chunk("half"));
  });
  SimConsumer& consumer = send("GET /things/1 HTTP/1.0\r\n\r\n");
  proxy().listener().shut();
  network.run_until_idle();
  EXPECT_TRUE(consumer.failed());
  EXPECT_FALSE(consumer.ended());
}

TEST_F(End, APoolThatIsClosedKeepsNothing) {
  owner->on_request([](OwnerConnection&) {});
  SimConsumer& consumer = send(get("/things/1"));
  for (const auto& cluster : proxy().snapshot().clusters) cluster->close();
  owner->last().answer("last");
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().body, "last");
  EXPECT_EQ(proxy().owner_connections(), 0u);
}

// A worker that is told to stop waits for nobody.
TEST_F(End, APoolThatIsClosedStopsConnecting) {
  policy(0).connect_timeout = seconds(60);
  network.never_answer(owner_address());
  send(get("/things/1")).reset();
  network.advance(milliseconds(10));
  EXPECT_EQ(proxy().owner_connections(), 1u);
  for (const auto& cluster : proxy().snapshot().clusters) cluster->close();
  network.advance(milliseconds(10));
  EXPECT_EQ(proxy().owner_connections(), 0u);
  network.advance(seconds(60));
}

}  // namespace
}  // namespace usher::sim
