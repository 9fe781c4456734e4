#include "server/connection_limits.h"

#include <sys/resource.h>

#include <algorithm>

namespace usher::server {
namespace {

// Connections to the admin port, lookups of names, secrets' files: whatever comes and goes.
constexpr std::size_t kMargin = 32;
// Standard streams, signals' pipe.
constexpr std::size_t kOfTheProcess = 5;
// A libuv loop's own four, and the reserve.
constexpr std::size_t kOfALoop = 5;

std::size_t other_descriptors(const config::Snapshot& snapshot) {
  std::size_t addresses = 0;
  for (const config::OutboundListener& listener : snapshot.listeners) {
    addresses += 2 * listener.addresses.size();  // localhost is two
  }
  return kMargin + kOfTheProcess + kOfALoop * (snapshot.workers + 1) +
         addresses * snapshot.workers + 2;
}

}  // namespace

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlimit raised{limit.rlim_max, limit.rlim_max};
  return ::setrlimit(RLIMIT_NOFILE, &raised) == 0 ? raised.rlim_cur : limit.rlim_cur;
}

std::size_t owner_connections(const config::Snapshot& snapshot) {
  std::size_t count = 0;
  for (const upstream::ClusterOptions& cluster : snapshot.clusters) {
    count += cluster.connections_per_host * cluster.addresses.size();
  }
  return count;
}

proxy::ConnectionBounds plan_connections(const config::Snapshot& snapshot,
                                         std::size_t descriptors) {
  const std::size_t others = other_descriptors(snapshot);
  const std::size_t room = (descriptors - std::min(descriptors, others)) / snapshot.workers;
  const std::size_t refused = std::clamp<std::size_t>(room / 8, 1, 64);
  const std::size_t left = room - std::min(room, refused);
  const std::size_t owners = std::min(owner_connections(snapshot), left / 2);
  const std::size_t wanted =
      (snapshot.limits.connections + snapshot.workers - 1) / snapshot.workers;
  return {.served = std::clamp<std::size_t>(left - owners, 1, wanted), .refused = refused};
}

}  // namespace usher::server
