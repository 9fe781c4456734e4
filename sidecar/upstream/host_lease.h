// HostLease: an attempt at a host, as its Cluster counts it: begun when the host is chosen, ended
// once with what it says of the host.
//
// It ends by itself, as one that says nothing, when the next one begins and when it is destroyed;
// so no attempt is counted twice or for ever.
//
// Owner: PoolWaiter.  Thread: worker.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "policy/outcome.h"

namespace usher::upstream {

class Cluster;
class Host;

class HostLease {
 public:
  HostLease() = default;
  ~HostLease() { end(policy::Verdict::Ignored); }
  HostLease(const HostLease&) = delete;
  HostLease& operator=(const HostLease&) = delete;

  void begin(Cluster& cluster, Host& host);
  // What ends it first counts; nothing happens when it has ended.
  void end(policy::Verdict verdict);
  // As if none had ever begun.
  void forget();

  // Of the host. REQUIRES: it has not ended.
  const std::string& authority() const;
  // The slot of the host, also when it has ended; nothing when none was chosen.
  std::optional<std::size_t> slot() const { return slot_; }

 private:
  Cluster* cluster_ = nullptr;
  Host* host_ = nullptr;
  std::optional<std::size_t> slot_;
};

}  // namespace usher::upstream
