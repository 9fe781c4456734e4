#include "proxy/worker_resources.h"

#include <algorithm>
#include <utility>

#include "proxy/exchange.h"

namespace usher::proxy {

WorkerResources::WorkerResources(net::Network& worker_network, Random worker_random,
                                 MemoryBudget& worker_memory)
    : network(worker_network),
      random(worker_random),
      key_random(random.next()),
      memory(worker_memory) {}

void WorkerResources::adopt(const SnapshotParts& parts, EndpointCounters counters) {
  auto next =
      std::make_shared<WorkerSnapshot>(network, random, parts, std::move(counters), snapshot.get());
  const std::shared_ptr<WorkerSnapshot> before = std::exchange(snapshot, std::move(next));
  const std::size_t head_bytes = 2 * options().limits.head.head_bytes + 16 * 1024;
  head_buffer.resize(std::max(head_buffer.size(), head_bytes));
  if (before == nullptr) return;
  snapshot->take_effect();
  for (const auto* limits : {&snapshot->owner_limits, &snapshot->endpoint_limits}) {
    for (const auto& limit : *limits) grant(*limit);
  }
  for (const auto& cluster : before->clusters) {
    const bool goes_on = std::find(snapshot->clusters.begin(), snapshot->clusters.end(), cluster) !=
                         snapshot->clusters.end();
    if (!goes_on) retired.add(cluster);
  }
}

// A limit that was raised has room for some who wait.
void WorkerResources::grant(policy::ConcurrencyLimit& limit) {
  while (policy::LimitWaiter* waiter = limit.grant()) network.defer(Exchange::granted(*waiter));
}

}  // namespace usher::proxy
