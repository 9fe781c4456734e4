#include "proxy/proxy_metrics.h"

#include <algorithm>

namespace usher::proxy {

void EndpointMetrics::record(Outcome outcome, Duration latency_of_call) {
  outcomes[outcome.index()].add();
  const auto* bound =
      std::lower_bound(kLatencyBounds.begin(), kLatencyBounds.end(), latency_of_call);
  latency[static_cast<std::size_t>(bound - kLatencyBounds.begin())].add();
  latency_sum_ns.add(static_cast<std::uint64_t>(latency_of_call.count()));
}

}  // namespace usher::proxy
