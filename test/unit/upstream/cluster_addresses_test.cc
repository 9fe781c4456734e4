// A cluster whose addresses the configuration changes while calls run.
#include <gtest/gtest.h>

#include <list>
#include <memory>
#include <string>

#include "support/fake_network.h"
#include "upstream/cluster.h"

namespace usher::upstream {
namespace {

using std::chrono::seconds;

struct Waiter final : PoolWaiter {
  UpstreamConnection* connection = nullptr;
  bool failed = false;
  void on_connection(UpstreamConnection& leased) override { connection = &leased; }
  void on_no_connection(const Error&) override { failed = true; }
};

HostAddress address(const std::string& host) {
  return {.host = host, .port = 80, .authority = host};
}

class ClusterAddresses : public testing::Test {
 protected:
  ClusterAddresses() {
    options_.service = "owner";
    options_.connections_per_host = 1;
    options_.addresses = {address("10.0.0.1")};
    cluster_ = std::make_unique<Cluster>(network_, options_, random_);
  }
  ~ClusterAddresses() override {
    cluster_->close();
    network_.end_turn();
  }

  Waiter& acquire() {
    Waiter& waiter = waiters_.emplace_back();
    const auto result = cluster_->acquire(
        waiter, {.connect_timeout = seconds(60), .max_idle = ConnectionPool::kMaxKeepAlive});
    EXPECT_TRUE(result);
    if (result) waiter.connection = *result;
    return waiter;
  }
  Waiter& connect() {
    Waiter& waiter = acquire();
    if (waiter.connection == nullptr) network_.connected(network_.streams.size() - 1);
    EXPECT_NE(waiter.connection, nullptr);
    return waiter;
  }
  void give_back(Waiter& waiter) {
    waiter.record(policy::Verdict::Success);
    UpstreamConnection& connection = *std::exchange(waiter.connection, nullptr);
    connection.pool().give_back(connection, seconds(4));
    network_.end_turn();
  }

  net::FakeNetwork network_;
  Random random_{1};
  ClusterOptions options_;
  std::list<Waiter> waiters_;
  std::unique_ptr<Cluster> cluster_;
};

TEST_F(ClusterAddresses, ThatStayKeepTheirConnections) {
  give_back(connect());
  cluster_->set_addresses({address("10.0.0.1"), address("10.0.0.2")});
  network_.end_turn();
  EXPECT_EQ(cluster_->connections(), 1U);
  cluster_->set_addresses({address("10.0.0.1")});
  network_.end_turn();
  EXPECT_EQ(cluster_->connections(), 1U);
  Waiter& again = acquire();
  EXPECT_NE(again.connection, nullptr) << "the one that was kept";
  give_back(again);
}

TEST_F(ClusterAddresses, ThatGoLoseWhatIsIdleAtOnceAndWhatIsLeasedAtItsEnd) {
  Waiter& leased = connect();
  cluster_->set_addresses({address("10.0.0.2")});
  network_.end_turn();
  EXPECT_EQ(leased.authority(), "10.0.0.1") << "an attempt ends as it began";
  EXPECT_EQ(cluster_->connections(), 1U);
  Waiter& next = connect();
  EXPECT_EQ(next.authority(), "10.0.0.2");
  give_back(leased);
  EXPECT_EQ(cluster_->connections(), 1U);
  give_back(next);
  EXPECT_EQ(cluster_->connections(), 1U) << "that of the new address is kept";
}

TEST_F(ClusterAddresses, ThatGoHandTheirWaitersOn) {
  Waiter& leased = connect();
  Waiter& waiting = acquire();
  EXPECT_EQ(waiting.connection, nullptr) << "there may be one connection only";
  cluster_->set_addresses({address("10.0.0.2")});
  network_.end_turn();
  network_.connected(network_.streams.size() - 1);
  ASSERT_NE(waiting.connection, nullptr);
  EXPECT_FALSE(waiting.failed);
  EXPECT_EQ(waiting.authority(), "10.0.0.2");
  give_back(waiting);
  give_back(leased);
}

}  // namespace
}  // namespace usher::upstream
