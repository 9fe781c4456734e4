#include "policy/outlier_detector.h"

#include <algorithm>

#include "policy/backoff.h"
#include "policy/jitter.h"

namespace usher::policy {

bool OutlierDetector::record(std::size_t host_index, Verdict verdict, Instant now, Random& random) {
  Host& host = hosts_[host_index];
  if (verdict == Verdict::Ignored || now < host.ejected_until) return false;
  if (verdict == Verdict::Success) {
    host.failures = 0;
    // It has stayed well for as long as it was out.
    if (now - host.ejected_until >= host.last_ejection) host.ejections = 0;
    return false;
  }
  ++host.failures;
  const bool may_eject = (ejected(now) + 1) * 2 <= hosts_.size();
  if (options_.failures == 0 || host.failures < options_.failures || !may_eject) return false;
  eject(host, now, random);
  return true;
}

void OutlierDetector::eject(Host& host, Instant now, Random& random) {
  ++host.ejections;
  Duration time = doubled(options_.ejection_time, options_.ejection_time_max, host.ejections);
  const double spread = options_.jitter * static_cast<double>(time.count());
  time += random_below(random, Duration(static_cast<std::int64_t>(spread)));
  host.last_ejection = time;
  host.ejected_until = now + time;
  // One more failure is enough when it is back.
  host.failures = options_.failures - 1;
}

std::size_t OutlierDetector::ejected(Instant now) const {
  return static_cast<std::size_t>(std::count_if(
      hosts_.begin(), hosts_.end(), [now](const Host& host) { return now < host.ejected_until; }));
}

}  // namespace usher::policy
