// HostResolver: one configured address of an owner, and the network addresses that it stands for.
//
// A literal address stands for itself. A name is looked up at start, off the loop, and again when
// its answer is older than kRefresh and somebody needs a connection; while that runs, and when it
// fails, the last good answer serves on.
//
// Owner: Cluster.  Thread: worker.
#pragma once

#include <string>
#include <vector>

#include "net/network.h"
#include "upstream/cluster_options.h"

namespace usher::upstream {

class ResolverEvents {
 public:
  // A lookup has ended: the addresses may be others. Still none: the name has none to be had.
  virtual void on_resolved() = 0;

 protected:
  ~ResolverEvents() = default;
};

class HostResolver final : private net::ResolveEvents {
 public:
  static constexpr Duration kRefresh = std::chrono::seconds(30);
  // After a failed lookup, earlier.
  static constexpr Duration kRetry = std::chrono::seconds(1);

  HostResolver(net::Network& network, const HostAddress& address, ResolverEvents& events);
  ~HostResolver();
  HostResolver(const HostResolver&) = delete;
  HostResolver& operator=(const HostResolver&) = delete;

  const HostAddress& address() const { return address_; }
  const std::string& authority() const { return address_.authority; }

  // Starts a lookup if one is due.
  void refresh();
  bool resolving() const { return resolving_; }
  // The last good answer.
  const std::vector<net::SocketAddress>& addresses() const { return addresses_; }

 private:
  void on_resolved(const std::vector<net::SocketAddress>& addresses) override;

  net::Network* network_;
  HostAddress address_;
  ResolverEvents* events_;
  std::vector<net::SocketAddress> addresses_;
  bool resolving_ = false;
  Instant refresh_at_{};  // kNever for a literal
};

}  // namespace usher::upstream
