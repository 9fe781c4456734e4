// The metrics of all workers as one page, in Prometheus' text format 0.0.4 or OpenMetrics 1.0.
//
// Thread: any; the counters are relaxed atomics.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "config/snapshot.h"
#include "proxy/proxy_metrics.h"
#include "proxy/shared_state.h"
#include "server/cache_facts.h"
#include "server/reloader.h"

namespace usher::server {

struct ProcessFacts {
  bool ready;
  std::int64_t start_time_ms;  // since 1970
  std::size_t connections_limit = 0;
  std::size_t buffer_bytes = 0;
  std::size_t buffer_bytes_limit = 0;
  CacheFacts cache{};
  ReloadStatus config{};
};

// The Content-Type of a page.
std::string_view metrics_content_type(bool open_metrics);

// Endpoints that were never called are left out, and outcomes, decisions and changes that never
// happened.
std::string render_metrics(const config::Snapshot& snapshot, const proxy::SharedState& shared,
                           std::span<const proxy::ProxyMetrics* const> workers,
                           const ProcessFacts& facts, bool open_metrics);

}  // namespace usher::server
