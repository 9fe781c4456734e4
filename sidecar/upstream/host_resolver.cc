#include "upstream/host_resolver.h"

namespace usher::upstream {

HostResolver::HostResolver(net::Network& network, const HostAddress& address,
                           ResolverEvents& events)
    : network_(&network), address_(address), events_(&events) {
  if (const auto literal = net::SocketAddress::from_ip(address.host, address.port)) {
    addresses_.push_back(*literal);
    refresh_at_ = kNever;
  }
}

HostResolver::~HostResolver() {
  if (resolving_) network_->cancel_resolve(*this);
}

void HostResolver::refresh() {
  if (resolving_ || network_->now() < refresh_at_) return;
  resolving_ = true;
  network_->resolve(address_.host, address_.port, *this);
}

void HostResolver::on_resolved(const std::vector<net::SocketAddress>& addresses) {
  resolving_ = false;
  refresh_at_ = network_->now() + (addresses.empty() ? kRetry : kRefresh);
  if (!addresses.empty()) addresses_ = addresses;
  events_->on_resolved();
}

}  // namespace usher::upstream
