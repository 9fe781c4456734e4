// MetricsWriter: a page of metrics as it is written: families, their samples, sums over the
// workers.
//
// Thread: any, one object each; the counters are relaxed atomics.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "config/snapshot.h"
#include "proxy/proxy_metrics.h"

namespace usher::server {

// `labels` and one more, as they stand between a sample's braces.
std::string with_label(std::string labels, std::string_view name, std::string_view value);
// service="…",endpoint="…"
std::string labels_of(std::string_view service, std::string_view endpoint);

class MetricsWriter {
 public:
  using Workers = std::span<const proxy::ProxyMetrics* const>;

  MetricsWriter(const config::Snapshot& snapshot, Workers workers, bool open_metrics)
      : snapshot_(snapshot), workers_(workers), open_metrics_(open_metrics) {}

  // OpenMetrics names a counter's family without the suffix that its samples have.
  void family(std::string_view name, std::string_view type, std::string_view help);
  void sample(std::string_view name, std::string_view labels, const std::string& value);

  std::uint64_t sum(
      const std::function<const proxy::Counter&(const proxy::ProxyMetrics&)>& counter) const;

  // Calls `visit` with each endpoint's labels and its metrics' sums; the last is for calls that
  // matched none. Endpoints without a call are left out.
  using Read = std::function<const proxy::Counter&(const proxy::EndpointMetrics&)>;
  using Sum = std::function<std::uint64_t(const Read&)>;
  void each_endpoint(
      const std::function<void(const std::string& labels, const Sum& sum)>& visit) const;

  // The page; nothing is written after it.
  std::string take();

 private:
  const config::Snapshot& snapshot_;
  Workers workers_;
  bool open_metrics_;
  std::string text_;
};

// Shortest text of up to 15 digits.
std::string format_number(double value);

}  // namespace usher::server
