#include "server/worker_setup.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace usher::server {
namespace {

// Somebody else may keep in Redis what this sidecar only changes.
bool uses_cache(const config::Snapshot& snapshot, bool has_redis) {
  return std::any_of(snapshot.endpoints.begin(), snapshot.endpoints.end(),
                     [&](const auto& endpoint) {
                       const policy::EndpointPolicy& policy = endpoint->policy;
                       const bool changes = policy.invalidates_path || !policy.invalidates.empty();
                       return policy.cache.has_value() || (has_redis && changes);
                     });
}

proxy::ProxyOptions proxy_options(const config::Snapshot& snapshot,
                                  const RestartSettings& started) {
  policy::Limits limits = snapshot.limits;
  limits.buffer_bytes = started.buffer_bytes;
  return {.consumer = snapshot.consumer,
          .annotate = snapshot.annotate,
          .access_log = snapshot.access_log,
          .limits = limits,
          .timeouts = snapshot.consumer_timeouts,
          .caches = uses_cache(snapshot, started.redis.has_value()),
          .intercept = {.directory = &snapshot.directory,
                        .connect = &snapshot.connect,
                        .forward_unmatched = snapshot.forward_unmatched,
                        .detect_timeout = snapshot.detect_timeout}};
}

std::vector<const route::Endpoint*> endpoints_of(const config::Snapshot& snapshot) {
  std::vector<const route::Endpoint*> endpoints;
  for (const auto& endpoint : snapshot.endpoints) endpoints.push_back(endpoint.get());
  return endpoints;
}

}  // namespace

WorkerSetup make_worker_setup(std::shared_ptr<const config::Snapshot> snapshot,
                              const RestartSettings& started, const proxy::SharedState* before) {
  WorkerSetup setup;
  setup.parts.owner = snapshot;
  setup.parts.options = proxy_options(*snapshot, started);
  setup.parts.shared = std::make_shared<proxy::SharedState>(
      snapshot->clusters, endpoints_of(*snapshot), started.workers, before);
  for (const auto& signer : snapshot->signers) setup.parts.signers.push_back(signer.get());
  setup.snapshot = std::move(snapshot);
  return setup;
}

}  // namespace usher::server
