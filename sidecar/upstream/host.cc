#include "upstream/host.h"

#include <algorithm>

namespace usher::upstream {

Host::Host(net::Network& network, const HostAddress& address, HostEvents& events)
    : network_(&network), address_(address), events_(&events) {
  if (const auto literal = net::SocketAddress::from_ip(address.host, address.port)) {
    addresses_.push_back(*literal);
    is_literal_ = true;
  }
}

Host::~Host() {
  if (resolving_) network_->cancel_resolve(*this);
}

void Host::refresh() {
  if (is_literal_ || resolving_ || network_->now() < refresh_at_) return;
  resolving_ = true;
  network_->resolve(address_.host, address_.port, *this);
}

void Host::on_resolved(const std::vector<net::SocketAddress>& addresses) {
  resolving_ = false;
  refresh_at_ = network_->now() + (addresses.empty() ? kRetry : kRefresh);
  if (!addresses.empty() &&
      !std::equal(addresses.begin(), addresses.end(), addresses_.begin(), addresses_.end())) {
    addresses_ = addresses;
    preferred_ = 0;
  }
  events_->on_host_resolved();
}

}  // namespace usher::upstream
