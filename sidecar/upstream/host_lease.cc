#include "upstream/host_lease.h"

#include <utility>

#include "upstream/cluster.h"

namespace usher::upstream {

void HostLease::begin(Cluster& cluster, Host& host) {
  end(policy::Verdict::Ignored);
  cluster_ = &cluster;
  host_ = &host;
  slot_ = host.slot();
  cluster.attempt_began(host);
}

void HostLease::end(policy::Verdict verdict) {
  if (host_ != nullptr) cluster_->attempt_ended(*std::exchange(host_, nullptr), verdict);
}

const std::string& HostLease::authority() const {
  return host_->authority();
}

void HostLease::forget() {
  end(policy::Verdict::Ignored);
  slot_.reset();
}

}  // namespace usher::upstream
