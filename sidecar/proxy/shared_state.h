// SharedState: what all workers know of the owners as calls go by: circuit breakers, retry budgets,
// how many hedges there were.
//
// One breaker across all workers: an owner that fails one of them is left alone by all.
//
// What a new Snapshot says of an owner or endpoint that the one before had too goes on with the
// same breaker, budget and hedges, where they fit.
//
// Owner: the process, made for one Snapshot.  Thread: any; the parts say themselves how they do it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "policy/circuit_breaker.h"
#include "policy/hedge_policy.h"
#include "policy/retry_budget.h"
#include "route/endpoint.h"
#include "upstream/cluster_options.h"

namespace usher::proxy {

// A breaker, and how often it changed to each state; logs each change.
class NamedBreaker final : private policy::BreakerObserver {
 public:
  // `endpoint` is empty for a breaker that a service's endpoints share.
  NamedBreaker(std::string service, std::string endpoint, const policy::BreakerOptions& options);

  const std::string& service() const { return service_; }
  const std::string& endpoint() const { return endpoint_; }
  policy::CircuitBreaker& breaker() { return breaker_; }
  const policy::CircuitBreaker& breaker() const { return breaker_; }
  std::uint64_t changes_to(policy::BreakerState state) const {
    return changes_[static_cast<std::size_t>(state)].load(std::memory_order_relaxed);
  }

 private:
  void on_breaker_change(const policy::CircuitBreaker& breaker,
                         const policy::BreakerChange& change) override;

  std::string service_;
  std::string endpoint_;
  std::array<std::atomic<std::uint64_t>, policy::kBreakerStates> changes_{};
  policy::CircuitBreaker breaker_;
};

class SharedState {
 public:
  // `clusters` and `endpoints` are by their index and outlive this. `before`: that of the Snapshot
  // which this one replaces, or null.
  SharedState(std::span<const upstream::ClusterOptions> clusters,
              std::vector<const route::Endpoint*> endpoints, std::size_t workers,
              const SharedState* before = nullptr);
  SharedState(const SharedState&) = delete;
  SharedState& operator=(const SharedState&) = delete;

  // Breakers that are older go by the new options from now on.
  void take_effect();

  std::span<const upstream::ClusterOptions> clusters() const { return clusters_; }
  std::span<const route::Endpoint* const> endpoints() const { return endpoints_; }
  std::size_t workers() const { return workers_; }

  // The one that attempts of this endpoint ask; null when it has none.
  NamedBreaker* breaker(const route::Endpoint& endpoint) {
    return by_endpoint_[endpoint.index].breaker;
  }
  // Which of its attempts' ends that one counts as failures.
  const policy::FailureRules& failures(const route::Endpoint& endpoint) const {
    return by_endpoint_[endpoint.index].failures;
  }
  // All, in the order of the configuration.
  std::span<const std::shared_ptr<NamedBreaker>> breakers() const { return breakers_; }
  // Null when there is none of that name; an empty `endpoint` names the service's own.
  NamedBreaker* find(std::string_view service, std::string_view endpoint) const;

  policy::RetryBudget& budget(const route::Endpoint& endpoint) {
    return *budgets_[endpoint.cluster];
  }
  // Null when the endpoint does not hedge.
  policy::HedgePolicy* hedges(const route::Endpoint& endpoint) {
    return by_endpoint_[endpoint.index].hedges.get();
  }

 private:
  struct OfEndpoint {
    NamedBreaker* breaker = nullptr;
    policy::FailureRules failures;
    std::shared_ptr<policy::HedgePolicy> hedges;
  };
  // What one Snapshot has, by the names that the next one may have too.
  struct Known;

  void set_budget(const upstream::ClusterOptions& cluster, const Known& known);
  void set_hedges(const route::Endpoint& endpoint, const Known& known);
  void set_breaker(const route::Endpoint& endpoint, const Known& known,
                   std::vector<NamedBreaker*>& of_service);

  std::span<const upstream::ClusterOptions> clusters_;
  std::vector<const route::Endpoint*> endpoints_;
  std::size_t workers_;
  std::vector<std::shared_ptr<NamedBreaker>> breakers_;
  std::vector<policy::BreakerOptions> breaker_options_;        // of each
  std::vector<std::shared_ptr<policy::RetryBudget>> budgets_;  // by Endpoint::cluster
  std::vector<OfEndpoint> by_endpoint_;                        // by Endpoint::index
};

}  // namespace usher::proxy
