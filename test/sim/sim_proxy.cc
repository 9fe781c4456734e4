#include "sim/sim_proxy.h"

#include "base/check.h"

namespace usher::sim {

const usher_signer_v1& holding_scheme() {
  static int instance = 0;
  static const usher_signer_v1 kScheme = {
      sizeof(usher_signer_v1),
      0,
      {"holding", 7},
      [](const usher_host_v1*, usher_context*, usher_host_str, usher_host_str, std::int64_t,
         void** signer) {
        *signer = &instance;
        return 0;
      },
      [](void*, usher_signer_info* info) { info->needs = USHER_SIGNER_NEEDS_BODY; },
      [](void* signer) { return signer; },
      [](void*, const usher_sign_input*, usher_sign_output*) { return 0; },
      [](void*) {},
      nullptr,
      nullptr,
      [](void*) {},
      nullptr,
  };
  return kScheme;
}

upstream::ClusterOptions& ProxySettings::add_cluster(const std::string& host, std::uint16_t port) {
  upstream::ClusterOptions cluster;
  cluster.service = "service-" + std::to_string(clusters.size());
  cluster.addresses.push_back({host, port, host});
  clusters.push_back(cluster);
  return clusters.back();
}

route::Endpoint& ProxySettings::add(http::Method method, const std::string& path, bool repeatable) {
  route::Endpoint endpoint;
  endpoint.index = static_cast<std::uint32_t>(endpoints.size());
  endpoint.cluster = static_cast<std::uint32_t>(clusters.size() - 1);
  endpoint.name = std::string(http::to_string(method)) + " " + path;
  endpoint.service = clusters.back().service;
  endpoint.method = method;
  endpoint.match = *route::PathTemplate::parse(path);
  endpoint.policy.tenant = policy::TenantRule::None;
  endpoint.policy.idempotent =
      repeatable ? policy::IdempotentRule::Yes : policy::IdempotentRule::No;
  endpoints.push_back(endpoint);
  return endpoints.back();
}

namespace {

std::vector<const route::Endpoint*> pointers_to(const std::vector<route::Endpoint>& endpoints) {
  std::vector<const route::Endpoint*> pointers;
  for (const route::Endpoint& endpoint : endpoints) pointers.push_back(&endpoint);
  return pointers;
}

}  // namespace

SimProxy::SimProxy(SimNetwork& network, const ProxySettings& settings, std::uint64_t seed)
    : network_(&network),
      settings_(settings),
      memory_(settings_.options.limits.memory_bytes),
      shared_(std::make_shared<proxy::SharedState>(settings_.clusters,
                                                   pointers_to(settings_.endpoints), 1)),
      cache_(settings_.cache_bytes ? std::make_unique<cache::SharedCache>(*settings_.cache_bytes)
                                   : nullptr),
      resources_(network, Random(seed), memory_),
      exchanges_(resources_),
      background_(network, exchanges_) {
  if (cache_ != nullptr) {
    resources_.cache = std::make_unique<proxy::WorkerCache>(network, *cache_, nullptr);
    resources_.cache->background = &background_;
  }
  const filter::SignerContext nothing_to_ask{[](auto, auto) { return nullptr; }, [](auto, auto) {}};
  signer_ = settings_.scheme == nullptr
                ? filter::Signer::none()
                : filter::Signer::configure(*settings_.scheme, "{}", settings_.options.consumer,
                                            network.wall_ms(), nothing_to_ask);
  USHER_CHECK(signer_ != nullptr);
  resources_.metrics.set_endpoints(proxy::counters_for(*shared_, nullptr, {}));
  resources_.adopt({.owner = nullptr,
                    .options = settings_.options,
                    .shared = shared_,
                    .signers = {signer_.get()}},
                   resources_.metrics.endpoints());
  for (const route::Endpoint& endpoint : settings_.endpoints) {
    USHER_CHECK(router_.add(endpoint) == nullptr);
  }
  listener_ =
      std::make_unique<proxy::OutboundListener>(resources_, exchanges_, router_, settings_.bounds);
  network.listen(address(), *listener_);
}

// The slabs of connections check that they are empty.
SimProxy::~SimProxy() {
  snapshot().signers.clear();
}

std::size_t SimProxy::owner_connections() {
  std::size_t count = 0;
  snapshot().clusters[0]->for_each_host(
      [&](const upstream::Host& host) { count += host.pool().connections(); });
  return count;
}

std::uint64_t SimProxy::outcomes(proxy::Outcome outcome) {
  std::uint64_t count = metrics().unmatched().outcomes[outcome.index()].value();
  for (std::size_t i = 0; i < settings_.endpoints.size(); ++i) {
    count += endpoint(i).outcomes[outcome.index()].value();
  }
  return count;
}

bool SimProxy::shut() {
  network_->refuse(address());
  listener_->shut();
  background_.shut();
  for (const auto& cluster : snapshot().clusters) cluster->close();
  network_->advance(std::chrono::seconds(30));
  bool is_clean = exchanges_.active() == 0 && metrics().calls_active.value() == 0 &&
                  metrics().connections.value() == 0 && memory_.used() == 0;
  for (const auto& cluster : snapshot().clusters) {
    cluster->for_each_host([&](const upstream::Host& host) {
      is_clean = is_clean && host.pool().connections() == 0 && cluster->active(host) == 0;
    });
  }
  return is_clean;
}

}  // namespace usher::sim
