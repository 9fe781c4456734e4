#include "server/connection_limits.h"

#include <gtest/gtest.h>

namespace usher::server {
namespace {

class ConnectionLimits : public testing::Test {
 protected:
  ConnectionLimits() {
    snapshot_.listeners.resize(1);
    snapshot_.listeners[0].addresses.resize(1);
    upstream::ClusterOptions cluster;
    cluster.addresses.resize(2);
    cluster.connections_per_host = 100;
    snapshot_.clusters.push_back(cluster);
    snapshot_.limits.connections = 1000;
  }
  proxy::ConnectionBounds plan(std::size_t descriptors) const {
    return plan_connections(snapshot_, descriptors);
  }

  config::Snapshot snapshot_;
};

TEST_F(ConnectionLimits, AsConfiguredWhereThereAreEnough) {
  const proxy::ConnectionBounds bounds = plan(1'000'000);
  EXPECT_EQ(bounds.served, 1000u);
  EXPECT_EQ(bounds.refused, 64u);
}

TEST_F(ConnectionLimits, AreDividedAmongWorkers) {
  snapshot_.workers = 3;
  EXPECT_EQ(plan(1'000'000).served, 334u);
}

// Whatever there is suffices for all of them, owners and the rest together.
TEST_F(ConnectionLimits, FitIntoTheDescriptors) {
  for (const unsigned workers : {1u, 2u, 7u}) {
    snapshot_.workers = workers;
    for (std::size_t descriptors = 160; descriptors < 3000; descriptors += 7) {
      const proxy::ConnectionBounds bounds = plan(descriptors);
      const std::size_t owners = std::min(bounds.served, owner_connections(snapshot_));
      EXPECT_LE(workers * (bounds.served + bounds.refused + owners) + 32, descriptors);
      EXPECT_GE(bounds.served, 1u);
      EXPECT_GE(bounds.refused, 1u);
    }
  }
}

TEST_F(ConnectionLimits, ConsumersGetWhatOwnersCannotUse) {
  EXPECT_GT(plan(1000).served, 650u);  // all but 200 for owners
  snapshot_.clusters[0].connections_per_host = 10'000;
  EXPECT_LT(plan(1000).served, 450u);  // half
}

TEST_F(ConnectionLimits, NeverNone) {
  EXPECT_EQ(plan(0).served, 1u);
  EXPECT_EQ(plan(0).refused, 1u);
}

TEST_F(ConnectionLimits, CountOwnersOfAllAddresses) {
  EXPECT_EQ(owner_connections(snapshot_), 200u);
}

}  // namespace
}  // namespace usher::server
