#include "net/uv_network.h"

#include <gtest/gtest.h>
#include <netinet/tcp.h>

#include <atomic>
#include <thread>

#include "unit/net/uv_loop.h"

namespace usher::net {
namespace {

class UvNetworkTest : public UvLoop {
 protected:
  UvNetworkTest() { listen(); }
};

class TwoStreams : public UvLoop {
 protected:
  TwoStreams() : UvLoop(2) { listen(); }
};

struct CountedTask final : Task {
  int runs = 0;
  std::function<void()> action;
  void run() override {
    ++runs;
    if (action) action();
  }
};

struct CountedTimer final : TimerEvents {
  Timer timer{*this};
  int fired = 0;
  void on_timer(Timer&) override { ++fired; }
};

struct Resolved final : ResolveEvents {
  bool done = false;
  std::vector<SocketAddress> addresses;
  void on_resolved(const std::vector<SocketAddress>& found) override {
    done = true;
    addresses = found;
  }
};

TEST_F(UvNetworkTest, TasksRunOnceAtTheEndOfATurn) {
  CountedTask task;
  network.defer(task);
  network.defer(task);
  EXPECT_EQ(task.runs, 0);
  turn();
  EXPECT_EQ(task.runs, 1);
  turn();
  EXPECT_EQ(task.runs, 1);
}

TEST_F(UvNetworkTest, ATaskThatDefersItselfLetsTheLoopGoOn) {
  CountedTask task;
  task.action = [&] { network.defer(task); };
  network.defer(task);
  Peer peer(address);
  EXPECT_NO_FATAL_FAILURE(accept());
  EXPECT_GT(task.runs, 1);
  task.unlink();
}

TEST_F(UvNetworkTest, ADestroyedTaskIsForgotten) {
  {
    CountedTask task;
    network.defer(task);
  }
  turn();
}

TEST_F(UvNetworkTest, TimersFire) {
  CountedTimer soon;
  CountedTimer cancelled;
  const Instant when = network.now() + std::chrono::milliseconds(10);
  network.arm(soon.timer, when);
  network.arm(cancelled.timer, when);
  cancelled.timer.cancel();
  ASSERT_TRUE(run_until([&] { return soon.fired == 1; }));
  EXPECT_GE(network.now(), when);
  EXPECT_EQ(cancelled.fired, 0);
}

TEST_F(UvNetworkTest, AnEarlierTimerIsNotHeldUpByALaterOne) {
  CountedTimer late;
  CountedTimer soon;
  network.arm(late.timer, network.now() + std::chrono::hours(1));
  turn();
  network.arm(soon.timer, network.now() + std::chrono::milliseconds(10));
  EXPECT_TRUE(run_until([&] { return soon.fired == 1; }));
  EXPECT_EQ(late.fired, 0);
}

TEST_F(UvNetworkTest, AcceptingWaitsForRoom) {
  accept_max = 1;
  Peer first(address);
  Peer second(address);
  Peer third(address);
  second.send("second");
  accept();
  for (int i = 0; i < 20; ++i) turn();
  EXPECT_EQ(accepted.size(), 1u);
  accept_max = 3;
  network.resume_accepting();
  Record& record = accept();
  accept();
  EXPECT_TRUE(run_until([&] { return record.received == "second"; }));
}

// A slab that is full of streams that are closing lets nobody wait for good.
TEST_F(TwoStreams, AcceptingGoesOnWhenAStreamIsGone) {
  Peer first(address);
  Peer second(address);
  Record& record = accept();
  accept();
  Peer third(address);
  for (int i = 0; i < 20; ++i) turn();
  EXPECT_EQ(accepted.size(), 2u);
  record.close();
  EXPECT_TRUE(run_until([&] { return accepted.size() == 3; }));
}

TEST_F(TwoStreams, NoConnectionBeyondTheSlab) {
  Record first, second, third;
  first.stream = network.connect(address, first);
  second.stream = network.connect(address, second);
  EXPECT_EQ(network.connect(address, third), nullptr);
  EXPECT_NE(first.stream, nullptr);
  EXPECT_NE(second.stream, nullptr);
}

TEST_F(UvNetworkTest, WhoIsRefusedIsClosed) {
  refusing = true;
  Peer peer(address);
  EXPECT_TRUE(run_until([&] { return peer.receive(), peer.ended() || peer.was_reset(); }));
}

TEST_F(UvNetworkTest, ClosedListenersTakeNobody) {
  network.close_listeners();
  turn();
  Record client;
  client.stream = network.connect(address, client);
  EXPECT_TRUE(run_until([&] { return client.failures == 1; }));
}

TEST_F(UvNetworkTest, ResolvesNamesAndSaysWhenItCannot) {
  Resolved literal;
  network.resolve("127.0.0.1", 7401, literal);
  Resolved unknown;
  network.resolve("no-such-name.invalid", 80, unknown);
  EXPECT_FALSE(literal.done);
  ASSERT_TRUE(run_until([&] { return literal.done && unknown.done; }));
  ASSERT_EQ(literal.addresses.size(), 1u);
  EXPECT_EQ(literal.addresses[0].to_string(), "127.0.0.1:7401");
  EXPECT_TRUE(unknown.addresses.empty());
}

TEST_F(UvNetworkTest, ACancelledLookupIsSilent) {
  Resolved cancelled;
  network.resolve("127.0.0.1", 80, cancelled);
  network.cancel_resolve(cancelled);
  Resolved other;
  network.resolve("127.0.0.1", 80, other);
  ASSERT_TRUE(run_until([&] { return other.done; }));
  EXPECT_FALSE(cancelled.done);
}

TEST(UvNetwork, TakesWorkFromOtherThreads) {
  UvNetwork network(1);
  const auto loop_thread = std::this_thread::get_id();
  int done = 0;
  std::thread other([&] {
    for (int i = 0; i < 1000; ++i) {
      network.post([&] {
        EXPECT_EQ(std::this_thread::get_id(), loop_thread);
        if (++done == 1000) network.stop();
      });
    }
  });
  network.run();
  other.join();
  EXPECT_EQ(done, 1000);
}

TEST(UvNetwork, StoppedBeforeItRuns) {
  UvNetwork network(1);
  network.stop();
  network.run();
}

TEST(UvNetwork, Signals) {
  UvNetwork network(1);
  int seen = 0;
  network.on_signal(SIGUSR1, [&] {
    ++seen;
    network.stop();
  });
  std::raise(SIGUSR1);
  network.run();
  EXPECT_EQ(seen, 1);
}

TEST(ListenSocket, TellsWhatIsWrong) {
  const auto any = *SocketAddress::from_ip("127.0.0.1", 0);
  const auto first = ListenSocket::open(any, false);
  ASSERT_TRUE(first.has_value());
  EXPECT_NE(first->address().port(), 0);
  const auto second = ListenSocket::open(first->address(), false);
  ASSERT_FALSE(second.has_value());
  EXPECT_NE(second.error().find("another process has it"), std::string::npos);
  EXPECT_NE(second.error().find(first->address().to_string()), std::string::npos);
}

TEST(ListenSocket, AcceptedSocketsDoNotDelay) {
  auto listening = ListenSocket::open(*SocketAddress::from_ip("127.0.0.1", 0), false);
  ASSERT_TRUE(listening.has_value());
  Peer peer(listening->address());
  const int fd = listening->release();
  const int accepted = ::accept(fd, nullptr, nullptr);
  ASSERT_GE(accepted, 0);
  int on = 0;
  socklen_t size = sizeof(on);
  EXPECT_EQ(::getsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, &size), 0);
  EXPECT_EQ(on, 1);
  ::close(accepted);
  ::close(fd);
}

TEST(ListenSocket, SharesAPort) {
  const auto first = ListenSocket::open(*SocketAddress::from_ip("127.0.0.1", 0), true);
  ASSERT_TRUE(first.has_value());
  EXPECT_TRUE(ListenSocket::open(first->address(), true).has_value());
}

TEST(ListenSocket, ReplacesAStaleSocketFileAndNoOther) {
  const auto path = *SocketAddress::from_unix_path(testing::TempDir() + "listen_socket_test.sock");
  { ASSERT_TRUE(ListenSocket::open(path, false).has_value()); }  // leaves its file behind
  const auto served = ListenSocket::open(path, false);
  ASSERT_TRUE(served.has_value());
  EXPECT_FALSE(ListenSocket::open(path, false).has_value());
  ::unlink(reinterpret_cast<const sockaddr_un*>(path.data())->sun_path);
}

}  // namespace
}  // namespace usher::net
