// ConnectionPool: the connections of one worker to one Host.
//
// acquire() hands out the connection that was used last (the others may then grow old and go),
// starts a new one, or queues the caller. A queued caller hears in a later event; it may leave by
// cancel() at any time before that.
//
//   acquire ──> idle connection ───────────────> leased ──> give_back ──> first waiter, or idle
//          └──> connecting ──> first waiter ───┘       └──> discard (not kept alive, half used,
//          broken)
//
// Owner: Host.  Thread: worker.
// Bounds: PoolShare::connections_max connections, PoolShare::waiting_max waiters of all the pools
// that share it.
// Errors: Overloaded when both are used up or the process is out of sockets, UpstreamConnectFailed,
// UpstreamTimeout when connecting takes longer than its timeout.
#pragma once

#include <cstddef>

#include "base/intrusive_list.h"
#include "base/result.h"
#include "base/slab.h"
#include "net/network.h"
#include "upstream/pool_waiter.h"
#include "upstream/upstream_connection.h"

namespace usher::upstream {

// What the pools of one cluster have in common. Owner: Cluster.
struct PoolShare {
  std::size_t connections_max;   // of each pool
  std::size_t waiting_max;       // of all together
  std::size_t waiting = 0;       // in all queues
  net::Task* emptied = nullptr;  // deferred when a closed pool has lost its last connection
};

// The connections of a pool now, and who waits for one.
struct PoolCounts {
  std::size_t connections = 0;  // idle, connecting or leased
  std::size_t idle = 0;
  std::size_t connecting = 0;
  std::size_t waiting = 0;  // callers

  std::size_t leased() const { return connections - idle - connecting; }
};

class ConnectionPool final : private net::Spare {
 public:
  // Without a hint by the owner an idle connection is given up before Node's default of 5 s could
  // close it.
  static constexpr Duration kDefaultKeepAlive = std::chrono::seconds(4);
  static constexpr Duration kMaxKeepAlive = std::chrono::seconds(60);
  // No connection lives longer than this, so that a changed address takes effect.
  static constexpr Duration kMaxAge = std::chrono::minutes(10);
  static constexpr std::uint32_t kMaxCalls = 10'000;

  ConnectionPool(net::Network& network, const net::SocketAddress& address, PoolShare& share)
      : network_(&network), address_(address), share_(&share), connections_(share.connections_max) {
    network.add_spare(*this);
  }
  // REQUIRES: no connection is left.
  ~ConnectionPool() = default;
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  const net::SocketAddress& address() const { return address_; }
  std::size_t connections() const { return connections_.size(); }
  // Counts one by one.
  PoolCounts counts() const {
    return {.connections = connections_.size(),
            .idle = idle_.count(),
            .connecting = connecting_size_,
            .waiting = waiting_};
  }

  // A connection that is leased now, or null: `waiter` was queued.
  Result<UpstreamConnection*> acquire(PoolWaiter& waiter, const LeaseOptions& options);
  void cancel(PoolWaiter& waiter);

  // Ends a lease after a complete call; `keep_alive` as the owner allows. Pass Duration::zero() to
  // close it.
  void give_back(UpstreamConnection& connection, Duration keep_alive);
  // Ends a lease in any other case.
  void discard(UpstreamConnection& connection);
  // As discard(), of one that the owner had given up before a call came on it; so it may have done
  // with those that are no younger, and they go too.
  void discard_stale(UpstreamConnection& connection);

  // Closes what is idle or connecting, and keeps nothing from now on; what is leased ends as it
  // would.
  void close();
  // Keeps connections again.
  void reopen() { closed_ = false; }
  // Moves those that wait to the end of `waiters`, where they are none of PoolShare::waiting.
  void give_up_waiters(IntrusiveList<PoolWaiter>& waiters);

 private:
  friend class UpstreamConnection;

  bool close_one() override;
  Status start_connecting();
  UpstreamConnection* take_idle(const LeaseOptions& options);
  void lease(UpstreamConnection& connection);
  void serve_waiters();
  void recycle(UpstreamConnection& connection);
  void connection_ready(UpstreamConnection& connection);
  void connection_failed(UpstreamConnection& connection, const Error& error);
  void retire(UpstreamConnection& connection);
  void fail_first_waiter(const Error& error, policy::Verdict verdict);
  PoolWaiter* take_from(IntrusiveList<PoolWaiter>& waiters);
  PoolWaiter* take_waiter();

  net::Network* network_;
  net::SocketAddress address_;
  PoolShare* share_;
  Slab<UpstreamConnection> connections_;
  IntrusiveList<UpstreamConnection, PoolHook> idle_;  // the one used last in front
  IntrusiveList<UpstreamConnection, PoolHook> connecting_;
  IntrusiveList<PoolWaiter> waiters_;
  IntrusiveList<PoolWaiter> waiters_for_new_;  // no connection that was used will do for them
  std::size_t waiting_ = 0;                    // in both lists
  std::size_t connecting_size_ = 0;
  Duration connect_timeout_ = std::chrono::seconds(1);
  bool closed_ = false;
};

}  // namespace usher::upstream
