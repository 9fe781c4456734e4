// WorkerResources: what all calls of one worker share. Owner: server::Worker.  Thread: that worker.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/chunk.h"
#include "base/log.h"
#include "base/memory_budget.h"
#include "base/random.h"
#include "filter/signer.h"
#include "net/network.h"
#include "policy/concurrency_limit.h"
#include "policy/latency_histogram.h"
#include "policy/limits.h"
#include "policy/repeat_detector.h"
#include "proxy/proxy_metrics.h"
#include "proxy/shared_state.h"
#include "proxy/worker_cache.h"
#include "upstream/cluster.h"

namespace usher::proxy {

// The configuration that is not an endpoint's.
struct ProxyOptions {
  std::string consumer;
  bool annotate = true;
  AccessLog access_log = AccessLog::Errors;
  policy::Limits limits;
  policy::ConsumerTimeouts timeouts;
};

// What consumers are told of how long their connections may idle: less than they may, so that they
// close first and never send a call into a closing connection. Empty when that is too short to say.
std::string keep_alive_hint(Duration idle_timeout);

// Told when the last call of a draining worker has ended.
class DrainEvents {
 public:
  virtual void on_calls_finished() = 0;

 protected:
  ~DrainEvents() = default;
};

struct WorkerResources {
  static constexpr std::size_t kFreeChunks = 64;

  WorkerResources(net::Network& worker_network, const ProxyOptions& proxy_options,
                  SharedState& shared_state, Random worker_random, MemoryBudget& worker_memory);

  net::Network& network;
  const ProxyOptions& options;
  SharedState& shared;
  Random random;
  Random key_random;  // for idempotency keys alone, which must not be guessed from trace ids
  ProxyMetrics metrics;
  MemoryBudget& memory;
  ChunkPool chunks{kFreeChunks, &memory};
  std::vector<std::unique_ptr<upstream::Cluster>> clusters;  // by Endpoint::cluster
  std::deque<policy::ConcurrencyLimit> owner_limits;         // likewise
  std::deque<policy::ConcurrencyLimit> endpoint_limits;      // by Endpoint::index
  std::vector<std::unique_ptr<policy::LatencyHistogram>>
      latencies;  // likewise; of those that hedge
  policy::RepeatDetector repeats;
  std::deque<filter::WorkerSigner> signers;  // by Endpoint::signer
  std::unique_ptr<WorkerCache> cache;        // null: no endpoint has anything to do with it
  bool draining = false;
  DrainEvents* drain_events = nullptr;

  std::string keep_alive = keep_alive_hint(options.timeouts.idle);

  // Where heads are written before they are sent: twice the largest head that can come in, for what
  // is added to it.
  std::vector<char> head_buffer = std::vector<char>(2 * options.limits.head.head_bytes + 16 * 1024);
};

}  // namespace usher::proxy
