// OutboundListener: takes consumers' connections on behalf of one router.
//
// Owner: server::Worker.  Thread: worker.
// Bounds: at most `connections_max` at a time; more wait in the kernel's backlog.
#pragma once

#include <cstddef>

#include "base/intrusive_list.h"
#include "base/slab.h"
#include "net/network.h"
#include "proxy/downstream_connection.h"
#include "proxy/exchange_pool.h"
#include "proxy/worker_resources.h"
#include "route/router.h"

namespace usher::proxy {

class OutboundListener final : public net::ListenerEvents {
 public:
  OutboundListener(WorkerResources& resources, ExchangePool& exchanges, const route::Router& router,
                   std::size_t connections_max);

  WorkerResources& resources() { return *resources_; }
  ExchangePool& exchanges() { return *exchanges_; }
  const route::Router& router() const { return *router_; }

  const IntrusiveList<DownstreamConnection, OpenHook>& connections() const { return open_; }

  // Ends every connection at once.
  void shut();

  // For DownstreamConnection.
  void destroy(DownstreamConnection& connection);

 private:
  net::StreamEvents* on_accept(net::Stream& stream) override;
  bool may_accept() override { return connections_.size() < connections_.capacity(); }

  WorkerResources* resources_;
  ExchangePool* exchanges_;
  const route::Router* router_;
  Slab<DownstreamConnection> connections_;
  IntrusiveList<DownstreamConnection, OpenHook> open_;
};

}  // namespace usher::proxy
