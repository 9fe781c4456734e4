// Stories of getting a connection to the owner: names, addresses, limits, the queue.

#include "sim/story.h"

namespace usher::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Connect : public Story {
 protected:
  void use_name() {
    settings.clusters[0].addresses[0] = {"ticket-service", 80, "ticket-service:80"};
  }
  // Calls that the owner does not answer yet; the pool has one connection.
  void one_connection(std::size_t pending) {
    settings.clusters[0].connections_per_host = 1;
    settings.clusters[0].pending = pending;
    owner->on_request([](OwnerConnection&) {});
  }
  void answer_next(std::string_view body) {
    owner->last().answer(body);
    network.run_until_idle();
  }
};

TEST_F(Connect, ANameIsResolvedOnceForMany) {
  use_name();
  network.set_name("ticket-service", {owner_address()});
  SimConsumer& consumer = this->consumer();
  for (int i = 0; i < 5; ++i) expect_call(consumer, "/things/1");
  EXPECT_EQ(network.lookups(), 1u);
  EXPECT_EQ(owner->requests()[0].field("Host"), "ticket-service:80");
}

TEST_F(Connect, ANameIsResolvedAgainAfterThirtySeconds) {
  use_name();
  network.set_name("ticket-service", {owner_address()});
  SimConsumer& consumer = this->consumer();
  expect_call(consumer, "/things/1");
  network.advance(seconds(28));
  expect_call(consumer, "/things/2");
  SimOwner moved(network, owner_address(2));
  network.set_name("ticket-service", {owner_address(2)});
  network.advance(seconds(3));
  expect_call(consumer, "/things/3");  // on the connection that there is
  EXPECT_EQ(network.lookups(), 2u);
  EXPECT_EQ(moved.heads(), 0u);
  expect_call(consumer, "/things/4");
  EXPECT_EQ(moved.heads(), 1u);
  EXPECT_EQ(owner->open_connections(), 0u);
  consumer.close();
  network.advance(seconds(5));
}

TEST_F(Connect, AFailedLookupLeavesTheOldAddresses) {
  use_name();
  network.set_name("ticket-service", {owner_address()});
  expect_call(consumer(), "/things/1");
  network.set_name("ticket-service", {});
  network.advance(seconds(31));
  expect_call(consumer(), "/things/2");
  network.advance(seconds(5));
  expect_call(consumer(), "/things/3");
}

TEST_F(Connect, NoAddress) {
  use_name();
  SimConsumer& consumer = send(get("/things/1"));
  EXPECT_EQ(consumer.answer().status, 503);
  EXPECT_EQ(consumer.answer().code(), "NO_HEALTHY_ADDRESS");
  EXPECT_EQ(consumer.answer().field("Retry-After"), "1");
  consumer.send(get("/things/2"));
  network.run_until_idle();
  EXPECT_EQ(network.lookups(), 1u);  // not at every call
  network.set_name("ticket-service", {owner_address()});
  network.advance(milliseconds(1100));
  expect_call(consumer, "/things/3");
}

TEST_F(Connect, ANameThatTakesTooLong) {
  use_name();
  network.set_hanging("ticket-service");
  SimConsumer& consumer = send(get("/things/1"));
  network.advance(milliseconds(3100));
  EXPECT_EQ(consumer.answer().code(), "UPSTREAM_TIMEOUT");
}

TEST_F(Connect, OutOfSockets) {
  SimConsumer& consumer = this->consumer();
  network.run_until_idle();
  network.set_streams_max(2);
  consumer.send(get("/things/1"));
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().status, 503);
  EXPECT_EQ(consumer.answer().code(), "OVERLOADED");
  network.set_streams_max(SIZE_MAX);
  expect_call(consumer, "/things/2");
}

TEST_F(Connect, CallsWaitTheirTurn) {
  one_connection(10);
  SimConsumer& first = send(get("/things/1"));
  SimConsumer& second = send(get("/things/2"));
  SimConsumer& third = send(get("/things/3"));
  EXPECT_EQ(owner->requests().size(), 1u);
  answer_next("a");
  EXPECT_EQ(owner->requests().back().target, "/things/2");
  answer_next("b");
  EXPECT_EQ(owner->requests().back().target, "/things/3");
  answer_next("c");
  EXPECT_EQ(first.answer().body, "a");
  EXPECT_EQ(second.answer().body, "b");
  EXPECT_EQ(third.answer().body, "c");
  EXPECT_EQ(owner->connections(), 1u);
}

TEST_F(Connect, ABrokenConnectionLetsTheNextOneConnect) {
  one_connection(10);
  SimConsumer& first = send(get("/things/1"));
  SimConsumer& second = send(get("/things/2"));
  owner->last().close();
  network.run_until_idle();
  EXPECT_EQ(first.answer().code(), "UPSTREAM_RESET");
  EXPECT_EQ(owner->connections(), 2u);
  answer_next("b");
  EXPECT_EQ(second.answer().body, "b");
}

TEST_F(Connect, TooManyWait) {
  one_connection(2);
  for (int i = 1; i <= 3; ++i) send(get("/things/1"));
  const Answer answer = send(get("/things/4")).answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.code(), "OVERLOADED");
  EXPECT_EQ(answer.field("Usher-Retry-Safe"), "yes");
  EXPECT_EQ(answer.field("Retry-After"), "1");
}

