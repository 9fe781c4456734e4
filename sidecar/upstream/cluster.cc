#include "upstream/cluster.h"

namespace usher::upstream {

Cluster::Cluster(net::Network& network, const ClusterOptions& options) : service_(options.service) {
  for (const HostAddress& address : options.addresses) {
    pools_.push_back(std::make_unique<ConnectionPool>(network, address, options));
  }
}

ConnectionPool& Cluster::choose() {
  ConnectionPool& pool = *pools_[next_];
  next_ = next_ + 1 == pools_.size() ? 0 : next_ + 1;
  return pool;
}

void Cluster::close() {
  for (const auto& pool : pools_) pool->close();
}

}  // namespace usher::upstream
