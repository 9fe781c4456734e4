#include "proxy/outbound_listener.h"

namespace usher::proxy {

OutboundListener::OutboundListener(WorkerResources& resources, ExchangePool& exchanges,
                                   const route::Router& router, const ConnectionBounds& bounds)
    : resources_(&resources),
      exchanges_(&exchanges),
      router_(&router),
      bounds_(bounds),
      connections_(bounds.served),
      refused_(bounds.refused) {}

net::StreamEvents* OutboundListener::on_accept(net::Stream& stream) {
  if (!may_serve()) return on_overflow(stream);
  DownstreamConnection* connection = connections_.create(*this, stream);
  open_.push_back(*connection);
  resources_->metrics.connections.add();
  resources_->metrics.connections_total.add();
  if (stream.is_from_self()) connection->is_from_self();
  if (resources_->options().intercept.directory == nullptr) return connection;
  if (const auto original = stream.original_destination()) {
    const auto authority = http::parse_authority(original->to_string());
    if (authority) connection->redirected_from(Destination::of(*authority));
  }
  return connection;
}

net::StreamEvents* OutboundListener::on_overflow(net::Stream& stream) {
  resources_->metrics.connections_refused.add();
  RefusedConnection* connection = refused_.create(*this, stream);
  if (connection != nullptr) being_refused_.push_back(*connection);
  return connection;
}

void OutboundListener::destroy(DownstreamConnection& connection) {
  const bool was_full = !may_serve();
  connection.OpenHook::unlink();
  connections_.destroy(&connection);
  resources_->metrics.connections.subtract();
  if (was_full) resources_->network.resume_accepting();
}

void OutboundListener::destroy(RefusedConnection& connection) {
  connection.RefusedHook::unlink();
  refused_.destroy(&connection);
  resources_->network.resume_accepting();
}

void OutboundListener::retire() {
  is_retired_ = true;
  IntrusiveList<DownstreamConnection, OpenHook> all;
  all.take_all(open_);
  while (DownstreamConnection* connection = all.pop_front()) {
    open_.push_back(*connection);
    connection->retire();
  }
}

void OutboundListener::shut() {
  while (DownstreamConnection* connection = open_.pop_front()) connection->shut();
  while (RefusedConnection* connection = being_refused_.pop_front()) connection->shut();
}

}  // namespace usher::proxy
