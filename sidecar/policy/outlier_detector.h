// OutlierDetector leaves out a host of an owner that fails again and again.
//
// A host that fails `failures` times in a row is ejected for a time; when it is back, one failure
// is enough to eject it for twice as long, until it has answered well. Never more than half of the
// hosts are out: when most fail, it is not the hosts, and the rest would not bear the load. So a
// single host is never ejected.
//
// Owner: Cluster, one per worker.  Thread: worker.  Time and chance are the caller's.
// Bounds: HostSet::kMax hosts, fixed memory.
// Source: Envoy's outlier detection (consecutive failures, growing time, share), whose share is
// 10 % by default; here it is half.
#pragma once

#include <array>
#include <cstddef>

#include "base/clock.h"
#include "base/random.h"
#include "policy/host_set.h"
#include "policy/outcome.h"

namespace usher::policy {

struct OutlierOptions {
  int failures = 5;  // in a row; 0: nothing is ever ejected
  Duration ejection_time = std::chrono::seconds(10);
  Duration ejection_time_max = std::chrono::seconds(300);
  double jitter = 0.1;  // of the time, added to it

  bool operator==(const OutlierOptions&) const = default;
};

class OutlierDetector {
 public:
  explicit OutlierDetector(const OutlierOptions& options) : options_(options) {}

  // A host is there from now on, and nothing is known of it.
  void add(std::size_t host);
  // It is gone. Others that are out may come back for it, so that no more than half are out.
  void remove(std::size_t host, Instant now);

  // An attempt at `host` has ended. True when that has just ejected it. What ends while it is out
  // changes nothing: it began before. Nor does what ends at a host that is gone.
  bool record(std::size_t host, Verdict verdict, Instant now, Random& random);

  bool is_ejected(std::size_t host, Instant now) const {
    return out_.contains(host) && now < hosts_[host].ejected_until;
  }
  HostSet ejected(Instant now) const;

 private:
  struct Host {
    int failures = 0;   // in a row
    int ejections = 0;  // without a good time between
    Duration last_ejection{};
    Instant ejected_until{};
  };

  void eject(Host& host, Instant now, Random& random);

  OutlierOptions options_;
  HostSet present_;
  HostSet out_;  // and some that are back
  std::array<Host, HostSet::kMax> hosts_{};
};

}  // namespace usher::policy
