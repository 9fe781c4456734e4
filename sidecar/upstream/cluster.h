// Cluster: one owning service as one worker sees it: its hosts and the connections to them.
//
// Each address that the configuration names, or that one of its names resolves to, is a Host with
// connections of its own. acquire() chooses a host for an attempt: the less busy of two random ones
// (policy/load_balancer.h), but none that is ejected for failing again and again
// (policy/outlier_detector.h), and none that the call has tried as long as there are others.
//
// Hosts come and go with the resolver's answers. One that is not named any more gets no further
// attempt, its idle connections are closed, who waits for one is sent to another host; what is
// leased ends as it would, and then the host goes. A host that stays keeps its slot, its
// connections and what is known of it.
//
// Owner: Worker.  Thread: worker.
// Bounds: HostSet::kMax hosts, those that are going included; ClusterOptions::connections_per_host
// each; ClusterOptions::pending callers that wait.
// Errors: NoHealthyAddress when the names have no address, and ConnectionPool's.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "policy/host_set.h"
#include "policy/load_balancer.h"
#include "policy/outlier_detector.h"
#include "upstream/cluster_options.h"
#include "upstream/host.h"
#include "upstream/host_resolver.h"
#include "upstream/pool_waiter.h"

namespace usher::upstream {

class Cluster final : private ResolverEvents, private net::Task {
 public:
  // `random` is the worker's.
  Cluster(net::Network& network, const ClusterOptions& options, Random& random);

  const std::string& service() const { return service_; }

  // A connection that is leased now, or null: `waiter` was queued, for a connection or until a name
  // is resolved. waiter.host() says which host was chosen; waiter.record() says how it went.
  Result<UpstreamConnection*> acquire(PoolWaiter& waiter, const LeaseOptions& options);
  void cancel(PoolWaiter& waiter);
  // Whether acquire() would find a host that is not one of `tried`.
  bool has_other(policy::HostSet tried) const { return !healthy().without(tried).empty(); }

  // Goes on with other addresses: what is connected to those that stay is kept, calls that wait for
  // one that goes are placed again, and attempts on their way there end as they would.
  void set_addresses(const std::vector<HostAddress>& addresses);

  // Closes what is idle or connecting, and keeps nothing from now on.
  void close();

  // --- to look at -------------------------------------------------------------------------------

  // One per configured address.
  const std::vector<std::unique_ptr<HostResolver>>& resolvers() const { return resolvers_; }
  // Those that are going included.
  template <typename Visit>
  void for_each_host(Visit visit) const {
    present_.with(leaving_).for_each([&](std::size_t slot) { visit(*hosts_[slot]); });
  }
  bool is_ejected(const Host& host) const {
    return outliers_.is_ejected(host.slot(), network_->now());
  }
  // Of all hosts.
  std::size_t connections() const;
  // Attempts at it that have not ended.
  std::size_t active(const Host& host) const { return balancer_.active(host.slot()); }
  // Callers that wait for a name to be resolved. Counts one by one.
  std::size_t waiting_for_hosts() const { return unplaced_.count(); }

 private:
  friend class HostLease;

  void on_resolved() override;
  void run() override;  // removes hosts that have gone

  Result<UpstreamConnection*> acquire_from_host(PoolWaiter& waiter);
  policy::HostSet healthy() const { return present_.without(outliers_.ejected(network_->now())); }
  bool hosts_may_come() const;
  void place_waiters();
  void update_hosts();
  void drop_former_resolvers();
  Host* host_at(const HostResolver& source, const net::SocketAddress& address);
  void join(std::size_t slot);
  void leave(std::size_t slot);
  void tell_surplus(bool has_surplus);
  void attempt_began(const Host& host) { balancer_.started(host.slot()); }
  void attempt_ended(const Host& host, policy::Verdict verdict);

  net::Network* network_;
  Random* random_;
  std::string service_;
  PoolShare share_;
  policy::LoadBalancer balancer_;
  policy::OutlierDetector outliers_;
  std::vector<std::unique_ptr<HostResolver>> resolvers_;
  std::vector<std::unique_ptr<HostResolver>> former_resolvers_;     // of hosts that are leaving
  std::array<std::unique_ptr<Host>, policy::HostSet::kMax> hosts_;  // by slot
  policy::HostSet present_;
  policy::HostSet leaving_;
  IntrusiveList<PoolWaiter> unplaced_;  // there was no host to choose; in share_.waiting
  bool has_surplus_ = false;            // there are more addresses than slots
  bool closed_ = false;
};

}  // namespace usher::upstream
