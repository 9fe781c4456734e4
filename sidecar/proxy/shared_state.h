// SharedState: what all workers know of the owners as calls go by: circuit breakers, retry budgets,
// how many hedges there were.
//
// One breaker across all workers: an owner that fails one of them is left alone by all.
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

// A breaker, the failures that it counts, and how often it changed to each state; logs each change.
class NamedBreaker final : private policy::BreakerObserver {
 public:
  // `endpoint` is empty for a breaker that a service's endpoints share.
  NamedBreaker(std::string service, std::string endpoint, const policy::BreakerOptions& options);

  const std::string& service() const { return service_; }
  const std::string& endpoint() const { return endpoint_; }
  const policy::FailureRules& failures() const { return failures_; }
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
  policy::FailureRules failures_;
  std::array<std::atomic<std::uint64_t>, policy::kBreakerStates> changes_{};
  policy::CircuitBreaker breaker_;
};

class SharedState {
 public:
  // `clusters` and `endpoints` are by their index and outlive this.
  SharedState(std::span<const upstream::ClusterOptions> clusters,
              std::vector<const route::Endpoint*> endpoints, std::size_t workers);

  std::span<const upstream::ClusterOptions> clusters() const { return clusters_; }
  std::span<const route::Endpoint* const> endpoints() const { return endpoints_; }
  std::size_t workers() const { return workers_; }

  // The one that attempts of this endpoint ask; null when it has none.
  NamedBreaker* breaker(const route::Endpoint& endpoint) {
    return by_endpoint_[endpoint.index].breaker;
  }
  // All, in the order of the configuration.
  std::span<const std::unique_ptr<NamedBreaker>> breakers() const { return breakers_; }
  // Null when there is none of that name; an empty `endpoint` names the service's own.
  NamedBreaker* find(std::string_view service, std::string_view endpoint);

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
    std::unique_ptr<policy::HedgePolicy> hedges;
  };

  std::span<const upstream::ClusterOptions> clusters_;
  std::vector<const route::Endpoint*> endpoints_;
  std::size_t workers_;
  std::vector<std::unique_ptr<NamedBreaker>> breakers_;
  std::vector<std::unique_ptr<policy::RetryBudget>> budgets_;  // by Endpoint::cluster
  std::vector<OfEndpoint> by_endpoint_;                        // by Endpoint::index
};

}  // namespace usher::proxy
