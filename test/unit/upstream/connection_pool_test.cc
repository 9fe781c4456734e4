#include "upstream/connection_pool.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>

#include "support/fake_network.h"

namespace usher::upstream {
namespace {

using net::FakeNetwork;

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kConnectTimeout = seconds(1);
constexpr Duration kAnyIdle = ConnectionPool::kMaxKeepAlive;

struct Waiter final : PoolWaiter {
  UpstreamConnection* connection = nullptr;
  std::optional<ErrorCode> error;
  void on_connection(UpstreamConnection& leased) override { connection = &leased; }
  void on_no_connection(const Error& why) override { error = why.code; }
};

class ConnectionPoolTest : public testing::Test {
 protected:
  ~ConnectionPoolTest() override {
    if (pool_ == nullptr) return;
    pool_->close();
    network.end_turn();
  }

  ConnectionPool& pool() {
    if (pool_ == nullptr) pool_ = std::make_unique<ConnectionPool>(network, address, share);
    return *pool_;
  }
  // True when leased at once, false when queued.
  bool acquire(Waiter& waiter, Duration max_idle = kAnyIdle, bool probe = false) {
    const auto result = pool().acquire(
        waiter, {.connect_timeout = kConnectTimeout, .max_idle = max_idle, .probe = probe});
    if (!result) waiter.error = result.error().code;
    if (result) waiter.connection = *result;
    return result && *result != nullptr;
  }
  void give_back(Waiter& waiter, Duration keep_alive = seconds(4)) {
    pool().give_back(*std::exchange(waiter.connection, nullptr), keep_alive);
    network.end_turn();
  }
  // Puts one idle connection into the pool.
  void warm_up() {
    Waiter waiter;
    acquire(waiter);
    network.connected(network.streams.size() - 1);
    ASSERT_NE(waiter.connection, nullptr);
    give_back(waiter);
  }

  // One more idle one, beside those that are idle already.
  void warm_up_another() {
    Waiter waiter;
    acquire(waiter, Duration(-1));
    network.connected(network.streams.size() - 1);
    ASSERT_NE(waiter.connection, nullptr);
    give_back(waiter);
  }

  FakeNetwork network;
  const net::SocketAddress address = *net::SocketAddress::from_ip("10.0.0.1", 80);
  PoolShare share{.connections_max = 2, .waiting_max = 4};

