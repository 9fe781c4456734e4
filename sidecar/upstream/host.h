// Host: one network address of an owner, and one worker's connections to it.
//
// Owner: Cluster, in a slot that stays its own while it lives.  Thread: worker.
#pragma once

#include <cstddef>
#include <string>

#include "net/network.h"
#include "upstream/connection_pool.h"
#include "upstream/host_resolver.h"

namespace usher::upstream {

class Host {
 public:
  Host(net::Network& network, std::size_t slot, const HostResolver& source,
       const net::SocketAddress& address, PoolShare& share)
      : slot_(slot), source_(&source), pool_(network, address, share) {}

  std::size_t slot() const { return slot_; }
  // The configured address that it stands for.
  const HostResolver& source() const { return *source_; }
  // For the Host field: of the configured address.
  const std::string& authority() const { return source_->authority(); }
  const net::SocketAddress& address() const { return pool_.address(); }
  ConnectionPool& pool() { return pool_; }
  const ConnectionPool& pool() const { return pool_; }

 private:
  std::size_t slot_;
  const HostResolver* source_;
  ConnectionPool pool_;
};

}  // namespace usher::upstream
