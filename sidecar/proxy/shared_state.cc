#include "proxy/shared_state.h"

#include "base/log.h"

namespace usher::proxy {

NamedBreaker::NamedBreaker(std::string service, std::string endpoint,
                           const policy::BreakerOptions& options)
    : service_(std::move(service)),
      endpoint_(std::move(endpoint)),
      failures_(options.failures),
      breaker_(options, this) {}

void NamedBreaker::on_breaker_change(const policy::CircuitBreaker&,
                                     const policy::BreakerChange& change) {
  changes_[static_cast<std::size_t>(change.to)].fetch_add(1, std::memory_order_relaxed);
  const bool is_bad =
      change.to == policy::BreakerState::Open || change.to == policy::BreakerState::ForcedOpen;
  LogLine line(is_bad ? LogLevel::Warn : LogLevel::Info, "circuit breaker changed");
  line.field("service", service_);
  if (!endpoint_.empty()) line.field("endpoint", endpoint_);
  line.field("from", policy::to_string(change.from))
      .field("to", policy::to_string(change.to))
      .field("reason", policy::to_string(change.reason));
  if (change.to == policy::BreakerState::Open)
    line.field("openForMs", to_milliseconds(change.open_for));
}

SharedState::SharedState(std::span<const upstream::ClusterOptions> clusters,
                         std::vector<const route::Endpoint*> endpoints, std::size_t workers)
    : clusters_(clusters),
      endpoints_(std::move(endpoints)),
      workers_(workers),
      by_endpoint_(endpoints_.size()) {
  std::vector<NamedBreaker*> of_service(clusters.size(), nullptr);
  for (const upstream::ClusterOptions& cluster : clusters) {
    budgets_.push_back(std::make_unique<policy::RetryBudget>(cluster.retry_budget));
  }
  for (const route::Endpoint* endpoint : endpoints_) {
    OfEndpoint& state = by_endpoint_[endpoint->index];
    const policy::EndpointPolicy& policy = endpoint->policy;
    if (policy.hedge) state.hedges = std::make_unique<policy::HedgePolicy>(*policy.hedge);
    if (policy.breaker_scope == policy::BreakerScope::Off) continue;
    const bool is_shared = policy.breaker_scope == policy::BreakerScope::Service;
    if (is_shared && of_service[endpoint->cluster] != nullptr) {
      state.breaker = of_service[endpoint->cluster];
      continue;
    }
    breakers_.push_back(std::make_unique<NamedBreaker>(
        endpoint->service, is_shared ? std::string() : endpoint->name,
        is_shared ? clusters[endpoint->cluster].breaker : policy.breaker));
    state.breaker = breakers_.back().get();
    if (is_shared) of_service[endpoint->cluster] = state.breaker;
  }
}

NamedBreaker* SharedState::find(std::string_view service, std::string_view endpoint) {
  for (const std::unique_ptr<NamedBreaker>& breaker : breakers_) {
    if (breaker->service() == service && breaker->endpoint() == endpoint) return breaker.get();
  }
  return nullptr;
}

}  // namespace usher::proxy
