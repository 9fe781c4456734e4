#include "proxy/shared_state.h"

#include <unordered_map>

#include "base/log.h"

namespace usher::proxy {

NamedBreaker::NamedBreaker(std::string service, std::string endpoint,
                           const policy::BreakerOptions& options)
    : service_(std::move(service)), endpoint_(std::move(endpoint)), breaker_(options, this) {}

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

struct SharedState::Known {
  // "service" and "service/endpoint".
  std::unordered_map<std::string, std::shared_ptr<NamedBreaker>> breakers;
  std::unordered_map<std::string_view, std::size_t> clusters;
  std::unordered_map<std::string, const route::Endpoint*> endpoints;
  const SharedState* state = nullptr;

  explicit Known(const SharedState* before) : state(before) {
    if (before == nullptr) return;
    for (const auto& breaker : before->breakers_) {
      breakers.emplace(name_of(breaker->service(), breaker->endpoint()), breaker);
    }
    for (std::size_t i = 0; i < before->clusters_.size(); ++i) {
      clusters.emplace(before->clusters_[i].service, i);
    }
    for (const route::Endpoint* endpoint : before->endpoints_) {
      endpoints.emplace(name_of(endpoint->service, endpoint->name), endpoint);
    }
  }

  static std::string name_of(std::string_view service, std::string_view endpoint) {
    return std::string(service).append("/").append(endpoint);
  }
};

SharedState::SharedState(std::span<const upstream::ClusterOptions> clusters,
                         std::vector<const route::Endpoint*> endpoints, std::size_t workers,
                         const SharedState* before)
    : clusters_(clusters),
      endpoints_(std::move(endpoints)),
      workers_(workers),
      by_endpoint_(endpoints_.size()) {
  const Known known(before);
  std::vector<NamedBreaker*> of_service(clusters.size(), nullptr);
  for (const upstream::ClusterOptions& cluster : clusters) set_budget(cluster, known);
  for (const route::Endpoint* endpoint : endpoints_) {
    set_hedges(*endpoint, known);
    set_breaker(*endpoint, known, of_service);
  }
}

void SharedState::set_budget(const upstream::ClusterOptions& cluster, const Known& known) {
  const auto old = known.clusters.find(cluster.service);
  const bool is_same = old != known.clusters.end() &&
                       known.state->clusters_[old->second].retry_budget == cluster.retry_budget;
  budgets_.push_back(is_same ? known.state->budgets_[old->second]
                             : std::make_shared<policy::RetryBudget>(cluster.retry_budget));
}

void SharedState::set_hedges(const route::Endpoint& endpoint, const Known& known) {
  if (!endpoint.policy.hedge) return;
  const auto old = known.endpoints.find(Known::name_of(endpoint.service, endpoint.name));
  const bool is_same =
      old != known.endpoints.end() && old->second->policy.hedge == endpoint.policy.hedge;
  by_endpoint_[endpoint.index].hedges =
      is_same ? known.state->by_endpoint_[old->second->index].hedges
              : std::make_shared<policy::HedgePolicy>(*endpoint.policy.hedge);
}

void SharedState::set_breaker(const route::Endpoint& endpoint, const Known& known,
                              std::vector<NamedBreaker*>& of_service) {
  const policy::EndpointPolicy& policy = endpoint.policy;
  if (policy.breaker_scope == policy::BreakerScope::Off) return;
  OfEndpoint& state = by_endpoint_[endpoint.index];
  const bool is_shared = policy.breaker_scope == policy::BreakerScope::Service;
  const policy::BreakerOptions& options =
      is_shared ? clusters_[endpoint.cluster].breaker : policy.breaker;
  state.failures = options.failures;
  if (is_shared && of_service[endpoint.cluster] != nullptr) {
    state.breaker = of_service[endpoint.cluster];
    return;
  }
  const std::string_view name = is_shared ? std::string_view() : endpoint.name;
  const auto old = known.breakers.find(Known::name_of(endpoint.service, name));
  breakers_.push_back(
      old != known.breakers.end()
          ? old->second
          : std::make_shared<NamedBreaker>(endpoint.service, std::string(name), options));
  breaker_options_.push_back(options);
  state.breaker = breakers_.back().get();
  if (is_shared) of_service[endpoint.cluster] = state.breaker;
}

void SharedState::take_effect() {
  for (std::size_t i = 0; i < breakers_.size(); ++i) {
    breakers_[i]->breaker().reconfigure(breaker_options_[i]);
  }
}

NamedBreaker* SharedState::find(std::string_view service, std::string_view endpoint) const {
  for (const std::shared_ptr<NamedBreaker>& breaker : breakers_) {
    if (breaker->service() == service && breaker->endpoint() == endpoint) return breaker.get();
  }
  return nullptr;
}

}  // namespace usher::proxy