 private:
  std::unique_ptr<ConnectionPool> pool_;
};

TEST_F(ConnectionPoolTest, ConnectsThenLeasesThenKeeps) {
  Waiter first;
  EXPECT_FALSE(acquire(first));
  EXPECT_EQ(first.connection, nullptr);
  network.connected(0);
  ASSERT_NE(first.connection, nullptr);
  EXPECT_FALSE(first.connection->reused());
  give_back(first);
  Waiter second;
  EXPECT_TRUE(acquire(second));
  EXPECT_TRUE(second.connection->reused());
  EXPECT_EQ(network.streams.size(), 1u);
  give_back(second, Duration::zero());
  EXPECT_EQ(pool().connections(), 0u);
  EXPECT_EQ(network.open_streams(), 0u);
}

TEST_F(ConnectionPoolTest, CountsItsConnectionsByWhatTheyDo) {
  Waiter leased, connecting, waiting;
  acquire(leased);
  network.connected(0);
  acquire(connecting);
  acquire(waiting);
  PoolCounts counts = pool().counts();
  EXPECT_EQ(counts.connections, 2u);
  EXPECT_EQ(counts.leased(), 1u);
  EXPECT_EQ(counts.connecting, 1u);
  EXPECT_EQ(counts.idle, 0u);
  EXPECT_EQ(counts.waiting, 2u);
  network.connected(1);
  give_back(leased);
  give_back(connecting);
  counts = pool().counts();
  EXPECT_EQ(counts.leased(), 1u);
  EXPECT_EQ(counts.connecting, 0u);
  EXPECT_EQ(counts.idle, 1u);
  EXPECT_EQ(counts.waiting, 0u);
  give_back(waiting);
}

TEST_F(ConnectionPoolTest, TakesNoneThatIdledForTooLong) {
  warm_up();
  network.pass(milliseconds(1001));
  Waiter waiter;
  EXPECT_FALSE(acquire(waiter, seconds(1)));
  EXPECT_EQ(network.streams.size(), 2u);
  network.connected(1);
  give_back(waiter);
  EXPECT_EQ(pool().connections(), 2u);
}

// A call that has just met a closing connection must not get another one that was used.
TEST_F(ConnectionPoolTest, WhoWaitsForANewConnectionGetsNoUsedOne) {
  Waiter one, two, plain, picky;
  acquire(one);
  acquire(two);
  network.connected(0);
  network.connected(1);
  acquire(plain);
  acquire(picky, Duration(-1));
  give_back(one);  // the pool is full: its place is taken
  EXPECT_EQ(picky.connection, nullptr);
  EXPECT_EQ(plain.connection, nullptr);
  EXPECT_FALSE(network.streams[0].open());
  ASSERT_EQ(network.streams.size(), 3u);
  give_back(two);
  EXPECT_NE(plain.connection, nullptr);
  EXPECT_EQ(picky.connection, nullptr);
  network.connected(2);
  ASSERT_NE(picky.connection, nullptr);
  EXPECT_FALSE(picky.connection->reused());
  give_back(picky);
  give_back(plain);
}

TEST_F(ConnectionPoolTest, ServesInOrderAndRefusesBeyondItsBounds) {
  Waiter one, two, three, four, five;
  for (Waiter* waiter : {&one, &two, &three, &four}) acquire(*waiter);
  EXPECT_EQ(network.streams.size(), 2u);
  EXPECT_FALSE(three.error.has_value());
  EXPECT_FALSE(four.error.has_value());
  acquire(five);
  EXPECT_EQ(five.error, ErrorCode::Overloaded);
  network.connected(1);
  EXPECT_NE(one.connection, nullptr);
  network.connected(0);
  EXPECT_NE(two.connection, nullptr);
  EXPECT_EQ(three.connection, nullptr);
  give_back(two);
  EXPECT_NE(three.connection, nullptr);
  EXPECT_EQ(four.connection, nullptr);
  pool().discard(*one.connection);
  network.end_turn();
  EXPECT_EQ(network.streams.size(), 3u);
  network.connected(2);
  EXPECT_NE(four.connection, nullptr);
  give_back(three);
  give_back(four);
}

TEST_F(ConnectionPoolTest, WhoLeavesIsForgotten) {
  Waiter one, two;
  acquire(one);
  acquire(two);
  pool().cancel(one);
  pool().cancel(one);
  network.connected(0);
  EXPECT_EQ(one.connection, nullptr);
  EXPECT_NE(two.connection, nullptr);
  network.connected(1);
  EXPECT_EQ(pool().connections(), 2u);  // one is idle now
  Waiter three;
  EXPECT_TRUE(acquire(three));
  EXPECT_FALSE(three.connection->reused());
  give_back(two);
  give_back(three);
}

TEST_F(ConnectionPoolTest, AFailureIsForTheFirstWaiter) {
  Waiter one, two;
  acquire(one);
  acquire(two);
  network.failed(1);
  EXPECT_EQ(one.error, ErrorCode::UpstreamConnectFailed);
  EXPECT_FALSE(two.error.has_value());
  network.pass(kConnectTimeout + milliseconds(10));
  EXPECT_EQ(two.error, ErrorCode::UpstreamTimeout);
  EXPECT_EQ(pool().connections(), 0u);
}

TEST_F(ConnectionPoolTest, OutOfSockets) {
  network.no_sockets = true;
  Waiter waiter;
  acquire(waiter);
  EXPECT_EQ(waiter.error, ErrorCode::Overloaded);
  EXPECT_FALSE(waiter.linked());
  EXPECT_EQ(pool().connections(), 0u);
}

// A descriptor that an idle connection holds is better used by a call, whosever pool it is in.
TEST_F(ConnectionPoolTest, OutOfSocketsAnIdleConnectionIsGivenUp) {
  ConnectionPool other(network, *net::SocketAddress::from_ip("10.0.0.9", 80), share);
  Waiter first, second;
  acquire(first);
  acquire(second);
  network.connected(0);
  network.connected(1);
  pool().give_back(*first.connection, seconds(4));
  network.pass(milliseconds(10));
  pool().give_back(*second.connection, seconds(4));
  network.no_sockets = true;
  Waiter waiter;
  EXPECT_TRUE(other.acquire(waiter, {.connect_timeout = kConnectTimeout, .max_idle = seconds(4)})
                  .has_value());
  EXPECT_FALSE(waiter.error.has_value());
  EXPECT_FALSE(network.streams[0].open()) << "the one that has idled longest";
  EXPECT_TRUE(network.streams[1].open());
  other.cancel(waiter);
  other.close();
  network.end_turn();
}

TEST_F(ConnectionPoolTest, IdleOnesAreGivenUp) {
  warm_up();
  network.pass(milliseconds(3990));
  EXPECT_EQ(pool().connections(), 1u);
  network.pass(milliseconds(20));
  EXPECT_EQ(pool().connections(), 0u);
}

TEST_F(ConnectionPoolTest, AnIdleOneThatIsHeardOfIsGivenUp) {
  for (int event = 0; event < 3; ++event) {
    warm_up();
    net::StreamEvents& events = *network.streams.back().events;
    if (event == 0) events.on_read("x");
    if (event == 1) events.on_end();
    if (event == 2) events.on_failure();
    network.end_turn();
    EXPECT_EQ(pool().connections(), 0u) << event;
  }
}

TEST_F(ConnectionPoolTest, AConnectionIsUsedUpOnce) {
  Waiter waiter;
  acquire(waiter);
  network.connected(0);
  for (std::uint32_t i = 1; i < ConnectionPool::kMaxCalls; ++i) {
    give_back(waiter);
    ASSERT_TRUE(acquire(waiter)) << i;
  }
  give_back(waiter);
  EXPECT_EQ(pool().connections(), 0u);
}

TEST_F(ConnectionPoolTest, AfterCloseNothingIsKept) {
  warm_up();
  Waiter waiter;
  acquire(waiter);
  Waiter other;
  acquire(other);
  pool().cancel(other);
  pool().close();
  give_back(waiter);
  network.end_turn();
  EXPECT_EQ(pool().connections(), 0u) << "what is connecting ends too";
}

TEST_F(ConnectionPoolTest, SaysWhenAClosedOneIsEmpty) {
  struct Flag final : net::Task {
    void run() override { ++times; }
    int times = 0;
  } emptied;
  share.emptied = &emptied;
  warm_up();
  Waiter waiter;
  acquire(waiter);
  give_back(waiter, Duration::zero());
  EXPECT_EQ(emptied.times, 0) << "it is not closed";
  acquire(waiter);
  network.connected(1);
  pool().close();
  network.end_turn();
  EXPECT_EQ(emptied.times, 0) << "one is leased";
  give_back(waiter);
  EXPECT_EQ(emptied.times, 1);
}

TEST_F(ConnectionPoolTest, AReopenedOneKeepsConnections) {
  pool().close();
  pool().reopen();
  warm_up();
  EXPECT_EQ(pool().connections(), 1u);
}

TEST_F(ConnectionPoolTest, ItsWaitersCanBeTakenAway) {
  Waiter one, two, plain, picky;
  for (Waiter* waiter : {&one, &two, &plain}) acquire(*waiter);
  acquire(picky, Duration(-1));
  EXPECT_EQ(share.waiting, 4u);
  pool().close();
  IntrusiveList<PoolWaiter> waiters;
  pool().give_up_waiters(waiters);
  EXPECT_EQ(waiters.count(), 4u);
  EXPECT_EQ(share.waiting, 0u);
  EXPECT_EQ(pool().counts().waiting, 0u);
  network.end_turn();
  EXPECT_EQ(pool().connections(), 0u);
  EXPECT_FALSE(one.error.has_value());
}

TEST_F(ConnectionPoolTest, AProbedConnectionThatIsNotQuietIsNotUsed) {
  warm_up();
  warm_up_another();
  network.streams[1].quiet = false;
  Waiter waiter;
  EXPECT_TRUE(acquire(waiter, kAnyIdle, true));
  EXPECT_FALSE(network.streams[1].open());
  EXPECT_TRUE(network.streams[0].open());
  EXPECT_EQ(pool().connections(), 2u);  // the closed one goes at the end of the turn
  network.end_turn();
  EXPECT_EQ(pool().connections(), 1u);
  give_back(waiter);
}

TEST_F(ConnectionPoolTest, WithoutAProbeNobodyLooks) {
  warm_up();
  network.streams[0].quiet = false;
  Waiter waiter;
  EXPECT_TRUE(acquire(waiter));
  give_back(waiter);
}

TEST_F(ConnectionPoolTest, AStaleConnectionTakesThoseThatAreNoYoungerAlong) {
  share.connections_max = 3;
  warm_up();
  network.pass(milliseconds(100));
  warm_up_another();
  network.pass(milliseconds(100));
  warm_up_another();
  Waiter youngest;
  Waiter middle;
  ASSERT_TRUE(acquire(youngest));
  ASSERT_TRUE(acquire(middle));
  give_back(youngest);
  pool().discard_stale(*middle.connection);
  network.end_turn();
  EXPECT_FALSE(network.streams[0].open());
  EXPECT_FALSE(network.streams[1].open());
  EXPECT_TRUE(network.streams[2].open());
}

}  // namespace
}  // namespace usher::upstream
