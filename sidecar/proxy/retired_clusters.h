// RetiredClusters: owners that the configuration has no longer, until their last call has ended and
// their last connection is closed.
//
// Owner: WorkerResources.  Thread: worker.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "base/timer_wheel.h"
#include "net/network.h"
#include "upstream/cluster.h"

namespace usher::proxy {

class RetiredClusters final : private TimerEvents {
 public:
  // How often it is looked whether they are still in use.
  static constexpr Duration kPoll = std::chrono::seconds(1);

  explicit RetiredClusters(net::Network& network) : network_(&network) {}

  void add(std::shared_ptr<upstream::Cluster> cluster);
  std::size_t size() const { return clusters_.size(); }
  // Closes what is idle, for the end of the worker.
  void close();

 private:
  void on_timer(Timer& timer) override;

  net::Network* network_;
  std::vector<std::shared_ptr<upstream::Cluster>> clusters_;
  Timer timer_{*this};
};

}  // namespace usher::proxy
