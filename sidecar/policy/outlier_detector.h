// OutlierDetector leaves out an owner's address that fails again and again.
//
// An address that fails `failures` times in a row is ejected for a time; when it is back, one
// failure is enough to eject it for twice as long, until it has answered well. Never more than half
// of the addresses are out: when most fail, it is not the addresses, and the rest would not bear
// the load. So a single address is never ejected.
//
// Owner: Cluster, one per worker.  Thread: worker.  Time and chance are the caller's.
// Bounds: fixed memory after construction.
// Source: Envoy's outlier detection (consecutive failures, growing time, share), whose share is
// 10 % by default; here it is half.
#pragma once

#include <cstddef>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
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
  OutlierDetector(const OutlierOptions& options, std::size_t hosts)
      : options_(options), hosts_(hosts) {}

  // An attempt at `host` has ended. True when that has just ejected it. What ends while it is out
  // changes nothing: it began before.
  bool record(std::size_t host, Verdict verdict, Instant now, Random& random);

  bool is_ejected(std::size_t host, Instant now) const { return now < hosts_[host].ejected_until; }
  std::size_t ejected(Instant now) const;
  std::size_t hosts() const { return hosts_.size(); }

 private:
  struct Host {
    int failures = 0;   // in a row
    int ejections = 0;  // without a good time between
    Duration last_ejection{};
    Instant ejected_until{};
  };

  void eject(Host& host, Instant now, Random& random);

  OutlierOptions options_;
  std::vector<Host> hosts_;
};

}  // namespace usher::policy
