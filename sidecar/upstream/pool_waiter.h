// PoolWaiter: somebody who needs a connection, and what kind of one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/intrusive_list.h"
#include "base/result.h"
#include "policy/host_set.h"
#include "policy/outcome.h"
#include "upstream/host_lease.h"

namespace usher::upstream {

class ConnectionPool;
class UpstreamConnection;

// What a caller asks of the connection that it is to get.
struct LeaseOptions {
  Duration connect_timeout;
  // The longest that it may have been idle; negative: a new one.
  Duration max_idle;
  // Ask the operating system whether an idle one is still there, at the price of a system call: for
  // calls that cannot be repeated.
  bool probe = false;
  // Hosts to keep away from as long as there are others. A slot whose host is gone may be another's
  // by now, which then has to wait for its turn; no harm is done.
  policy::HostSet tried{};
};

// Owner: whoever waits.  Thread: worker.
class PoolWaiter : public ListHook {
 public:
  // It is leased to this waiter.
  virtual void on_connection(UpstreamConnection& connection) = 0;
  // A host that did not take the connection has been recorded for it.
  virtual void on_no_connection(const Error& error) = 0;

  // The host that was chosen, also when no connection to it was to be had, and when all is over.
  std::optional<std::size_t> host() const { return lease_.slot(); }
  // For the Host field. REQUIRES: a connection is leased, and nothing is recorded yet.
  const std::string& authority() const { return lease_.authority(); }
  // Says how the attempt at host() went. The first word counts, also against what the pool has
  // said.
  void record(policy::Verdict verdict) { lease_.end(verdict); }

 protected:
  virtual ~PoolWaiter() = default;

 private:
  friend class Cluster;
  friend class ConnectionPool;

  ConnectionPool* pool_ = nullptr;  // in whose queue it is
  LeaseOptions options_{};
  HostLease lease_;
};

}  // namespace usher::upstream
