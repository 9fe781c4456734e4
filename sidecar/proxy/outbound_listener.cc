#include "proxy/outbound_listener.h"

namespace usher::proxy {

OutboundListener::OutboundListener(WorkerResources& resources, ExchangePool& exchanges,
                                   const route::Router& router, std::size_t connections_max)
    : resources_(&resources),
      exchanges_(&exchanges),
      router_(&router),
      connections_(connections_max) {}

net::StreamEvents* OutboundListener::on_accept(net::Stream& stream) {
  DownstreamConnection* connection = connections_.create(*this, stream);
  if (connection == nullptr) return nullptr;
  open_.push_back(*connection);
  resources_->metrics.connections.add();
  resources_->metrics.connections_total.add();
  return connection;
}

void OutboundListener::destroy(DownstreamConnection& connection) {
  const bool was_full = !may_accept();
  connection.OpenHook::unlink();
  connections_.destroy(&connection);
  resources_->metrics.connections.subtract();
  if (was_full) resources_->network.resume_accepting();
}

void OutboundListener::shut() {
  while (DownstreamConnection* connection = open_.pop_front()) connection->shut();
}

}  // namespace usher::proxy
