// WorkerSnapshot: one worker's side of one Snapshot of the configuration: what a call holds on to
// from its first byte to its end, so that it ends under the policy that it began with.
//
// A new one takes over from the one before what fits: connections, limits and who stands in them,
// latencies, counters.
//
// Owner: shared by the worker and the calls that run.  Thread: worker; made there.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "filter/signer.h"
#include "net/network.h"
#include "policy/concurrency_limit.h"
#include "policy/latency_histogram.h"
#include "policy/limits.h"
#include "proxy/call_choice.h"
#include "proxy/proxy_metrics.h"
#include "proxy/shared_state.h"
#include "upstream/cluster.h"

namespace usher::proxy {

// The configuration that is not an endpoint's.
struct ProxyOptions {
  std::string consumer;
  bool annotate = true;
  AccessLog access_log = AccessLog::Errors;
  policy::Limits limits;
  policy::ConsumerTimeouts timeouts;
  bool caches = true;  // some endpoint has something to do with the cache
  InterceptOptions intercept;
};

// What consumers are told of how long their connections may idle: less than they may, so that they
// close first and never send a call into a closing connection. Empty when that is too short to say.
std::string keep_alive_hint(Duration idle_timeout);

// What a Snapshot gives to every worker; made on the main thread.
struct SnapshotParts {
  std::shared_ptr<const void> owner;  // of what the others point to
  ProxyOptions options;
  std::shared_ptr<SharedState> shared;
  std::vector<const filter::Signer*> signers;  // by Endpoint::signer
};

// Fresh counters for each endpoint of `next`, but those of endpoints that `before` had too.
EndpointCounters counters_for(const SharedState& next, const SharedState* before,
                              const EndpointCounters& counted);

struct WorkerSnapshot {
  // `before`: the one that this one replaces, or null.
  WorkerSnapshot(net::Network& network, Random& random, const SnapshotParts& parts,
                 EndpointCounters endpoint_counters, const WorkerSnapshot* before);
  // Has what was taken over go by this one: other addresses of an owner. To be called once, when
  // calls that begin find this one: some may go on at once.
  void take_effect();
  WorkerSnapshot(const WorkerSnapshot&) = delete;
  WorkerSnapshot& operator=(const WorkerSnapshot&) = delete;

  std::shared_ptr<const void> owner;
  ProxyOptions options;
  std::string keep_alive;  // hint
  std::shared_ptr<SharedState> shared;
  EndpointCounters counters;
  std::vector<std::shared_ptr<upstream::Cluster>> clusters;                // by Endpoint::cluster
  std::vector<std::shared_ptr<policy::ConcurrencyLimit>> owner_limits;     // likewise
  std::vector<std::shared_ptr<policy::ConcurrencyLimit>> endpoint_limits;  // by Endpoint::index
  // Likewise; of those that hedge.
  std::vector<std::shared_ptr<policy::LatencyHistogram>> latencies;
  std::deque<filter::WorkerSigner> signers;  // by Endpoint::signer

 private:
  void add_owner(net::Network& network, Random& random, const upstream::ClusterOptions& options,
                 const WorkerSnapshot* before, std::size_t index_before);
  void add_endpoint(const route::Endpoint& endpoint, const WorkerSnapshot* before,
                    std::size_t index_before);

  std::vector<std::size_t> readdressed_;  // clusters, by their index
};

}  // namespace usher::proxy
