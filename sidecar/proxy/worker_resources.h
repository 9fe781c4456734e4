// WorkerResources: what all calls of one worker share. Owner: server::Worker.  Thread: that worker.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/chunk.h"
#include "base/memory_budget.h"
#include "base/random.h"
#include "net/network.h"
#include "policy/repeat_detector.h"
#include "proxy/proxy_metrics.h"
#include "proxy/retired_clusters.h"
#include "proxy/worker_cache.h"
#include "proxy/worker_snapshot.h"

namespace usher::proxy {

// Told when the last call of a draining worker has ended.
class DrainEvents {
 public:
  virtual void on_calls_finished() = 0;

 protected:
  ~DrainEvents() = default;
};

struct WorkerResources {
  static constexpr std::size_t kFreeChunks = 64;

  WorkerResources(net::Network& worker_network, Random worker_random, MemoryBudget& worker_memory);

  // Calls that begin from now on go by these; those that run, by what they began with. The first
  // time: before any call.
  void adopt(const SnapshotParts& parts, EndpointCounters counters);
  void grant(policy::ConcurrencyLimit& limit);
  // Of calls that begin now.
  const ProxyOptions& options() const { return snapshot->options; }

  net::Network& network;
  Random random;
  Random key_random;  // for idempotency keys alone, which must not be guessed from trace ids
  ProxyMetrics metrics;
  MemoryBudget& memory;
  ChunkPool chunks{kFreeChunks, &memory};
  std::shared_ptr<WorkerSnapshot> snapshot;
  RetiredClusters retired{network};
  policy::RepeatDetector repeats;
  std::unique_ptr<WorkerCache> cache;  // null: no endpoint has anything to do with it
  bool draining = false;
  DrainEvents* drain_events = nullptr;

  // The head of a call that is no plain one, while it is decided what becomes of it.
  http::RequestHead intercepted_head;

  // Where heads are written before they are sent: twice the largest head that can come in, for what
  // is added to it.
  std::vector<char> head_buffer;
};

}  // namespace usher::proxy
