// OutboundListener: takes consumers' connections on behalf of one router.
//
// Owner: server::Worker.  Thread: worker.
// Bounds: ConnectionBounds. Whoever comes above the first is answered 503; whoever comes above the
// second waits in the kernel's backlog.
#pragma once

#include <cstddef>

#include "base/intrusive_list.h"
#include "base/slab.h"
#include "net/network.h"
#include "proxy/downstream_connection.h"
#include "proxy/exchange_pool.h"
#include "proxy/refused_connection.h"
#include "proxy/worker_resources.h"
#include "route/router.h"

namespace usher::proxy {

// Of all listeners of a worker together.
struct ConnectionBounds {
  std::size_t served;
  std::size_t refused = 64;  // being refused, or lingering after their last answer
};

class OutboundListener final : public net::ListenerEvents {
 public:
  OutboundListener(WorkerResources& resources, ExchangePool& exchanges, const route::Router& router,
                   const ConnectionBounds& bounds);

  WorkerResources& resources() { return *resources_; }
  ExchangePool& exchanges() { return *exchanges_; }
  const route::Router& router() const { return *router_; }
  // Calls that begin from now on are matched by `router`.
  void set_router(const route::Router& router) { router_ = &router; }

  const IntrusiveList<DownstreamConnection, OpenHook>& connections() const { return open_; }

  // Nobody listens here any more: what is idle ends now, the others with their call. Who still
  // begins one is told that it may be made elsewhere.
  void retire();
  bool is_retired() const { return is_retired_; }
  bool is_empty() const { return connections_.size() + refused_.size() == 0; }

  // Ends every connection at once.
  void shut();

  // For DownstreamConnection and RefusedConnection.
  void destroy(DownstreamConnection& connection);
  void destroy(RefusedConnection& connection);

 private:
  net::StreamEvents* on_accept(net::Stream& stream) override;
  net::StreamEvents* on_overflow(net::Stream& stream) override;
  void on_accept_failed() override { resources_->metrics.accept_failures.add(); }
  bool may_accept() override { return may_serve() || may_refuse(); }
  bool may_serve() const { return resources_->metrics.connections.value() < bounds_.served; }
  bool may_refuse() const {
    return refused_.size() + resources_->network.lingering() < bounds_.refused;
  }

  WorkerResources* resources_;
  ExchangePool* exchanges_;
  const route::Router* router_;
  ConnectionBounds bounds_;
  bool is_retired_ = false;
  Slab<DownstreamConnection> connections_;
  Slab<RefusedConnection> refused_;
  IntrusiveList<DownstreamConnection, OpenHook> open_;
  IntrusiveList<RefusedConnection, RefusedHook> being_refused_;
};

}  // namespace usher::proxy
