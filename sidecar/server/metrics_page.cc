#include "server/metrics_page.h"

#include <array>

#include "base/log.h"
#include "proxy/local_reply.h"
#include "server/metrics_cache.h"
#include "server/metrics_writer.h"
#include "server/version.h"

namespace usher::server {
namespace {

using proxy::EndpointMetrics;
using proxy::ProxyMetrics;

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string outcome_label(std::size_t index) {
  constexpr std::size_t kStatusClasses = 5;
  if (index < kStatusClasses) return std::to_string(index + 1) + "xx";
  if (index == proxy::Outcome::kCount - 1) return "consumer_gone";
  return std::string(proxy::kind_of(static_cast<ErrorCode>(index - kStatusClasses)).label);
}

void add_requests(MetricsWriter& page) {
  page.family(
      "usher_requests_total", "counter",
      "Calls that ended, by outcome: the class of the owner's answer, or Usher's own error.");
  page.each_endpoint([&](const std::string& labels, const MetricsWriter::Sum& sum) {
    for (std::size_t o = 0; o < proxy::Outcome::kCount; ++o) {
      const std::uint64_t count =
          sum([o](const EndpointMetrics& m) -> const proxy::Counter& { return m.outcomes[o]; });
      if (count == 0) continue;
      page.sample("usher_requests_total", with_label(labels, "outcome", outcome_label(o)),
                  std::to_string(count));
    }
  });
}

void add_latency(MetricsWriter& page) {
  page.family(
      "usher_request_duration_seconds", "histogram",
      "From the first byte of a call's head that Usher acts on to the last byte of its answer.");
  page.each_endpoint([&](const std::string& labels, const MetricsWriter::Sum& sum) {
    std::uint64_t cumulative = 0;
    for (std::size_t b = 0; b <= proxy::kLatencyBounds.size(); ++b) {
      cumulative +=
          sum([b](const EndpointMetrics& m) -> const proxy::Counter& { return m.latency[b]; });
      const std::string bound = b < proxy::kLatencyBounds.size()
                                    ? format_number(seconds(proxy::kLatencyBounds[b]))
                                    : std::string("+Inf");
      page.sample("usher_request_duration_seconds_bucket", with_label(labels, "le", bound),
                  std::to_string(cumulative));
    }
    const std::uint64_t sum_ns =
        sum([](const EndpointMetrics& m) -> const proxy::Counter& { return m.latency_sum_ns; });
    page.sample("usher_request_duration_seconds_sum", labels,
                format_number(static_cast<double>(sum_ns) / 1e9));
    page.sample("usher_request_duration_seconds_count", labels, std::to_string(cumulative));
  });
}

void add_endpoint_counter(MetricsWriter& page, std::string_view name, std::string_view help,
                          const MetricsWriter::Read& read) {
  page.family(name, "counter", help);
  page.each_endpoint([&](const std::string& labels, const MetricsWriter::Sum& sum) {
    page.sample(name, labels, std::to_string(sum(read)));
  });
}

// What was decided, one sample for each verdict that was.
template <typename Verdict, std::size_t kVerdicts>
void add_decisions(MetricsWriter& page, std::string_view name, std::string_view help,
                   std::array<proxy::Counter, kVerdicts> EndpointMetrics::*counters) {
  page.family(name, "counter", help);
  page.each_endpoint([&](const std::string& labels, const MetricsWriter::Sum& sum) {
    for (std::size_t v = 0; v < kVerdicts; ++v) {
      const std::uint64_t count =
          sum([&](const EndpointMetrics& m) -> const proxy::Counter& { return (m.*counters)[v]; });
      if (count == 0) continue;
      page.sample(name, with_label(labels, "decision", to_string(static_cast<Verdict>(v))),
                  std::to_string(count));
    }
  });
}

void add_repeats(MetricsWriter& page) {
  add_decisions<policy::RetryVerdict>(
      page, "usher_retries_total",
      "What was decided after attempts that failed: retry, or why there was none.",
      &EndpointMetrics::retries);
  add_decisions<policy::HedgeVerdict>(
      page, "usher_hedges_total",
      "What was decided when a second attempt could have been sent: hedge, or why not.",
      &EndpointMetrics::hedges);
  add_endpoint_counter(
      page, "usher_hedges_won_total", "Hedges whose answer came first.",
      [](const EndpointMetrics& m) -> const proxy::Counter& { return m.hedges_won; });
  add_endpoint_counter(
      page, "usher_fallbacks_total", "Fixed answers that stood in for the owner's.",
      [](const EndpointMetrics& m) -> const proxy::Counter& { return m.fallbacks; });
}

bool has_changed(const proxy::NamedBreaker& named) {
  for (std::size_t i = 0; i < policy::kBreakerStates; ++i) {
    if (named.changes_to(static_cast<policy::BreakerState>(i)) > 0) return true;
  }
  return false;
}

template <typename Visit>
void each_breaker_state(const proxy::SharedState& shared, const Visit& visit) {
  for (const auto& breaker : shared.breakers()) {
    if (!has_changed(*breaker)) continue;
    const std::string labels = labels_of(breaker->service(), breaker->endpoint());
    for (std::size_t i = 0; i < policy::kBreakerStates; ++i) {
      visit(*breaker, static_cast<policy::BreakerState>(i), labels);
    }
  }
}

// Of breakers that never opened there is nothing to tell.
void add_breakers(MetricsWriter& page, const proxy::SharedState& shared) {
  using policy::BreakerState;
  using proxy::NamedBreaker;
  constexpr std::string_view kState = "usher_breaker_state";
  page.family(kState, "gauge", "1 for the state that the circuit breaker is in, 0 for the others.");
  each_breaker_state(shared,
                     [&](const NamedBreaker& named, BreakerState state, const std::string& labels) {
                       page.sample(kState, with_label(labels, "state", to_string(state)),
                                   named.breaker().state() == state ? "1" : "0");
                     });
  constexpr std::string_view kChanges = "usher_breaker_changes_total";
  page.family(kChanges, "counter", "Changes of the circuit breaker to this state.");
  each_breaker_state(
      shared, [&](const NamedBreaker& named, BreakerState state, const std::string& labels) {
        const std::uint64_t changes = named.changes_to(state);
        if (changes == 0) return;
        page.sample(kChanges, with_label(labels, "to", to_string(state)), std::to_string(changes));
      });
}

void add_timeouts(MetricsWriter& page) {
  page.family("usher_timeouts_total", "counter", "Timeouts that were over, by kind.");
  for (int i = static_cast<int>(Timeout::None) + 1; i < kTimeouts; ++i) {
    const auto which = static_cast<Timeout>(i);
    const std::uint64_t count = page.sum(
        [which](const ProxyMetrics& m) -> const proxy::Counter& { return m.timeout(which); });
    page.sample("usher_timeouts_total", with_label({}, "kind", proxy::name_of(which)),
                std::to_string(count));
  }
}

void add_connections(MetricsWriter& page, const ProcessFacts& facts) {
  page.family("usher_consumer_connections", "gauge", "Consumers' connections that are open.");
  page.sample("usher_consumer_connections", "",
              std::to_string(page.sum(
                  [](const ProxyMetrics& m) -> const proxy::Counter& { return m.connections; })));
  page.family("usher_consumer_connections_opened_total", "counter",
              "Consumers' connections since the start.");
  page.sample("usher_consumer_connections_opened_total", "",
              std::to_string(page.sum([](const ProxyMetrics& m) -> const proxy::Counter& {
                return m.connections_total;
              })));
  page.family("usher_connections_refused_total", "counter",
              "Consumers' connections answered 503 for want of room.");
  page.sample("usher_connections_refused_total", "",
              std::to_string(page.sum([](const ProxyMetrics& m) -> const proxy::Counter& {
                return m.connections_refused;
              })));
  page.family("usher_connections_limit", "gauge",
              "How many consumers' connections are served at a time.");
  page.sample("usher_connections_limit", "", std::to_string(facts.connections_limit));
  page.family("usher_accept_failures_total", "counter",
              "How often no connection could be accepted for want of a descriptor or of memory.");
  page.sample("usher_accept_failures_total", "",
              std::to_string(page.sum([](const ProxyMetrics& m) -> const proxy::Counter& {
                return m.accept_failures;
              })));
}

void add_memory(MetricsWriter& page, const ProcessFacts& facts) {
  page.family("usher_buffer_bytes", "gauge", "Memory that calls hold.");
  page.sample("usher_buffer_bytes", "", std::to_string(facts.buffer_bytes));
  page.family("usher_buffer_bytes_limit", "gauge", "limits.memory.");
  page.sample("usher_buffer_bytes_limit", "", std::to_string(facts.buffer_bytes_limit));
  page.family("usher_calls_shed_total", "counter",
              "Calls answered OVERLOADED, by what there was too little of.");
  constexpr std::array<std::string_view, proxy::kShedReasons> kReasons = {"memory", "held_body",
                                                                          "place", "connection"};
  for (std::size_t i = 0; i < kReasons.size(); ++i) {
    page.sample("usher_calls_shed_total", with_label({}, "reason", kReasons[i]),
                std::to_string(page.sum([i](const ProxyMetrics& m) -> const proxy::Counter& {
                  return m.calls_shed[i];
                })));
  }
}

void add_config(MetricsWriter& page, const ReloadStatus& status) {
  constexpr std::string_view kReloads = "usher_config_reloads_total";
  page.family(kReloads, "counter", "Reloads of the configuration, by what became of them.");
  for (std::size_t i = 0; i < kReloadResults; ++i) {
    const auto result = static_cast<ReloadResult>(i);
    page.sample(kReloads, with_label("", "result", to_string(result)),
                std::to_string(status.counts[i]));
  }
  page.family("usher_config_last_reload_successful", "gauge",
              "0 when the configuration on disk was refused, so that an older one is in use.");
  page.sample("usher_config_last_reload_successful", "",
              status.last.result == ReloadResult::Refused ? "0" : "1");
  page.family("usher_config_revision", "gauge", "Configurations that were in use so far.");
  page.sample("usher_config_revision", "", std::to_string(status.revision));
  page.family("usher_config_applied_time_seconds", "gauge",
              "When the one in use was taken into use, in seconds since 1970.");
  page.sample("usher_config_applied_time_seconds", "",
              format_number(static_cast<double>(status.applied_at_ms) / 1e3));
}

void add_interception(MetricsWriter& page) {
  const auto add = [&page](std::string_view name, std::string_view type, std::string_view help,
                           proxy::Counter ProxyMetrics::*counter) {
    page.family(name, type, help);
    page.sample(name, "",
                std::to_string(page.sum([counter](const ProxyMetrics& m) -> const proxy::Counter& {
                  return m.*counter;
                })));
  };
  add("usher_passed_through_total", "counter",
      "Calls that are no endpoint's and went to their destination as they were.",
      &ProxyMetrics::passed_through);
  add("usher_tunnels_active", "gauge", "Connections whose bytes are carried as they are.",
      &ProxyMetrics::tunnels);
  add("usher_tunnels_total", "counter", "Connections whose bytes were or are carried as they are.",
      &ProxyMetrics::tunnels_total);
  page.family("usher_tunnel_bytes_total", "counter", "Bytes of the tunnels that have ended.");
  page.sample("usher_tunnel_bytes_total", R"(direction="out")",
              std::to_string(page.sum([](const ProxyMetrics& m) -> const proxy::Counter& {
                return m.tunnel_bytes_out;
              })));
  page.sample("usher_tunnel_bytes_total", R"(direction="in")",
              std::to_string(page.sum([](const ProxyMetrics& m) -> const proxy::Counter& {
                return m.tunnel_bytes_in;
              })));
  add("usher_loops_refused_total", "counter", "Connections that this process had opened itself.",
      &ProxyMetrics::loops);
}

void add_process(MetricsWriter& page, const ProcessFacts& facts) {
  page.family("usher_calls_active", "gauge", "Calls that have begun and not ended.");
  page.sample("usher_calls_active", "",
              std::to_string(page.sum(
                  [](const ProxyMetrics& m) -> const proxy::Counter& { return m.calls_active; })));
  page.family("usher_log_lines_dropped_total", "counter", "Log lines that nobody read in time.");
  page.sample("usher_log_lines_dropped_total", "", std::to_string(log_lines_dropped()));
  page.family("usher_ready", "gauge", "1 when /ready answers 200.");
  page.sample("usher_ready", "", facts.ready ? "1" : "0");
  page.family("usher_start_time_seconds", "gauge",
              "When the process started, in seconds since 1970.");
  page.sample("usher_start_time_seconds", "",
              format_number(static_cast<double>(facts.start_time_ms) / 1e3));
  page.family("usher_build_info", "gauge", "Always 1; the version is in the label.");
  page.sample("usher_build_info", std::string("version=\"") + kVersion + "\"", "1");
}

}  // namespace

std::string_view metrics_content_type(bool open_metrics) {
  return open_metrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                      : "text/plain; version=0.0.4; charset=utf-8";
}

std::string render_metrics(const config::Snapshot& snapshot, const proxy::SharedState& shared,
                           std::span<const ProxyMetrics* const> workers, const ProcessFacts& facts,
                           bool open_metrics) {
  MetricsWriter page(snapshot, workers, open_metrics);
  add_requests(page);
  add_latency(page);
  add_endpoint_counter(
      page, "usher_attempts_total", "Attempts at an owner.",
      [](const EndpointMetrics& m) -> const proxy::Counter& { return m.attempts; });
  add_endpoint_counter(
      page, "usher_stale_connections_total",
      "Attempts repeated because the owner was closing the kept-alive connection.",
      [](const EndpointMetrics& m) -> const proxy::Counter& { return m.stale_connections; });
  add_repeats(page);
  add_breakers(page, shared);
  add_cache(page, snapshot, facts.cache);
  add_timeouts(page);
  add_connections(page, facts);
  add_memory(page, facts);
  add_config(page, facts.config);
  add_interception(page);
  add_process(page, facts);
  return page.take();
}

}  // namespace usher::server
