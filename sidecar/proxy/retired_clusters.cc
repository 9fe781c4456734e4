#include "proxy/retired_clusters.h"

#include <utility>

namespace usher::proxy {

void RetiredClusters::add(std::shared_ptr<upstream::Cluster> cluster) {
  clusters_.push_back(std::move(cluster));
  if (!timer_.armed()) network_->arm(timer_, network_->now() + kPoll);
}

// Calls that run hold on to theirs by the Snapshot that they began with.
void RetiredClusters::on_timer(Timer&) {
  std::erase_if(clusters_, [](const std::shared_ptr<upstream::Cluster>& cluster) {
    if (cluster.use_count() > 1) return false;
    cluster->close();
    return cluster->connections() == 0;
  });
  if (!clusters_.empty()) network_->arm(timer_, network_->now() + kPoll);
}

void RetiredClusters::close() {
  for (const auto& cluster : clusters_) cluster->close();
}

}  // namespace usher::proxy
