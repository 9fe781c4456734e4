#include "proxy/worker_resources.h"

namespace usher::proxy {

std::string keep_alive_hint(Duration idle_timeout) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(idle_timeout).count();
  const auto hint = seconds > 10 ? seconds - 5 : seconds / 2;
  return hint < 1 ? std::string() : "timeout=" + std::to_string(hint);
}

WorkerResources::WorkerResources(net::Network& worker_network, const ProxyOptions& proxy_options,
                                 SharedState& shared_state, Random worker_random,
                                 MemoryBudget& worker_memory)
    : network(worker_network),
      options(proxy_options),
      shared(shared_state),
      random(worker_random),
      key_random(random.next()),
      metrics(shared.endpoints().size()),
      memory(worker_memory) {
  const auto share = [this](policy::ConcurrencyOptions limit) {
    limit.max_concurrent = policy::share_of_worker(limit.max_concurrent, shared.workers());
    limit.max_queue = policy::share_of_worker(limit.max_queue, shared.workers());
    return limit;
  };
  for (const upstream::ClusterOptions& cluster : shared.clusters()) {
    owner_limits.emplace_back(share(cluster.concurrency));
    clusters.push_back(std::make_unique<upstream::Cluster>(network, cluster, random));
  }
  for (const route::Endpoint* endpoint : shared.endpoints()) {
    endpoint_limits.emplace_back(share(endpoint->policy.concurrency));
    latencies.push_back(endpoint->policy.hedge ? std::make_unique<policy::LatencyHistogram>()
                                               : nullptr);
  }
}

}  // namespace usher::proxy
