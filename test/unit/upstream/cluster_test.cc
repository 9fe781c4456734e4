#include "upstream/cluster.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <memory>
#include <optional>

#include "support/fake_network.h"

namespace usher::upstream {
namespace {

using net::FakeNetwork;

using policy::HostSet;
using policy::Verdict;
using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::UnorderedElementsAre;

const LeaseOptions kPlain{.connect_timeout = std::chrono::minutes(1),
                          .max_idle = ConnectionPool::kMaxKeepAlive};

struct Waiter final : PoolWaiter {
  UpstreamConnection* connection = nullptr;
  std::optional<ErrorCode> error;
  void on_connection(UpstreamConnection& leased) override { connection = &leased; }
  void on_no_connection(const Error& why) override { error = why.code; }
};

std::vector<std::string> addresses(int first, int last) {
  std::vector<std::string> ips;
  for (int i = first; i <= last; ++i) ips.push_back("10.0.0." + std::to_string(i));
  return ips;
}

class ClusterTest : public testing::Test {
 protected:
  ClusterTest() {
    options.service = "owner";
    options.connections_per_host = 2;
    options.pending = 4;
    options.outlier.jitter = 0;
  }
  ~ClusterTest() override {
    if (cluster_ == nullptr) return;
    for (Waiter& waiter : waiters) {
      if (waiter.connection != nullptr) give_back(waiter);
      cluster().cancel(waiter);
    }
    cluster_->close();
    network.end_turn();
  }

  void use_literals(int count) {
    for (const std::string& ip : addresses(1, count)) options.addresses.push_back({ip, 80, ip});
  }
  void use_name(const std::string& name = "owner") {
    options.addresses.push_back({name, 80, name + ":80"});
  }
  // A name that has been resolved.
  void use_name_of(const std::vector<std::string>& ips) {
    use_name();
    cluster();
    network.resolved("owner", ips);
  }
  void resolve_again(const std::vector<std::string>& ips) {
    network.pass(seconds(31));
    Waiter somebody;
    cluster().acquire(somebody, kPlain);
    cluster().cancel(somebody);
    network.resolved("owner", ips);
  }
  Cluster& cluster() {
    if (cluster_ == nullptr) cluster_ = std::make_unique<Cluster>(network, options, random);
    return *cluster_;
  }
  Waiter& acquire(HostSet tried = {}, Duration max_idle = ConnectionPool::kMaxKeepAlive) {
    Waiter& waiter = waiters.emplace_back();
    const auto result = cluster().acquire(
        waiter, {.connect_timeout = std::chrono::minutes(1), .max_idle = max_idle, .tried = tried});
    if (!result) waiter.error = result.error().code;
    if (result) waiter.connection = *result;
    return waiter;
  }
  Waiter& connect(HostSet tried = {}) {
    Waiter& waiter = acquire(tried);
    if (waiter.connection == nullptr) network.connected(network.streams.size() - 1);
    EXPECT_NE(waiter.connection, nullptr);
    return waiter;
  }
  void give_back(Waiter& waiter, Verdict verdict = Verdict::Success) {
    ASSERT_NE(waiter.connection, nullptr);
    waiter.record(verdict);
    UpstreamConnection& connection = *std::exchange(waiter.connection, nullptr);
    connection.pool().give_back(connection, seconds(4));
    network.end_turn();
  }
  // One attempt at the host in that slot.
  void attempt_at(std::size_t slot, Verdict verdict) {
    HostSet others;
    for (std::size_t other = 0; other < HostSet::kMax; ++other) others.add(other);
    others.remove(slot);
    Waiter& waiter = connect(others);
    ASSERT_EQ(waiter.host(), slot);
    give_back(waiter, verdict);
  }
  void fail(std::size_t slot, int times) {
    for (int i = 0; i < times; ++i) attempt_at(slot, Verdict::Failure);
  }
  std::vector<int> slots_of(int calls) {
    std::vector<int> counts(HostSet::kMax);
    for (int i = 0; i < calls; ++i) {
      Waiter& waiter = connect();
      ++counts[*waiter.host()];
      give_back(waiter);
    }
    return counts;
  }
  std::vector<std::string> hosts() {
    std::vector<std::string> found;
    cluster().for_each_host([&](const Host& host) { found.push_back(host.address().to_string()); });
    return found;
  }
  std::size_t connections() {
    std::size_t count = 0;
    cluster().for_each_host([&](const Host& host) { count += host.pool().connections(); });
    return count;
  }
  std::size_t ejected() {
    std::size_t count = 0;
    cluster().for_each_host([&](const Host& host) { count += cluster().is_ejected(host) ? 1 : 0; });
    return count;
  }
  std::size_t active() {
    std::size_t count = 0;
    cluster().for_each_host([&](const Host& host) { count += cluster().active(host); });
    return count;
  }

