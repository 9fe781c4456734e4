// Stories of an owner with several addresses: which one gets a call, which is left out, and how
// they come and go.

#include <list>
#include <set>

#include "sim/story.h"

namespace usher::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Addresses : public Story {
 protected:
  ~Addresses() override { others_.clear(); }

  void TearDown() override {
    Story::TearDown();
    others_.clear();
    network.run_until_idle();
    EXPECT_EQ(network.open_streams(), 0u);
  }

  void add_literal(int last) {
    const std::string ip = "10.0.0." + std::to_string(last);
    settings.clusters[0].addresses.push_back({ip, 80, ip});
  }
  // The owner's addresses are those of a name.
  void use_name(std::initializer_list<int> lasts) {
    settings.clusters[0].addresses = {{"ticket-service", 80, "ticket-service:3004"}};
    set_name(lasts);
  }
  void set_name(std::initializer_list<int> lasts) {
    std::vector<net::SocketAddress> addresses;
    for (const int last : lasts) addresses.push_back(owner_address(last));
    network.set_name("ticket-service", std::move(addresses));
  }
  SimOwner& owner_at(int last) { return others_.emplace_back(network, owner_address(last)); }

  void expect_calls(int count) {
    SimConsumer& caller = consumer();
    for (int i = 0; i < count; ++i) expect_call(caller, "/things/1");
    caller.close();
    network.run_until_idle();
  }
  // Until an address that fails has been left out.
  void call_until_ejected() {
    SimConsumer& caller = consumer();
    for (int i = 0; i < 100 && ejected() == 0; ++i) {
      caller.send(get("/things/1"));
      network.advance(seconds(1));
    }
    EXPECT_EQ(ejected(), 1u);
    caller.close();
    network.run_until_idle();
  }
  std::size_t ejected() {
    const upstream::Cluster& cluster = *proxy().snapshot().clusters[0];
    std::size_t count = 0;
    cluster.for_each_host(
        [&](const upstream::Host& host) { count += cluster.is_ejected(host) ? 1 : 0; });
    return count;
  }

 private:
  std::list<SimOwner> others_;
};

TEST_F(Addresses, TwoShareTheLoad) {
  add_literal(2);
  SimOwner& second = owner_at(2);
  expect_calls(60);
  EXPECT_EQ(owner->heads() + second.heads(), 60u);
  EXPECT_GT(owner->heads(), 15u);
  EXPECT_GT(second.heads(), 15u);
  EXPECT_EQ(owner->requests()[0].field("Host"), "10.0.0.1");
  EXPECT_EQ(second.requests()[0].field("Host"), "10.0.0.2");
}

TEST_F(Addresses, TheOneThatHasACallGetsNoSecond) {
  add_literal(2);
  SimOwner& second = owner_at(2);
  for (SimOwner* each : {owner.get(), &second}) each->on_request([](OwnerConnection&) {});
  send(get("/things/1"));
  send(get("/things/2"));
  EXPECT_EQ(owner->heads(), 1u);
  EXPECT_EQ(second.heads(), 1u);
}

TEST_F(Addresses, ANameSpreadsOverItsAddresses) {
  use_name({1, 2, 3});
  SimOwner& second = owner_at(2);
  SimOwner& third = owner_at(3);
  expect_calls(90);
  for (const SimOwner* each : {owner.get(), &second, &third}) EXPECT_GT(each->heads(), 15u);
  EXPECT_EQ(third.requests()[0].field("Host"), "ticket-service:3004");
  EXPECT_EQ(network.lookups(), 1u);
}

// --- one that fails -----------------------------------------------------------------------------

TEST_F(Addresses, ARefusedOneIsLeftOutAndComesBack) {
  add_literal(2);
  expect_calls(40);  // each on the other one, at the latest
  EXPECT_EQ(ejected(), 1u);
  std::size_t connects = network.connects();
  expect_calls(40);
  EXPECT_EQ(network.connects(), connects + 1) << "but the consumer's, none";
  network.advance(seconds(12));
  EXPECT_EQ(ejected(), 0u);
  SimConsumer& prober = consumer();
  for (int i = 0; i < 100 && ejected() == 0; ++i) expect_call(prober, "/things/1");
  prober.close();
  network.advance(seconds(12));
  EXPECT_EQ(ejected(), 1u) << "for longer, the second time";
  SimOwner& second = owner_at(2);
  network.advance(seconds(12));
  expect_calls(40);
  EXPECT_GT(second.heads(), 5u);
}

