// Host: one configured address of an owner, and what the resolver says it is.
//
// A literal address is known at once. A name is looked up at start and again when its answer is
// older than kRefresh and somebody connects; while that runs, and when it fails, the old answer
// serves on.
//
// Owner: Cluster.  Thread: worker.
#pragma once

#include <string>
#include <vector>

#include "net/network.h"
#include "upstream/cluster_options.h"

namespace usher::upstream {

class HostEvents {
 public:
  // The first answer is there; addresses() is empty when there is none to be had.
  virtual void on_host_resolved() = 0;

 protected:
  ~HostEvents() = default;
};

class Host final : private net::ResolveEvents {
 public:
  static constexpr Duration kRefresh = std::chrono::seconds(30);
  // After a failed lookup, earlier.
  static constexpr Duration kRetry = std::chrono::seconds(1);

  Host(net::Network& network, const HostAddress& address, HostEvents& events);
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  const std::string& authority() const { return address_.authority; }

  // Starts a lookup if one is due. Call before using addresses().
  void refresh();
  bool resolving() const { return resolving_; }
  const std::vector<net::SocketAddress>& addresses() const { return addresses_; }

  // The address to try now; failed() moves on to the next one. REQUIRES: !addresses().empty().
  const net::SocketAddress& preferred() const { return addresses_[preferred_ % addresses_.size()]; }
  void failed() { ++preferred_; }

 private:
  void on_resolved(const std::vector<net::SocketAddress>& addresses) override;

  net::Network* network_;
  HostAddress address_;
  HostEvents* events_;
  std::vector<net::SocketAddress> addresses_;
  std::size_t preferred_ = 0;
  bool is_literal_ = false;
  bool resolving_ = false;
  Instant refresh_at_{};
};

}  // namespace usher::upstream
