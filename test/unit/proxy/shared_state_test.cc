// What a new Snapshot takes over from the one before.
#include "proxy/shared_state.h"

#include <gtest/gtest.h>

#include <vector>

#include "proxy/worker_snapshot.h"

namespace usher::proxy {
namespace {

struct Configured {
  std::vector<upstream::ClusterOptions> clusters;
  std::vector<route::Endpoint> endpoints;

  explicit Configured(const std::vector<std::string>& names) {
    clusters.emplace_back().service = "tickets";
    for (const std::string& name : names) {
      route::Endpoint& endpoint = endpoints.emplace_back();
      endpoint.index = static_cast<std::uint32_t>(endpoints.size() - 1);
      endpoint.name = name;
      endpoint.service = "tickets";
    }
  }
  std::vector<const route::Endpoint*> pointers() const {
    std::vector<const route::Endpoint*> all;
    for (const route::Endpoint& endpoint : endpoints) all.push_back(&endpoint);
    return all;
  }
};

TEST(SharedState, OfTheNextSnapshotHasTheSameBreakersByName) {
  const Configured before({"a", "b"});
  SharedState first(before.clusters, before.pointers(), 1);
  first.find("tickets", "b")->breaker().force_open();
  Configured after({"c", "b"});
  after.endpoints[1].policy.breaker.consecutive_failures = 7;
  SharedState second(after.clusters, after.pointers(), 1, &first);
  second.take_effect();
  EXPECT_EQ(second.find("tickets", "b"), first.find("tickets", "b"));
  EXPECT_EQ(second.find("tickets", "b")->breaker().state(), policy::BreakerState::ForcedOpen);
  EXPECT_EQ(second.find("tickets", "a"), nullptr);
  EXPECT_EQ(second.find("tickets", "c")->breaker().state(), policy::BreakerState::Closed);
}

TEST(SharedState, KeepsABudgetThatIsTheSame) {
  const Configured before({"a"});
  SharedState first(before.clusters, before.pointers(), 1);
  Configured after({"a"});
  SharedState same(after.clusters, after.pointers(), 1, &first);
  EXPECT_EQ(&same.budget(after.endpoints[0]), &first.budget(before.endpoints[0]));
  Configured changed({"a"});
  changed.clusters[0].retry_budget.share = 0.5;
  SharedState other(changed.clusters, changed.pointers(), 1, &same);
  EXPECT_NE(&other.budget(changed.endpoints[0]), &same.budget(after.endpoints[0]));
}

TEST(SharedState, LeavesCountersToTheEndpointsOfTheSameName) {
  const Configured before({"a", "b"});
  const SharedState first(before.clusters, before.pointers(), 1);
  const EndpointCounters counted = counters_for(first, nullptr, {});
  const Configured after({"b", "c"});
  const SharedState second(after.clusters, after.pointers(), 1, &first);
  const EndpointCounters counters = counters_for(second, &first, counted);
  EXPECT_EQ(counters[0], counted[1]);
  EXPECT_NE(counters[1], counted[0]);
}

}  // namespace
}  // namespace usher::proxy
