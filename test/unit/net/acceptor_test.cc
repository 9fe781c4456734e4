#include "net/acceptor.h"

#include <gtest/gtest.h>

#include <list>

#include "unit/net/descriptor_limit.h"
#include "unit/net/uv_loop.h"

namespace usher::net {
namespace {

class AcceptorTest : public UvLoop {
 protected:
  AcceptorTest() : UvLoop(512) { listen(); }

  void connect(int count) {
    for (int i = 0; i < count; ++i) peers.emplace_back(address);
  }
  // Runs turns for `duration`, and returns how many connections could not be accepted in it.
  int failures_within(Duration duration) {
    const int before = accept_failures;
    const Instant until = network.now() + duration;
    EXPECT_TRUE(run_until([&] { return network.now() >= until; }));
    return accept_failures - before;
  }
  static constexpr int kMostInThreePauses = 4;

  std::list<Peer> peers;
};

class OutOfDescriptors : public AcceptorTest {
 protected:
  void SetUp() override {
    if (!kDescriptorsMayRunOut) GTEST_SKIP() << kWhyNot;
  }
};

TEST_F(AcceptorTest, AFloodIsTakenInFewTurns) {
  connect(200);
  int turns = 0;
  for (; accepted.size() < 200 && turns < 100; ++turns) turn();
  EXPECT_EQ(accepted.size(), 200u);
  EXPECT_LT(turns, 20);
  EXPECT_GE(turns, 200 / static_cast<int>(Acceptor::kBatchMax));  // and other streams have theirs
}

TEST_F(OutOfDescriptors, WithoutADescriptorOneIsToldAndTheOthersWait) {
  connect(5);
  accept_max = 6;
  const DescriptorLimit limit(with_spare(0));
  ASSERT_TRUE(run_until([&] { return overflowed.size() == 1; }));
  EXPECT_LE(failures_within(3 * Acceptor::kQuiet), kMostInThreePauses);
  EXPECT_EQ(overflowed.size(), 1u);
  EXPECT_EQ(accepted.size(), 0u);
  // Whoever is told and goes makes room for the next one to be told.
  overflowed[0]->close();
  ASSERT_TRUE(run_until([&] { return overflowed.size() == 2; }));
}

TEST_F(OutOfDescriptors, GoesOnByItselfWhenThereAreDescriptorsAgain) {
  connect(5);
  {
    const DescriptorLimit limit(with_spare(0));
    ASSERT_TRUE(run_until([&] { return accept_failures == 1; }));
  }
  EXPECT_TRUE(run_until([&] { return accepted.size() == 4; }));
  EXPECT_EQ(overflowed.size(), 1u);
}

// Told that there is no room, or taken: nobody waits for the timer alone.
TEST_F(OutOfDescriptors, AClosedStreamIsEnoughToGoOn) {
  connect(1);
  Record& first = accept();
  connect(2);
  const DescriptorLimit limit(with_spare(0));
  ASSERT_TRUE(run_until([&] { return accept_failures == 1; }));
  first.close();
  int turns = 0;
  for (; overflowed.size() + accepted.size() < 3 && turns < 10; ++turns) turn();
  EXPECT_EQ(overflowed.size() + accepted.size(), 3u);
}

// As when the limit of a running process is lowered below what it has: not even the reserve's place
// can be had again.
TEST_F(OutOfDescriptors, DoesNotSpinWhereTheReserveIsLost) {
  connect(3);
  {
    const DescriptorLimit limit(1);
    EXPECT_LE(failures_within(3 * Acceptor::kQuiet), kMostInThreePauses);
    EXPECT_GT(accept_failures, 0);
    EXPECT_EQ(accepted.size() + overflowed.size(), 0u);
  }
  ASSERT_TRUE(run_until([&] { return accepted.size() == 3; }));
  accepted[0]->close();
  ASSERT_TRUE(run_until([&] { return network.open_streams() == 2; }));
  connect(1);
  const DescriptorLimit limit(with_spare(0));
  EXPECT_TRUE(run_until([&] { return overflowed.size() == 1; })) << "the reserve is back";
}

struct IdleStream final : Spare {
  Record record;
  bool close_one() override {
    const bool is_open = record.stream != nullptr;
    record.close();
    return is_open;
  }
};

TEST_F(OutOfDescriptors, ASpareStreamIsClosedForOneThatConnects) {
  IdleStream idle;
  network.add_spare(idle);
  idle.record.stream = network.connect(address, idle.record);
  ASSERT_TRUE(run_until([&] { return idle.record.connected; }));
  accept();
  const DescriptorLimit limit(with_spare(0));
  Record first, second;
  first.stream = network.connect(address, first);
  EXPECT_NE(first.stream, nullptr);
  EXPECT_EQ(idle.record.stream, nullptr);
  EXPECT_EQ(network.connect(address, second), nullptr) << "there is none any more";
}

TEST_F(OutOfDescriptors, ClosesWhileItIsQuiet) {
  connect(1);
  const DescriptorLimit limit(1);
  ASSERT_TRUE(run_until([&] { return accept_failures > 0; }));
  network.close_listeners();
}

}  // namespace
}  // namespace usher::net
