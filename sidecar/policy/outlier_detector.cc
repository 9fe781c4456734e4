#include "policy/outlier_detector.h"

#include "policy/backoff.h"
#include "policy/jitter.h"

namespace usher::policy {

void OutlierDetector::add(std::size_t host) {
  present_.add(host);
  hosts_[host] = {};
}

void OutlierDetector::remove(std::size_t host, Instant now) {
  present_.remove(host);
  out_.remove(host);
  while (ejected(now).size() * 2 > present_.size()) {
    std::size_t next = ejected(now).at(0);
    out_.for_each([&](std::size_t other) {
      if (hosts_[other].ejected_until < hosts_[next].ejected_until) next = other;
    });
    hosts_[next].ejected_until = now;
    out_.remove(next);
  }
}

bool OutlierDetector::record(std::size_t host_index, Verdict verdict, Instant now, Random& random) {
  Host& host = hosts_[host_index];
  const bool counts = verdict != Verdict::Ignored && present_.contains(host_index);
  if (!counts || is_ejected(host_index, now)) return false;
  if (verdict == Verdict::Success) {
    host.failures = 0;
    // It has stayed well for as long as it was out.
    if (now - host.ejected_until >= host.last_ejection) host.ejections = 0;
    return false;
  }
  ++host.failures;
  const bool may_eject = (ejected(now).size() + 1) * 2 <= present_.size();
  if (options_.failures == 0 || host.failures < options_.failures || !may_eject) return false;
  eject(host, now, random);
  out_ = ejected(now);
  out_.add(host_index);
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

HostSet OutlierDetector::ejected(Instant now) const {
  HostSet ejected;
  out_.for_each([&](std::size_t host) {
    if (now < hosts_[host].ejected_until) ejected.add(host);
  });
  return ejected;
}

}  // namespace usher::policy
