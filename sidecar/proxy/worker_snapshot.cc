#include "proxy/worker_snapshot.h"

#include <utility>

namespace usher::proxy {
namespace {

constexpr std::size_t kNone = SIZE_MAX;

// Where the Snapshot before has the owners and endpoints of those names.
class IndexBefore {
 public:
  explicit IndexBefore(const SharedState* before) {
    if (before == nullptr) return;
    for (std::size_t i = 0; i < before->clusters().size(); ++i) {
      clusters_.emplace(before->clusters()[i].service, i);
    }
    for (const route::Endpoint* endpoint : before->endpoints()) {
      endpoints_.emplace(name_of(*endpoint), endpoint->index);
    }
  }

  std::size_t of(const upstream::ClusterOptions& cluster) const {
    const auto found = clusters_.find(cluster.service);
    return found == clusters_.end() ? kNone : found->second;
  }
  std::size_t of(const route::Endpoint& endpoint) const {
    const auto found = endpoints_.find(name_of(endpoint));
    return found == endpoints_.end() ? kNone : found->second;
  }

 private:
  static std::string name_of(const route::Endpoint& endpoint) {
    return endpoint.service + '/' + endpoint.name;
  }

  std::unordered_map<std::string, std::size_t> clusters_;
  std::unordered_map<std::string, std::size_t> endpoints_;
};

// A worker's share of a limit: the one that calls stand in already, or a new one.
std::shared_ptr<policy::ConcurrencyLimit> limit_for(
    policy::ConcurrencyOptions options, std::size_t workers,
    const std::shared_ptr<policy::ConcurrencyLimit>& before) {
  options.max_concurrent = policy::share_of_worker(options.max_concurrent, workers);
  options.max_queue = policy::share_of_worker(options.max_queue, workers);
  if (before == nullptr) return std::make_shared<policy::ConcurrencyLimit>(options);
  before->reconfigure(options);
  return before;
}

}  // namespace

std::string keep_alive_hint(Duration idle_timeout) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(idle_timeout).count();
  const auto hint = seconds > 10 ? seconds - 5 : seconds / 2;
  return hint < 1 ? std::string() : "timeout=" + std::to_string(hint);
}

EndpointCounters counters_for(const SharedState& next, const SharedState* before,
                              const EndpointCounters& counted) {
  const IndexBefore index(before);
  EndpointCounters counters;
  for (const route::Endpoint* endpoint : next.endpoints()) {
    const std::size_t old = index.of(*endpoint);
    counters.push_back(old == kNone ? std::make_shared<EndpointMetrics>() : counted[old]);
  }
  return counters;
}

WorkerSnapshot::WorkerSnapshot(net::Network& network, Random& random, const SnapshotParts& parts,
                               EndpointCounters endpoint_counters, const WorkerSnapshot* before)
    : owner(parts.owner),
      options(parts.options),
      keep_alive(keep_alive_hint(options.timeouts.idle)),
      shared(parts.shared),
      counters(std::move(endpoint_counters)) {
  const IndexBefore index(before == nullptr ? nullptr : before->shared.get());
  for (const upstream::ClusterOptions& cluster : shared->clusters()) {
    add_owner(network, random, cluster, before, index.of(cluster));
  }
  for (const route::Endpoint* endpoint : shared->endpoints()) {
    add_endpoint(*endpoint, before, index.of(*endpoint));
  }
  for (const filter::Signer* signer : parts.signers) signers.emplace_back(*signer);
}

void WorkerSnapshot::add_owner(net::Network& network, Random& random,
                               const upstream::ClusterOptions& cluster,
                               const WorkerSnapshot* before, std::size_t index_before) {
  const bool is_known = index_before != kNone;
  owner_limits.push_back(limit_for(cluster.concurrency, shared->workers(),
                                   is_known ? before->owner_limits[index_before] : nullptr));
  const upstream::ClusterOptions* old =
      is_known ? &before->shared->clusters()[index_before] : nullptr;
  if (old == nullptr || !old->has_same_bounds(cluster)) {
    clusters.push_back(std::make_shared<upstream::Cluster>(network, cluster, random));
    return;
  }
  if (old->addresses != cluster.addresses) readdressed_.push_back(clusters.size());
  clusters.push_back(before->clusters[index_before]);
}

void WorkerSnapshot::take_effect() {
  for (const std::size_t index : readdressed_) {
    clusters[index]->set_addresses(shared->clusters()[index].addresses);
  }
}

void WorkerSnapshot::add_endpoint(const route::Endpoint& endpoint, const WorkerSnapshot* before,
                                  std::size_t index_before) {
  const bool is_known = index_before != kNone;
  endpoint_limits.push_back(limit_for(endpoint.policy.concurrency, shared->workers(),
                                      is_known ? before->endpoint_limits[index_before] : nullptr));
  const auto latency = is_known ? before->latencies[index_before] : nullptr;
  if (!endpoint.policy.hedge) {
    latencies.push_back(nullptr);
  } else {
    latencies.push_back(latency != nullptr ? latency
                                           : std::make_shared<policy::LatencyHistogram>());
  }
}

}  // namespace usher::proxy
