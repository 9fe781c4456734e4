#include "server/metrics_writer.h"

#include <array>
#include <cstdio>

namespace usher::server {

using proxy::EndpointMetrics;
using proxy::ProxyMetrics;

std::string format_number(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.15g", value);
  return text.data();
}

std::string with_label(std::string labels, std::string_view name, std::string_view value) {
  if (!labels.empty()) labels += ',';
  labels.append(name).append("=\"").append(value).append("\"");
  return labels;
}

std::string labels_of(std::string_view service, std::string_view endpoint) {
  return with_label(with_label({}, "service", service), "endpoint", endpoint);
}

void MetricsWriter::family(std::string_view name, std::string_view type, std::string_view help) {
  constexpr std::string_view kSuffix = "_total";
  if (open_metrics_ && type == "counter") name.remove_suffix(kSuffix.size());
  text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
  text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void MetricsWriter::sample(std::string_view name, std::string_view labels,
                           const std::string& value) {
  text_.append(name);
  if (!labels.empty()) text_.append("{").append(labels).append("}");
  text_.append(" ").append(value).append("\n");
}

std::uint64_t MetricsWriter::sum(
    const std::function<const proxy::Counter&(const ProxyMetrics&)>& counter) const {
  std::uint64_t total = 0;
  for (const ProxyMetrics* worker : workers_) total += counter(*worker).value();
  return total;
}

void MetricsWriter::each_endpoint(
    const std::function<void(const std::string& labels, const Sum& sum)>& visit) const {
  for (std::size_t i = 0; i <= snapshot_.endpoints.size(); ++i) {
    const bool is_matched = i < snapshot_.endpoints.size();
    const auto metrics_of = [&](const ProxyMetrics& worker) -> const EndpointMetrics& {
      return is_matched ? worker.endpoint(i) : worker.unmatched();
    };
    const Sum sum_of = [&](const Read& read) {
      std::uint64_t total = 0;
      for (const ProxyMetrics* worker : workers_) total += read(metrics_of(*worker)).value();
      return total;
    };
    std::uint64_t calls = 0;
    for (std::size_t b = 0; b <= proxy::kLatencyBounds.size(); ++b) {
      calls +=
          sum_of([b](const EndpointMetrics& m) -> const proxy::Counter& { return m.latency[b]; });
    }
    if (calls == 0) continue;
    const std::string service = is_matched ? snapshot_.endpoints[i]->service : "";
    const std::string endpoint = is_matched ? snapshot_.endpoints[i]->name : "unmatched";
    visit(labels_of(service, endpoint), sum_of);
  }
}

std::string MetricsWriter::take() {
  if (open_metrics_) text_ += "# EOF\n";
  return std::move(text_);
}

}  // namespace usher::server
