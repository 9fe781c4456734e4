#include "net/splice_tunnel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "unit/net/tunnel_loop.h"

namespace usher::net {
namespace {

class SpliceTunnelTest : public TunnelLoop {};

TEST_F(SpliceTunnelTest, CarriesBothWays) {
  connect_and_join();
  a->send("question");
  EXPECT_TRUE(arrives(*b, "question"));
  b->send("answer");
  EXPECT_TRUE(arrives(*a, "answer"));
  a->send(" again");
  EXPECT_TRUE(arrives(*b, "question again"));
  EXPECT_EQ(outcome.ends, 0);
}

TEST_F(SpliceTunnelTest, WhatWasReadBeforeGoesFirst) {
  connect();
  a->send("later");
  join("first ");
  EXPECT_TRUE(arrives(*b, "first later"));
}

// With buffers so small libuv always has a part of a write in flight.
TEST_F(SpliceTunnelTest, WhatStreamsHaveQueuedGoesFirst) {
  connect(*SocketAddress::from_ip("127.0.0.1", 0), 16 * 1024);
  const std::string much = stretch(0, kMiB);
  of_a->send(much);
  of_b->send(much);
  const auto has_gone_on = [](const Record& record) {
    return record.stream->sent_bytes() > kMiB / 4;
  };
  ASSERT_TRUE(run_until([&] {
    a->receive(8 * 1024);
    b->receive(8 * 1024);
    return has_gone_on(*of_a) && has_gone_on(*of_b);
  }));
  ASSERT_GT(of_b->stream->queued_bytes(), 0u);
  join("and ");
  a->send("more");
  EXPECT_TRUE(arrives(*a, much));
  EXPECT_TRUE(arrives(*b, much + "and more"));
}

TEST_F(SpliceTunnelTest, EachWayEndsByItself) {
  connect_and_join();
  a->send("question");
  a->end();
  ASSERT_TRUE(ends(*b));
  EXPECT_EQ(b->received(), "question");
  b->send("answer");
  EXPECT_TRUE(arrives(*a, "answer"));
  EXPECT_EQ(outcome.ends, 0);
  b->end();
  ASSERT_TRUE(is_over());
  EXPECT_TRUE(ends(*a));
  EXPECT_FALSE(outcome.end->cut);
  EXPECT_EQ(outcome.end->bytes_to_b, 8u);
  EXPECT_EQ(outcome.end->bytes_to_a, 6u);
}

TEST_F(SpliceTunnelTest, TheOtherWayMayEndFirst) {
  connect_and_join();
  b->send("greeting");
  b->end();
  ASSERT_TRUE(ends(*a));
  a->send("thanks");
  EXPECT_TRUE(arrives(*b, "thanks"));
  a->close();
  ASSERT_TRUE(is_over());
  EXPECT_FALSE(outcome.end->cut);
  EXPECT_TRUE(ends(*b));
}

TEST_F(SpliceTunnelTest, AnEndBeforeJoiningIsPassedOn) {
  connect();
  a->end();
  ASSERT_TRUE(run_until([&] { return of_a->ends == 1; }));
  join("all of it");
  ASSERT_TRUE(ends(*b));
  EXPECT_EQ(b->received(), "all of it");
}

TEST_F(SpliceTunnelTest, NothingIsCalledBackInline) {
  connect();
  a->end();
  b->end();
  join();
  EXPECT_EQ(outcome.ends, 0);
  EXPECT_TRUE(is_over());
  turn();
  EXPECT_EQ(outcome.ends, 1);
}

TEST_F(SpliceTunnelTest, AResetIsPassedOn) {
  for (const bool of_first : {true, false}) {
    outcome = {};
    connect_and_join();
    (of_first ? *a : *b).reset();
    ASSERT_TRUE(is_over());
    EXPECT_TRUE(outcome.end->cut);
    EXPECT_TRUE(is_reset(of_first ? *b : *a));
  }
}

// Nobody reads from it just then.
TEST_F(SpliceTunnelTest, AResetIsNoticedWhileTheOtherSideIsFull) {
  connect(*SocketAddress::from_ip("127.0.0.1", 0), 16 * 1024);
  join();
  const std::string piece(64 * 1024, 'x');
  ASSERT_TRUE(
      run_until([&] { return a->offer(piece) == 0 && network.tunnels().pipes().lent() > 0; }));
  ASSERT_TRUE(falls_asleep());
  a->reset();
  ASSERT_TRUE(is_over());
  EXPECT_TRUE(outcome.end->cut);
  EXPECT_EQ(network.tunnels().pipes().lent(), 0u);
}

TEST_F(SpliceTunnelTest, AResetIsNoticedAfterAnEnd) {
  connect_and_join();
  a->end();
  ASSERT_TRUE(ends(*b));
  ASSERT_TRUE(falls_asleep());
  a->reset();
  ASSERT_TRUE(is_over());
  EXPECT_TRUE(outcome.end->cut);
  EXPECT_EQ(b->offer("to nobody"), 0u) << "it, too, was reset";
}

TEST_F(SpliceTunnelTest, CloseResetsBothAndSaysNothing) {
  connect_and_join();
  a->send("x");
  ASSERT_TRUE(arrives(*b, "x"));
  tunnel->close();
  EXPECT_TRUE(is_reset(*a));
  EXPECT_TRUE(is_reset(*b));
  EXPECT_EQ(outcome.ends, 0);
  EXPECT_EQ(network.open_streams(), 0u);
}

TEST_F(SpliceTunnelTest, ASlowReaderIsWaitedForWithLittle) {
  connect(*SocketAddress::from_ip("127.0.0.1", 0), 32 * 1024);
  join();
  std::size_t sent = 0;
  for (int i = 0; i < 1000; ++i) {
    sent += a->offer(stretch(sent, 64 * 1024));
    turn();
  }
  EXPECT_GT(sent, Pipe::kBytes / 2) << "more than one socket's buffers";
  EXPECT_LT(sent, 8 * kMiB);
  EXPECT_EQ(network.tunnels().pipes().lent(), 1u);
  ASSERT_TRUE(falls_asleep());

  constexpr std::size_t kAll = 64 * kMiB;
  ASSERT_TRUE(run_until([&] {
    if (sent < kAll) sent += a->offer(stretch(sent, std::min(64 * 1024 + 0UL, kAll - sent)));
    b->receive(48 * 1024);
    return b->received().size() == kAll;
  }));
  EXPECT_TRUE(b->received() == stretch(0, kAll));
  turn();
  EXPECT_EQ(network.tunnels().pipes().lent(), 0u);
}

TEST_F(SpliceTunnelTest, OneThatIsIdleHoldsNoPipe) {
  connect_and_join();
  ASSERT_TRUE(carry(*a, *b, 4 * kMiB, 64 * 1024));
  EXPECT_EQ(network.tunnels().pipes().lent(), 0u);
  EXPECT_TRUE(falls_asleep());
}

TEST_F(SpliceTunnelTest, OneThatIsHalfEndedLetsTheLoopSleep) {
  connect_and_join();
  a->send("last words");
  a->end();
  ASSERT_TRUE(ends(*b));
  EXPECT_TRUE(falls_asleep());
  b->send("x");
  EXPECT_TRUE(is_busy());
  EXPECT_TRUE(arrives(*a, "x"));
  EXPECT_TRUE(falls_asleep());
}

// splice(2) never gets past such a byte.
TEST_F(SpliceTunnelTest, ABytesOutOfBandIsCarriedInItsPlace) {
  connect_and_join();
  a->send("before ");
  ASSERT_TRUE(arrives(*b, "before "));
  a->send("and ");
  a->send_out_of_band('!');
  a->send(" after");
  EXPECT_TRUE(arrives(*b, "before and ! after"));
  ASSERT_TRUE(falls_asleep());
  a->end();
  EXPECT_TRUE(ends(*b));
}

TEST_F(SpliceTunnelTest, OverUnixSockets) {
  const std::string path = testing::TempDir() + "splice_tunnel.sock";
  connect(*SocketAddress::from_unix_path(path));
  join("hello ");
  a->send("there");
  ASSERT_TRUE(arrives(*b, "hello there"));
  ASSERT_TRUE(carry(*b, *a, 4 * kMiB, 32 * 1024));
  EXPECT_TRUE(falls_asleep());
  a->end();
  ASSERT_TRUE(ends(*b));
  EXPECT_TRUE(falls_asleep());
  b->close();
  ASSERT_TRUE(is_over());
  EXPECT_FALSE(outcome.end->cut);
  ::unlink(path.c_str());
}

TEST_F(SpliceTunnelTest, ManyAtOnce) {
  constexpr std::size_t kTunnels = 100;
  constexpr std::size_t kEach = 300'000;
  struct One {
    std::unique_ptr<Peer> a, b;
    Outcome outcome;
    std::size_t from_a = 0, from_b = 0;
  };
  listen();
  std::vector<std::unique_ptr<One>> all;
  for (std::size_t i = 0; i < kTunnels; ++i) {
    all.push_back(std::make_unique<One>());
    One& one = *all.back();
    one.a = std::make_unique<Peer>(address);
    Record& first = accept();
    one.b = std::make_unique<Peer>(address);
    Record& second = accept();
    ASSERT_NE(join(first, second, one.outcome), nullptr);
  }
  EXPECT_EQ(network.tunnels().size(), kTunnels);
  turn();
  EXPECT_EQ(network.open_streams(), 2 * kTunnels);
  // Every third one is cut in the middle; the others' bytes are their own, by where they begin.
  const auto go_on = [&](One& one, std::size_t index) {
    if (one.outcome.ends > 0) return true;
    one.from_a +=
        one.a->offer(stretch(index + one.from_a, std::min(kEach - one.from_a, kEach / 7)));
    one.from_b +=
        one.b->offer(stretch(2 * index + one.from_b, std::min(kEach - one.from_b, kEach / 5)));
    if (index % 3 == 0 && one.from_a > kEach / 2) one.b->reset();
    one.a->receive();
    one.b->receive();
    if (one.a->received().size() == kEach) one.a->end();
    if (one.b->received().size() == kEach) one.b->end();
    return false;
  };
  ASSERT_TRUE(run_until([&] {
    std::size_t over = 0;
    for (std::size_t i = 0; i < kTunnels; ++i) over += go_on(*all[i], i) ? 1 : 0;
    return over == kTunnels;
  }));
  for (std::size_t i = 0; i < kTunnels; ++i) {
    const One& one = *all[i];
    EXPECT_EQ(one.outcome.end->cut, i % 3 == 0) << i;
    if (i % 3 == 0) continue;
    EXPECT_TRUE(one.b->received() == stretch(i, kEach)) << i;
    EXPECT_TRUE(one.a->received() == stretch(2 * i, kEach)) << i;
    EXPECT_EQ(one.outcome.end->bytes_to_a, kEach);
  }
  EXPECT_EQ(network.tunnels().size(), 0u);
  EXPECT_EQ(network.tunnels().pipes().lent(), 0u);
  turn();
  EXPECT_EQ(network.open_streams(), 0u);
}

TEST_F(SpliceTunnelTest, OneThatHasFailedIsNotJoined) {
  connect();
  a->reset();
  ASSERT_TRUE(run_until([&] { return of_a->failures == 1; }));
  EXPECT_EQ(network.join(*of_a->stream, *of_b->stream, "", outcome), nullptr);
}

TEST_F(SpliceTunnelTest, ALoopIsKnownThroughATunnel) {
  connect();
  Record client;
  client.stream = network.connect(address, client);
  Record& server = accept();
  ASSERT_TRUE(run_until([&] { return client.connected; }));
  ASSERT_NE(tunnel = join(*of_a, client, outcome), nullptr);
  turn();
  EXPECT_TRUE(server.stream->is_from_self());
  tunnel->close();
  EXPECT_FALSE(server.stream->is_from_self());
}

// A loop that ends with tunnels open leaves nothing behind; the sanitizers look.
TEST(Tunnels, EndWithTheirNetwork) {
  class Left final : public UvLoop {
   public:
    Left() {
      listen();
      a = std::make_unique<Peer>(address);
      Record& first = accept();
      b = std::make_unique<Peer>(address);
      Record& second = accept();
      EXPECT_NE(network.join(*first.stream, *second.stream, "x", outcome), nullptr);
      first.stream = second.stream = nullptr;
    }
    void TestBody() override {}

    Outcome outcome;
    std::unique_ptr<Peer> a;
    std::unique_ptr<Peer> b;
  };
  const Left left;
  EXPECT_EQ(left.outcome.ends, 0);
}

}  // namespace
}  // namespace usher::net
