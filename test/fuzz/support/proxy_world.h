// The real data path between a consumer and an owner that are bytes and nothing else.
//
// Endpoints, all of one owner: GET /things/{id} and PUT /things/{id} (repeatable), POST /things
// (not), GET /tenants/{id} (with X-Tenant-ID).
#pragma once

#include <chrono>
#include <utility>

#include "base/check.h"
#include "fuzz/support/raw_peer.h"
#include "sim/sim_network.h"
#include "sim/sim_proxy.h"

namespace usher::fuzz {

class ProxyWorld {
 public:
  // `owner` is called when an owner's connection has got bytes or its end.
  ProxyWorld(std::uint64_t seed, bool holds_bodies, RawPeer::Handler owner)
      : network_(seed),
        owner_(network_, *net::SocketAddress::from_ip("10.0.0.1", 80), std::move(owner)),
        proxy_(network_, settings(holds_bodies)) {}

  sim::SimNetwork& network() { return network_; }
  sim::SimProxy& proxy() { return proxy_; }
  const std::vector<std::unique_ptr<RawPeer>>& owners() const { return owner_.peers(); }

  // Once the consumers are gone: all that they left must go too.
  void check_nothing_is_left() {
    network_.advance(std::chrono::seconds(20));
    USHER_CHECK(proxy_.metrics().calls_active.value() == 0);
    USHER_CHECK(proxy_.exchanges().active() == 0);
    USHER_CHECK(proxy_.shut());
    for (const auto& peer : owners()) peer->close();
    network_.run_until_idle();
    USHER_CHECK(network_.open_streams() == 0);
  }

 private:
  static sim::ProxySettings settings(bool holds_bodies) {
    sim::ProxySettings settings;
    settings.options.consumer = "gateway";
    settings.options.access_log = AccessLog::Off;
    settings.add_cluster("10.0.0.1");
    settings.add(http::Method::Get, "/things/{id}", true);
    settings.add(http::Method::Put, "/things/{id}", true);
    settings.add(http::Method::Post, "/things", false);
    settings.add(http::Method::Get, "/tenants/{id}", true).policy.tenant =
        policy::TenantRule::Required;
    // One attempt, and nothing that remembers the call before.
    for (route::Endpoint& endpoint : settings.endpoints) {
      endpoint.policy.retry.attempts = 1;
      endpoint.policy.breaker_scope = policy::BreakerScope::Off;
      endpoint.policy.make_key = false;
    }
    if (holds_bodies) settings.scheme = &sim::holding_scheme();
    return settings;
  }

  sim::SimNetwork network_;
  RawListener owner_;
  sim::SimProxy proxy_;
};

}  // namespace usher::fuzz