TEST_F(Addresses, WhatOneRefusesAnotherGetsOnce) {
  add_literal(2);
  const std::string body = pattern(300'000);
  for (int i = 0; i < 20; ++i) {
    const Answer answer = send(with_body("POST /things", body)).answer();
    EXPECT_EQ(answer.status, 200);
  }
  ASSERT_EQ(owner->requests().size(), 20u);
  for (const OwnerRequest& request : owner->requests()) EXPECT_EQ(request.body, body);
  EXPECT_EQ(ejected(), 1u);
}

TEST_F(Addresses, ASilentOneIsFollowedByAnother) {
  policy(0).connect_timeout = milliseconds(200);
  add_literal(2);
  network.never_answer(owner_address(2));
  for (int i = 0; i < 20; ++i) {
    SimConsumer& caller = send(get("/things/1"));
    network.advance(milliseconds(210));
    EXPECT_EQ(caller.answer().body, "/things/1");
  }
  EXPECT_EQ(ejected(), 1u);
}

TEST_F(Addresses, OneThatClosesOnItsCallsIsLeftOut) {
  add_literal(2);
  SimOwner& second = owner_at(2);
  second.on_head([](OwnerConnection& connection) { connection.reset(); });
  call_until_ejected();
  EXPECT_EQ(second.heads(), 5u);
  expect_calls(40);
  EXPECT_EQ(second.heads(), 5u);
}

TEST_F(Addresses, OneThatDoesNotAnswerIsLeftOut) {
  policy(0).per_try_timeout = milliseconds(100);
  add_literal(2);
  SimOwner& second = owner_at(2);
  second.on_request([](OwnerConnection&) {});
  call_until_ejected();
  expect_calls(40);
  EXPECT_EQ(second.heads(), 5u);
}

// A consumer that leaves, and a kept connection that was closing, say nothing of the owner.
TEST_F(Addresses, WhatIsNotItsFaultCountsForNone) {
  settings.clusters[0].outlier.failures = 1;
  add_literal(2);
  SimOwner& second = owner_at(2);
  std::set<const OwnerConnection*> used;
  for (SimOwner* each : {owner.get(), &second}) {
    each->on_head([&](OwnerConnection& connection) {
      if (!used.insert(&connection).second) connection.close();
    });
    each->on_request([](OwnerConnection& connection) {
      if (connection.request().target != "/things/slow") connection.answer("/things/1");
    });
  }
  for (int i = 0; i < 10; ++i) {
    SimConsumer& leaver = send(get("/things/slow"));
    leaver.reset();
    network.run_until_idle();
    EXPECT_EQ(ejected(), 0u);
  }
  expect_calls(40);
  EXPECT_GT(stale(), 10u);
  EXPECT_EQ(ejected(), 0u);
}

TEST_F(Addresses, NeverMoreThanHalfAreLeftOut) {
  for (const int last : {2, 3, 4}) add_literal(last);
  owner.reset();
  for (int i = 0; i < 40; ++i) {
    const Answer answer = send(get("/things/1")).answer();
    EXPECT_EQ(answer.code(), "UPSTREAM_CONNECT_FAILED");
    EXPECT_LE(ejected(), 2u);
  }
  EXPECT_EQ(ejected(), 2u);
}

// --- names that change --------------------------------------------------------------------------

TEST_F(Addresses, OneThatIsGoneFinishesItsCalls) {
  use_name({1});
  OwnerConnection* held = nullptr;
  owner->on_request([&](OwnerConnection& connection) {
    if (connection.request().target == "/things/held") {
      held = &connection;
    } else {
      connection.answer(connection.request().target);
    }
  });
  policy(0).per_try_timeout = policy(0).timeout = seconds(60);
  SimConsumer& waiting = send(get("/things/held"));
  network.advance(seconds(29));
  expect_calls(1);  // leaves an idle connection
  EXPECT_EQ(owner->open_connections(), 2u);
  SimOwner& second = owner_at(2);
  set_name({2});
  network.advance(seconds(2));
  expect_calls(1);
  EXPECT_EQ(owner->open_connections(), 1u) << "the idle one is closed";
  expect_calls(10);
  EXPECT_EQ(second.heads(), 10u);
  held->answer("at last");
  network.run_until_idle();
  EXPECT_EQ(waiting.answer().body, "at last");
  EXPECT_EQ(owner->open_connections(), 0u);
  EXPECT_EQ(proxy().owner_connections(), 1u);
}

TEST_F(Addresses, OneThatIsNewGetsItsShare) {
  use_name({1});
  expect_calls(10);
  SimOwner& second = owner_at(2);
  set_name({1, 2});
  network.advance(seconds(31));
  expect_calls(61);
  EXPECT_GT(second.heads(), 15u);
}

TEST_F(Addresses, WhoeverWaitsForOneThatIsGoneGetsAnother) {
  use_name({1});
  settings.clusters[0].connections_per_host = 1;
  policy(0).per_try_timeout = policy(0).timeout = seconds(60);
  owner->on_request([](OwnerConnection&) {});
  SimConsumer& first = send(get("/things/1"));
  SimConsumer& second = send(get("/things/2"));
  network.advance(seconds(31));
  SimOwner& other = owner_at(2);
  set_name({2});
  SimConsumer& third = send(get("/things/3"));
  EXPECT_EQ(second.answer().body, "/things/2");
  EXPECT_EQ(third.answer().body, "/things/3");
  EXPECT_EQ(other.heads(), 2u);
  owner->last().answer("a");
  network.run_until_idle();
  EXPECT_EQ(first.answer().body, "a");
}

TEST_F(Addresses, WhenTheResolverHangsTheLastAnswerServes) {
  use_name({1});
  expect_calls(1);
  network.set_hanging("ticket-service");
  for (int i = 0; i < 10; ++i) {
    network.advance(seconds(31));
    expect_calls(1);
  }
  EXPECT_EQ(network.lookups(), 2u);
}

TEST_F(Addresses, WhenTheFirstLookupHangsCallsWaitForTheirTimeouts) {
  use_name({1});
  network.set_hanging("ticket-service");
  policy(0).per_try_timeout = seconds(1);
  policy(2).per_try_timeout = seconds(2);
  SimConsumer& one = send(get("/things/1"));
  SimConsumer& two = send("PUT /things/2 HTTP/1.1\r\nHost: x\r\n\r\n");
  network.advance(milliseconds(1010));
  EXPECT_EQ(one.answer().code(), "UPSTREAM_TIMEOUT");
  EXPECT_EQ(two.received(), "");
  network.advance(seconds(1));
  EXPECT_EQ(two.answer().code(), "UPSTREAM_TIMEOUT");
  EXPECT_EQ(proxy().snapshot().clusters[0]->waiting_for_hosts(), 0u);
}

}  // namespace
}  // namespace usher::sim
