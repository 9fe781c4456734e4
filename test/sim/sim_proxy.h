// SimProxy: the data path of one worker on the simulated network, with hand-made endpoints.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/shared_cache.h"
#include "proxy/background_calls.h"
#include "proxy/exchange_pool.h"
#include "proxy/outbound_listener.h"
#include "proxy/worker_resources.h"
#include "sim/sim_network.h"

namespace usher::sim {

// A scheme whose signature covers the body and adds nothing: bodies are held.
const usher_signer_v1& holding_scheme();

struct ProxySettings {
  proxy::ProxyOptions options;
  std::vector<upstream::ClusterOptions> clusters;
  std::vector<route::Endpoint> endpoints;  // index and signer are filled in
  proxy::ConnectionBounds bounds{.served = 256};
  // Of all endpoints: null is the scheme "none".
  const usher_signer_v1* scheme = nullptr;
  // For kept answers, in this process; nothing: there is no cache.
  std::optional<std::size_t> cache_bytes;

  upstream::ClusterOptions& add_cluster(const std::string& host, std::uint16_t port = 80);
  // Its name is "METHOD path", its tenant rule none, its cluster the one added last.
  route::Endpoint& add(http::Method method, const std::string& path, bool repeatable);
};

class SimProxy {
 public:
  SimProxy(SimNetwork& network, const ProxySettings& settings, std::uint64_t seed = 1);
  ~SimProxy();

  static net::SocketAddress address() { return *net::SocketAddress::from_ip("127.0.0.1", 7401); }

  proxy::SharedState& shared() { return *shared_; }
  proxy::WorkerResources& resources() { return resources_; }
  proxy::WorkerSnapshot& snapshot() { return *resources_.snapshot; }
  MemoryBudget& memory() { return memory_; }
  proxy::ProxyMetrics& metrics() { return resources_.metrics; }
  proxy::EndpointMetrics& endpoint(std::size_t index) { return resources_.metrics.endpoint(index); }
  proxy::ExchangePool& exchanges() { return exchanges_; }
  proxy::OutboundListener& listener() { return *listener_; }
  cache::SharedCache& cache() { return *cache_; }
  // Of cluster 0.
  std::size_t owner_connections();
  std::uint64_t outcomes(proxy::Outcome outcome);
  // As at the end of a worker; true when nothing was left behind.
  bool shut();

 private:
  SimNetwork* network_;
  ProxySettings settings_;
  MemoryBudget memory_;
  std::shared_ptr<proxy::SharedState> shared_;
  std::unique_ptr<cache::SharedCache> cache_;
  proxy::WorkerResources resources_;
  std::unique_ptr<filter::Signer> signer_;
  proxy::ExchangePool exchanges_;
  proxy::BackgroundCalls background_;
  route::Router router_;
  std::unique_ptr<proxy::OutboundListener> listener_;
};

}  // namespace usher::sim
