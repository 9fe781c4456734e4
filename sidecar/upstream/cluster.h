// Cluster: one owning service as one worker sees it: its hosts and the connections to them.
//
// Owner: Worker.  Thread: worker.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "upstream/cluster_options.h"
#include "upstream/connection_pool.h"

namespace usher::upstream {

class Cluster {
 public:
  Cluster(net::Network& network, const ClusterOptions& options);

  const std::string& service() const { return service_; }
  // One per configured address.
  std::span<const std::unique_ptr<ConnectionPool>> pools() const { return pools_; }

  // The pool for the next attempt: hosts take turns.
  ConnectionPool& choose();

  void close();

 private:
  std::string service_;
  std::vector<std::unique_ptr<ConnectionPool>> pools_;  // one per configured address
  std::size_t next_ = 0;
};

}  // namespace usher::upstream
