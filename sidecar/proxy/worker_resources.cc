#include "proxy/worker_resources.h"

#include <algorithm>

namespace usher::proxy {

WorkerResources::WorkerResources(net::Network& worker_network, Random worker_random,
                                 MemoryBudget& worker_memory)
    : network(worker_network),
      random(worker_random),
      key_random(random.next()),
      memory(worker_memory) {}

void WorkerResources::adopt(const SnapshotParts& parts, EndpointCounters counters) {
  const std::shared_ptr<WorkerSnapshot> before = std::move(snapshot);
  snapshot =
      std::make_shared<WorkerSnapshot>(network, random, parts, std::move(counters), before.get());
  const std::size_t head_bytes = 2 * options().limits.head.head_bytes + 16 * 1024;
  head_buffer.resize(std::max(head_buffer.size(), head_bytes));
  if (before == nullptr) return;
  for (const auto& cluster : before->clusters) {
    const bool goes_on = std::find(snapshot->clusters.begin(), snapshot->clusters.end(), cluster) !=
                         snapshot->clusters.end();
    if (!goes_on) retired.add(cluster);
  }
}

}  // namespace usher::proxy