  FakeNetwork network;
  Random random{std::uint64_t{1}};
  ClusterOptions options;

 private:
  std::unique_ptr<Cluster> cluster_;

 protected:
  std::list<Waiter> waiters;  // leave before the cluster goes
};

HostSet of(std::initializer_list<std::size_t> slots) {
  HostSet set;
  for (const std::size_t slot : slots) set.add(slot);
  return set;
}

// --- choosing -----------------------------------------------------------------------------------

TEST_F(ClusterTest, HostsShareTheLoad) {
  use_literals(3);
  const std::vector<int> counts = slots_of(3'000);
  for (std::size_t slot = 0; slot < 3; ++slot) EXPECT_NEAR(counts[slot], 1'000, 150);
}

TEST_F(ClusterTest, TheBusierHostIsNotChosen) {
  use_literals(2);
  Waiter& busy = connect();
  EXPECT_EQ(busy.connection->pool().address().to_string(), hosts()[*busy.host()]);
  for (int i = 0; i < 20; ++i) {
    Waiter& waiter = connect();
    EXPECT_NE(waiter.host(), busy.host());
    give_back(waiter);
  }
}

TEST_F(ClusterTest, AHostThatWasTriedIsAvoidedAsLongAsThereAreOthers) {
  use_literals(2);
  for (int i = 0; i < 20; ++i) {
    Waiter& waiter = connect(of({0}));
    EXPECT_EQ(waiter.host(), 1u);
    give_back(waiter);
  }
  EXPECT_TRUE(cluster().has_other({}));
  EXPECT_TRUE(cluster().has_other(of({0})));
  EXPECT_FALSE(cluster().has_other(of({0, 1})));
  give_back(connect(of({0, 1})));
}

TEST_F(ClusterTest, TheAuthorityIsTheConfiguredOne) {
  use_name_of({"10.0.0.7"});
  EXPECT_EQ(connect().authority(), "owner:80");
  EXPECT_EQ(network.streams[0].address, "10.0.0.7:80");
}

// --- what an attempt says -----------------------------------------------------------------------

TEST_F(ClusterTest, AnAttemptIsCountedOnce) {
  use_literals(1);
  Waiter& waiter = connect();
  EXPECT_EQ(active(), 1u);
  waiter.record(Verdict::Success);
  waiter.record(Verdict::Failure);
  EXPECT_EQ(active(), 0u);
  EXPECT_EQ(waiter.host(), 0u) << "it is still known";
  give_back(waiter);
  EXPECT_EQ(active(), 0u);
}

TEST_F(ClusterTest, AnAttemptThatNobodySpeaksOfEndsAllTheSame) {
  use_literals(1);
  {
    Waiter forgetful;
    EXPECT_TRUE(cluster().acquire(forgetful, kPlain));
    EXPECT_EQ(active(), 1u);
    cluster().cancel(forgetful);
  }
  EXPECT_EQ(active(), 0u);
  Waiter& waiter = connect();
  UpstreamConnection& first = *std::exchange(waiter.connection, nullptr);
  EXPECT_TRUE(cluster().acquire(waiter, kPlain));
  EXPECT_EQ(active(), 1u) << "the next one has begun";
  cluster().cancel(waiter);
  first.pool().discard(first);
  network.end_turn();
}

TEST_F(ClusterTest, OneThatWasRecordedWhileItWaitedCanStillLeave) {
  use_literals(1);
  Waiter& waiter = acquire();
  waiter.record(Verdict::Failure);
  cluster().cancel(waiter);
  EXPECT_FALSE(waiter.linked());
  network.connected(0);
  EXPECT_EQ(waiter.connection, nullptr);
}

TEST_F(ClusterTest, AHostThatCannotBeReachedIsNamedAndCounted) {
  use_literals(2);
  Waiter& waiter = acquire();
  const std::size_t host = *waiter.host();
  network.failed(0);
  EXPECT_EQ(waiter.error, ErrorCode::UpstreamConnectFailed);
  EXPECT_EQ(waiter.host(), host);
  EXPECT_EQ(active(), 0u);
  for (int i = 1; i < 5; ++i) {
    acquire(of({1 - host}));
    network.failed(network.streams.size() - 1);
  }
  EXPECT_EQ(ejected(), 1u);
}

TEST_F(ClusterTest, ThisProcessOutOfSocketsSaysNothingOfAHost) {
  use_literals(2);
  network.no_sockets = true;
  for (int i = 0; i < 20; ++i) {
    const Waiter& waiter = acquire();
    EXPECT_EQ(waiter.error, ErrorCode::Overloaded);
    EXPECT_TRUE(waiter.host().has_value());
  }
  EXPECT_EQ(ejected(), 0u);
  EXPECT_EQ(active(), 0u);
}

// --- ejection -----------------------------------------------------------------------------------

TEST_F(ClusterTest, AFailingHostIsLeftOutForAGrowingTime) {
  use_literals(2);
  fail(0, 5);
  EXPECT_EQ(ejected(), 1u);
  EXPECT_EQ(slots_of(100)[0], 0);
  EXPECT_FALSE(cluster().has_other(of({1})));
  network.pass(seconds(10));
  EXPECT_EQ(ejected(), 0u);
  fail(0, 1);
  EXPECT_EQ(ejected(), 1u);
  network.pass(seconds(19));
  EXPECT_EQ(ejected(), 1u);
  network.pass(seconds(1));
  const std::vector<int> counts = slots_of(100);
  EXPECT_GT(counts[0], 20);
  EXPECT_EQ(counts[0] + counts[1], 100);
}

TEST_F(ClusterTest, NeverMoreThanHalfAreLeftOut) {
  for (int hosts = 1; hosts <= 5; ++hosts) {
    ClusterOptions all = options;
    for (const std::string& ip : addresses(1, hosts)) all.addresses.push_back({ip, 80, ip});
    Cluster failing(network, all, random);
    for (int i = 0; i < 200; ++i) {
      Waiter waiter;
      ASSERT_TRUE(failing.acquire(waiter, kPlain));
      network.failed(network.streams.size() - 1);
      ASSERT_TRUE(waiter.error);
    }
    int out = 0;
    failing.for_each_host([&](const Host& host) { out += failing.is_ejected(host) ? 1 : 0; });
    EXPECT_EQ(out, hosts / 2);
  }
}

// --- names --------------------------------------------------------------------------------------

TEST_F(ClusterTest, ANameIsAHostForEachAddress) {
  use_name_of(addresses(1, 3));
  EXPECT_THAT(hosts(), ElementsAre("10.0.0.1:80", "10.0.0.2:80", "10.0.0.3:80"));
  const std::vector<int> counts = slots_of(300);
  for (std::size_t slot = 0; slot < 3; ++slot) EXPECT_GT(counts[slot], 50);
}

TEST_F(ClusterTest, AnAddressThatANameHasTwiceIsOneHost) {
  use_name_of({"10.0.0.1", "10.0.0.1"});
  EXPECT_THAT(hosts(), ElementsAre("10.0.0.1:80"));
}

TEST_F(ClusterTest, CallersWaitForTheFirstAnswer) {
  use_name();
  Waiter& first = acquire();
  Waiter& second = acquire();
  EXPECT_EQ(first.host(), std::nullopt);
  EXPECT_EQ(cluster().waiting_for_hosts(), 2u);
  cluster().cancel(first);
  EXPECT_EQ(cluster().waiting_for_hosts(), 1u);
  network.resolved("owner", {"10.0.0.1"});
  network.connected(0);
  EXPECT_NE(second.connection, nullptr);
  EXPECT_EQ(second.host(), 0u);
  EXPECT_EQ(network.streams.size(), 1u);
  EXPECT_EQ(first.connection, nullptr);
}

TEST_F(ClusterTest, NotMoreWaitThanMay) {
  use_name();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(acquire().error, std::nullopt);
  EXPECT_EQ(acquire().error, ErrorCode::Overloaded);
  cluster().cancel(waiters.front());
  EXPECT_EQ(acquire().error, std::nullopt);
}

TEST_F(ClusterTest, TheQueueIsOneOfAllHosts) {
  use_literals(2);
  options.connections_per_host = 1;
  Waiter& one = connect();
  Waiter& two = connect();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(acquire().error, std::nullopt);
  EXPECT_EQ(acquire().error, ErrorCode::Overloaded);
  give_back(one);
  give_back(two);
  for (Waiter& waiter : waiters) {
    if (waiter.connection != nullptr) give_back(waiter);
  }
}

TEST_F(ClusterTest, ANameWithoutAddresses) {
  use_name();
  Waiter& one = acquire();
  Waiter& two = acquire();
  network.resolved("owner", {});
  EXPECT_EQ(one.error, ErrorCode::NoHealthyAddress);
  EXPECT_EQ(two.error, ErrorCode::NoHealthyAddress);
  EXPECT_EQ(one.host(), std::nullopt);
  EXPECT_FALSE(cluster().has_other({}));
  EXPECT_EQ(acquire().error, ErrorCode::NoHealthyAddress);
  EXPECT_EQ(network.lookups.size(), 1u);
  network.pass(seconds(2));
  Waiter& four = acquire();
  EXPECT_EQ(network.lookups.size(), 2u);
  network.resolved("owner", {"10.0.0.1"});
  network.connected(0);
  EXPECT_NE(four.connection, nullptr);
}

TEST_F(ClusterTest, OneNameIsEnough) {
  use_name("gone");
  use_name("slow");
  Waiter& waiter = acquire();
  network.resolved("gone", {});
  EXPECT_EQ(waiter.error, std::nullopt) << "the other one may have an address";
  network.resolved("slow", {"10.0.0.1"});
  network.connected(0);
  EXPECT_EQ(waiter.authority(), "slow:80");
}

TEST_F(ClusterTest, ALiteralServesWhileANameHangs) {
  use_literals(1);
  use_name();
  EXPECT_EQ(connect().authority(), "10.0.0.1");
}

TEST_F(ClusterTest, ANameIsLookedUpAgainWhenSomebodyNeedsIt) {
  use_name_of({"10.0.0.1"});
  give_back(connect());
  for (int i = 0; i < 29; ++i) {
    network.pass(seconds(1));
    give_back(connect());
  }
  EXPECT_EQ(network.lookups.size(), 1u);
  network.pass(seconds(1));
  give_back(connect());  // on a connection that is there
  EXPECT_EQ(network.lookups.size(), 2u);
  EXPECT_EQ(network.streams.size(), 1u);
  network.pass(seconds(1));
  give_back(connect());
  EXPECT_EQ(network.lookups.size(), 2u) << "while it runs, the old answer serves";
}

TEST_F(ClusterTest, TheLastGoodAnswerServesOn) {
  use_name_of({"10.0.0.1"});
  resolve_again({});
  EXPECT_THAT(hosts(), ElementsAre("10.0.0.1:80"));
  give_back(connect());
  network.pass(seconds(1));
  give_back(connect());
  EXPECT_EQ(network.lookups.size(), 3u);
}

// --- hosts that come and go ---------------------------------------------------------------------

TEST_F(ClusterTest, AHostThatIsGoneDrains) {
  use_name_of({"10.0.0.1"});
  Waiter& leased = connect();
  Waiter& idle = connect();
  give_back(idle);
  resolve_again({"10.0.0.2"});
  EXPECT_THAT(hosts(), ElementsAre("10.0.0.1:80", "10.0.0.2:80"));
  EXPECT_TRUE(network.streams[0].open());
  EXPECT_FALSE(network.streams[1].open());
  Waiter& next = connect();
  EXPECT_EQ(next.host(), 1u);
  give_back(leased);
  EXPECT_FALSE(network.streams[0].open()) << "what it had is not kept";
  EXPECT_THAT(hosts(), ElementsAre("10.0.0.2:80"));
  give_back(next);
}

TEST_F(ClusterTest, AHostGoesOnlyWhenItsLastAttemptHasEnded) {
  use_name_of({"10.0.0.1"});
  Waiter& waiter = connect();
  resolve_again({"10.0.0.2"});
  UpstreamConnection& connection = *std::exchange(waiter.connection, nullptr);
  connection.pool().discard(connection);
  network.end_turn();
  EXPECT_EQ(hosts().size(), 2u);
  waiter.record(Verdict::Success);
  network.end_turn();
  EXPECT_THAT(hosts(), ElementsAre("10.0.0.2:80"));
}

TEST_F(ClusterTest, WhoWaitsForAHostThatIsGoneGetsAnother) {
  use_name_of({"10.0.0.1"});
  Waiter& connecting = acquire();
  resolve_again({"10.0.0.2"});
  EXPECT_EQ(connecting.error, std::nullopt);
  network.connected(network.streams.size() - 1);
  ASSERT_NE(connecting.connection, nullptr);
  EXPECT_EQ(connecting.connection->pool().address().to_string(), "10.0.0.2:80");
  EXPECT_THAT(hosts(), ElementsAre("10.0.0.2:80"));
  EXPECT_EQ(active(), 1u);
}

TEST_F(ClusterTest, AHostThatStaysKeepsItsSlotAndWhatIsKnownOfIt) {
  use_name_of(addresses(1, 3));
  fail(2, 5);
  Waiter& running = connect(of({0, 2}));
  ASSERT_EQ(running.host(), 1u);
  resolve_again({"10.0.0.9", "10.0.0.3", "10.0.0.2"});
  EXPECT_EQ(running.authority(), "owner:80");
  EXPECT_EQ(running.connection->pool().address().to_string(), "10.0.0.2:80");
  EXPECT_EQ(active(), 1u);
  EXPECT_THAT(hosts(), UnorderedElementsAre("10.0.0.2:80", "10.0.0.3:80", "10.0.0.9:80"));
  fail(2, 1);  // is enough, as it was out before
  EXPECT_EQ(ejected(), 1u);
}

TEST_F(ClusterTest, AHostThatComesBackIsTheSame) {
  use_name_of({"10.0.0.1"});
  Waiter& leased = connect();
  resolve_again({"10.0.0.2"});
  resolve_again({"10.0.0.1"});
  EXPECT_EQ(hosts()[0], "10.0.0.1:80");
  give_back(leased);
  EXPECT_TRUE(network.streams[0].open()) << "it is kept again";
  Waiter& next = connect();
  EXPECT_EQ(next.connection->stream().queued_bytes(), 0u);
  EXPECT_TRUE(next.connection->reused());
}

TEST_F(ClusterTest, AHostInAnOldSlotIsNew) {
  use_name_of(addresses(1, 2));
  fail(0, 5);
  resolve_again({"10.0.0.2"});
  resolve_again({"10.0.0.2", "10.0.0.3"});
  EXPECT_THAT(hosts(), ElementsAre("10.0.0.3:80", "10.0.0.2:80"));
  fail(0, 1);
  EXPECT_EQ(ejected(), 0u);
}

TEST_F(ClusterTest, SixtyFourHostsAndNoMoreAndOneLogLine) {
  testing::internal::CaptureStderr();
  use_name_of(addresses(1, 70));
  EXPECT_EQ(hosts().size(), 64u);
  resolve_again(addresses(1, 70));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(hosts().size(), 64u);
  EXPECT_THAT(hosts(), Not(Contains("10.0.0.70:80")));
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 1) << log;
}

TEST_F(ClusterTest, HostsWithoutASlotComeWhenOthersHaveGone) {
  use_name_of(addresses(1, 64));
  Waiter& leased = connect();
  const std::string old = leased.connection->pool().address().to_string();
  resolve_again(addresses(101, 164));
  std::vector<std::string> found = hosts();
  EXPECT_EQ(found.size(), 64u);
  EXPECT_THAT(found, Contains(old));
  give_back(leased);
  found = hosts();
  EXPECT_EQ(found.size(), 64u);
  EXPECT_THAT(found, Not(Contains(old)));
  give_back(connect());
}

// All slots are taken by hosts that drain: who comes waits for the first of them to go.
TEST_F(ClusterTest, WhoComesWhileAllHostsDrainWaits) {
  use_name_of(addresses(1, 64));
  std::vector<Waiter*> leased;
  for (std::size_t slot = 0; slot < 64; ++slot) {
    HostSet others;
    for (std::size_t other = 0; other < 64; ++other) {
      if (other != slot) others.add(other);
    }
    leased.push_back(&connect(others));
  }
  network.pass(seconds(31));
  Waiter somebody;
  EXPECT_TRUE(cluster().acquire(somebody, kPlain));
  cluster().cancel(somebody);
  network.resolved("owner", {"10.0.0.200"});
  Waiter& waiting = acquire();
  EXPECT_EQ(waiting.error, std::nullopt);
  EXPECT_EQ(cluster().waiting_for_hosts(), 1u);
  give_back(*leased[5]);
  EXPECT_EQ(cluster().waiting_for_hosts(), 0u);
  network.connected(network.streams.size() - 1);
  ASSERT_NE(waiting.connection, nullptr);
  EXPECT_EQ(waiting.host(), 5u);
}

}  // namespace
}  // namespace usher::upstream
