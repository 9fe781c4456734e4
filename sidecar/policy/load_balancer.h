// LoadBalancer chooses the host for an attempt: of two at random, the one with fewer attempts on
// their way.
//
// Owner: Cluster, one per worker.  Thread: worker.
// Cost: some steps in a word of bits; no allocation.
// Source: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/random.h"
#include "policy/host_set.h"

namespace usher::policy {

// Where an attempt may go: not where this call has been, as long as a healthy host is left. Rather
// to the same again than to one that is out.
constexpr HostSet candidates(HostSet healthy, HostSet tried) {
  const HostSet others = healthy.without(tried);
  return others.empty() ? healthy : others;
}

class LoadBalancer {
 public:
  // REQUIRES: !candidates.empty().
  std::size_t choose(HostSet candidates, Random& random) const;

  // An attempt at `host` has begun, and has ended.
  void started(std::size_t host) { ++active_[host]; }
  void finished(std::size_t host);

  std::uint32_t active(std::size_t host) const { return active_[host]; }

 private:
  std::array<std::uint32_t, HostSet::kMax> active_{};
};

}  // namespace usher::policy
