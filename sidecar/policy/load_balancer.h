// LoadBalancer chooses the address for an attempt: of two at random, the one with fewer attempts on
// their way.
//
// Addresses that are ejected are left out, and so are those that this call has tried, as long as
// another one is left.
//
// Owner: Cluster, one per worker.  Thread: worker.
// Cost: a walk over the addresses; no allocation.
// Source: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing", 2001.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "policy/outlier_detector.h"

namespace usher::policy {

// Which addresses one call has tried. Addresses beyond kMax are not remembered.
class TriedHosts {
 public:
  static constexpr std::size_t kMax = 64;

  void add(std::size_t host) { bits_ |= host < kMax ? std::uint64_t{1} << host : 0; }
  bool contains(std::size_t host) const { return host < kMax && (bits_ >> host & 1) != 0; }

 private:
  std::uint64_t bits_ = 0;
};

class LoadBalancer {
 public:
  explicit LoadBalancer(std::size_t hosts) : active_(hosts) {}

  // REQUIRES: at least one host, and `outliers` over the same ones.
  std::size_t choose(const OutlierDetector& outliers, const TriedHosts& tried, Instant now,
                     Random& random) const;

  // Whether choose() would return an address that has not been tried.
  static bool has_other(const OutlierDetector& outliers, const TriedHosts& tried, Instant now);

  // An attempt at `host` has begun, and has ended.
  void started(std::size_t host) { ++active_[host]; }
  void finished(std::size_t host);

  std::uint32_t active(std::size_t host) const { return active_[host]; }

 private:
  std::vector<std::uint32_t> active_;
};

}  // namespace usher::policy