TEST_F(Connect, WhoLeavesIsNotWaitedFor) {
  one_connection(2);
  send(get("/things/1"));
  SimConsumer& second = send(get("/things/2"));
  SimConsumer& third = send(get("/things/3"));
  second.reset();
  network.run_until_idle();
  send(get("/things/4"));  // has the place that is free again
  answer_next("a");
  EXPECT_EQ(owner->requests().back().target, "/things/3");
  answer_next("c");
  EXPECT_EQ(third.answer().body, "c");
  EXPECT_EQ(owner->requests().back().target, "/things/4");
}

TEST_F(Connect, WhoWaitsTooLongIsAnswered) {
  one_connection(2);
  policy(0).per_try_timeout = seconds(5);
  policy(2).per_try_timeout = seconds(1);
  send(get("/things/1"));
  SimConsumer& second = send("PUT /things/2 HTTP/1.1\r\nHost: x\r\n\r\n");
  network.advance(milliseconds(1010));
  EXPECT_EQ(second.answer().code(), "UPSTREAM_TIMEOUT");
  EXPECT_EQ(second.answer().field("Usher-Retry-Safe"), "yes");
}

TEST_F(Connect, AConnectionThatNobodyWaitsForAnyMoreIsKept) {
  SimConsumer& first = consumer();
  network.run_until_idle();
  first.send(get("/things/1"));
  network.options().delay_min = network.options().delay_max = milliseconds(5);
  network.step();  // the call is there, the connection is on its way
  network.options().delay_min = network.options().delay_max = milliseconds(1);
  first.reset();
  network.run_until_idle();
  EXPECT_EQ(owner->heads(), 0u);
  EXPECT_EQ(proxy().owner_connections(), 1u);
  // Nothing was sent on it: a call that fails on it is not a stale one.
  owner->on_head([](OwnerConnection& connection) { connection.close(); });
  EXPECT_EQ(send(get("/things/2")).answer().code(), "UPSTREAM_RESET");
  EXPECT_EQ(stale(), 0u);
}

TEST_F(Connect, OutOfSocketsAnIdleConnectionIsGivenUp) {
  settings.add_cluster("10.0.0.2");
  settings.add(Method::Get, "/others", true);
  SimOwner second(network, owner_address(2));
  SimConsumer& consumer = send(get("/things/1"));
  EXPECT_EQ(proxy().owner_connections(), 1u);
  network.set_streams_max(4);
  expect_call(consumer, "/others");
  EXPECT_EQ(proxy().owner_connections(), 0u);
  network.set_streams_max(SIZE_MAX);
}

void expect_refusal(const SimConsumer& consumer) {
  const Answer answer = consumer.answer();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.code(), "OVERLOADED");
  EXPECT_EQ(answer.field("Retry-After"), "1");
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_TRUE(consumer.ended());
}

TEST_F(Connect, ConsumersBeyondTheLimitAreRefused) {
  settings.bounds = {.served = 2, .refused = 1};
  SimConsumer& first = send(get("/things/1"));
  SimConsumer& second = send(get("/things/2"));
  SimConsumer& third = send(get("/things/3"));
  expect_refusal(third);
  EXPECT_EQ(proxy().metrics().connections_refused.value(), 1u);
  EXPECT_EQ(owner->requests().size(), 2u);
  first.close();
  third.close();
  network.run_until_idle();
  expect_call(second, "/things/4");
  expect_call(consumer(), "/things/5");
}

// No HTTP client expects an answer before it has asked; but nobody waits for ever.
TEST_F(Connect, ARefusalWaitsForTheFirstByteOrAMoment) {
  settings.bounds = {.served = 1, .refused = 1};
  send(get("/things/1"));
  SimConsumer& silent = consumer();
  network.advance(milliseconds(50));
  EXPECT_EQ(silent.received(), "");
  network.advance(milliseconds(100));
  expect_refusal(silent);
}

TEST_F(Connect, OneThatIsRefusedAndGoesOnSendingGetsItsAnswer) {
  settings.bounds = {.served = 1, .refused = 1};
  send(get("/things/1"));
  SimConsumer& sender = send("POST /things HTTP/1.1\r\n");
  for (int i = 0; i < 12; ++i) {  // longer than one silent second
    network.advance(milliseconds(250));
    sender.send("X-More: header\r\n");
  }
  network.advance(milliseconds(10));
  expect_refusal(sender);
  EXPECT_FALSE(sender.failed());
  network.advance(seconds(2));
  sender.send("more");
  network.run_until_idle();
  EXPECT_TRUE(sender.failed()) << "silence ends it";
}

TEST_F(Connect, ConsumersBeyondWhatCanBeRefusedWaitInTheBacklog) {
  settings.bounds = {.served = 2, .refused = 0};
  SimConsumer& first = send(get("/things/1"));
  send(get("/things/2"));
  SimConsumer& third = send(get("/things/3"));
  EXPECT_EQ(third.received(), "");
  first.close();
  network.run_until_idle();
  EXPECT_EQ(third.answer().body, "/things/3");
}

}  // namespace
}  // namespace usher::sim
