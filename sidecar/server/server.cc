#include "server/server.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "config/loader.h"
#include "net/listen_socket.h"
#include "net/uv_network.h"
#include "server/admin_server.h"
#include "server/breakers_page.h"
#include "server/cache_page.h"
#include "server/cache_server.h"
#include "server/connection_limits.h"
#include "server/connections_page.h"
#include "server/memory.h"
#include "server/metrics_page.h"
#include "server/sockets.h"
#include "server/token_renewer.h"
#include "server/version.h"
#include "server/worker.h"

namespace usher::server {
namespace {

proxy::ProxyOptions proxy_options(const config::Snapshot& snapshot) {
  return {.consumer = snapshot.consumer,
          .annotate = snapshot.annotate,
          .access_log = snapshot.access_log,
          .limits = snapshot.limits,
          .timeouts = snapshot.consumer_timeouts};
}

std::vector<const route::Endpoint*> endpoints_of(const config::Snapshot& snapshot) {
  std::vector<const route::Endpoint*> endpoints;
  for (const auto& endpoint : snapshot.endpoints) endpoints.push_back(endpoint.get());
  return endpoints;
}

class Server final : private TimerEvents {
 public:
  explicit Server(std::shared_ptr<const config::Snapshot> snapshot)
      : snapshot_(std::move(snapshot)),
        options_(proxy_options(*snapshot_)),
        shared_(snapshot_->clusters, endpoints_of(*snapshot_), snapshot_->workers),
        network_(kAdminStreamsMax),
        admin_(
            network_, [this](const AdminRequest& request) { return answer(request); },
            kInvalidatePath),
        cache_(network_, *snapshot_),
        renewer_(network_, *snapshot_),
        started_ms_(network_.wall_ms()) {}

  // Binds everything; prints one line per listener. False after an error, which is printed.
  bool listen();
  void run();

 private:
  static constexpr std::size_t kAdminStreamsMax = 256;
  // How long /connections waits for the workers, and everything else on this thread with it.
  static constexpr Duration kCountBound = std::chrono::seconds(1);

  proxy::ConnectionBounds connection_bounds();
  std::optional<AdminAnswer> answer(const AdminRequest& request);
  std::optional<AdminAnswer> answer_cache_page(const AdminRequest& request);
  std::vector<const proxy::ProxyMetrics*> worker_metrics() const;
  CacheFacts cache_facts() const;
  AdminAnswer answer_ready() const;
  AdminAnswer answer_metrics(std::string_view accept) const;
  void on_signal();
  void begin_drain();
  void on_timer(Timer& timer) override;
  void on_worker_finished();

  std::shared_ptr<const config::Snapshot> snapshot_;
  proxy::ProxyOptions options_;
  proxy::SharedState shared_;
  net::UvNetwork network_;
  AdminServer admin_;
  CacheServer cache_;
  TokenRenewer renewer_;
  std::int64_t started_ms_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::size_t workers_finished_ = 0;
  std::size_t connections_limit_ = 0;
  bool ready_ = false;
  enum class Ending { No, Delayed, Draining, Stopping } ending_ = Ending::No;
  Timer drain_timer_{*this};
};

bool Server::listen() {
  // Whoever reads the first line that is printed may send a signal.
  network_.on_signal(SIGTERM, [this] { on_signal(); });
  network_.on_signal(SIGINT, [this] { on_signal(); });
  const proxy::ConnectionBounds bounds = connection_bounds();
  for (unsigned i = 0; i < snapshot_->workers; ++i) {
    workers_.push_back(
        std::make_unique<Worker>(snapshot_, options_, shared_, cache_.setup(), bounds,
                                 [this] { network_.post([this] { on_worker_finished(); }); }));
  }
  const auto report = [](const std::string& error) {
    std::fprintf(stderr, "usher: %s\n", error.c_str());
    return false;
  };
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < snapshot_->listeners.size(); ++i) {
    auto bound = bind_addresses(snapshot_->listeners[i].addresses, workers_.size());
    if (!bound) return report(bound.error());
    for (BoundAddress& address : *bound) {
      lines.push_back("listening outbound " + address.text);
      for (std::size_t w = 0; w < workers_.size(); ++w)
        workers_[w]->listen(i, std::move(address.sockets[w]));
    }
  }
  auto admin = bind_addresses({snapshot_->admin}, 1);
  if (!admin) return report(admin.error());
  for (BoundAddress& address : *admin) {
    lines.push_back("listening admin " + address.text);
    network_.listen(std::move(address.sockets[0]), admin_);
  }
  for (const std::string& line : lines) std::printf("%s\n", line.c_str());
  std::fflush(stdout);
  return true;
}

proxy::ConnectionBounds Server::connection_bounds() {
  const std::size_t descriptors = raise_descriptor_limit();
  const proxy::ConnectionBounds bounds = plan_connections(*snapshot_, descriptors);
  const std::size_t configured = snapshot_->limits.connections;
  connections_limit_ = std::min(configured, bounds.served * snapshot_->workers);
  if (connections_limit_ < configured) {
    LogLine(LogLevel::Warn, "limits.connections is more than there are file descriptors for")
        .field("configured", static_cast<std::int64_t>(configured))
        .field("effective", static_cast<std::int64_t>(connections_limit_))
        .field("descriptors", static_cast<std::int64_t>(descriptors));
  }
  return bounds;
}

void Server::run() {
  renewer_.start();
  cache_.start();
  for (const auto& worker : workers_) worker->start();
  ready_ = true;
  LogLine(LogLevel::Info, "ready")
      .field("version", kVersion)
      .field("consumer", snapshot_->consumer)
      .field("workers", static_cast<std::int64_t>(workers_.size()))
      .field("endpoints", static_cast<std::int64_t>(snapshot_->endpoints.size()));
  release_startup_pages();
  network_.run();
  for (const auto& worker : workers_) worker->join();
  LogLine(LogLevel::Info, "stopped").field("version", kVersion);
}

std::optional<AdminAnswer> Server::answer(const AdminRequest& request) {
  const std::string_view path = request.path;
  if (path == kBreakersPath || path.starts_with(std::string(kBreakersPath) + "/")) {
    return answer_breakers(request, shared_, network_.now());
  }
  if (path == kCachePath || path.starts_with(std::string(kCachePath) + "/")) {
    return answer_cache_page(request);
  }
  const bool is_known =
      path == "/live" || path == "/ready" || path == "/metrics" || path == "/connections";
  if (!is_known) {
    return admin_refusal(
        404, "not found; there are /live, /ready, /metrics, /connections, /breakers and /cache");
  }
  if (!request.reads()) return method_refusal(kReadMethods);
  if (path == "/live") return AdminAnswer{.body = "{\"status\":\"live\"}\n"};
  if (path == "/ready") return answer_ready();
  if (path == "/metrics") return answer_metrics(request.accept);
  std::vector<std::future<Inventory>> counts;
  for (const auto& worker : workers_) counts.push_back(worker->count());
  return answer_connections(counts, network_.now() + kCountBound);
}

AdminAnswer Server::answer_ready() const {
  if (ready_) return {.body = "{\"status\":\"ready\"}\n"};
  return {.status = 503, .body = "{\"status\":\"draining\"}\n"};
}

std::vector<const proxy::ProxyMetrics*> Server::worker_metrics() const {
  std::vector<const proxy::ProxyMetrics*> metrics;
  for (const auto& worker : workers_) metrics.push_back(&worker->metrics());
  return metrics;
}

CacheFacts Server::cache_facts() const {
  CacheFacts facts;
  if (cache_.exists()) facts = cache_.facts();
  for (const auto& worker : workers_) worker->add_redis_facts(facts);
  return facts;
}

std::optional<AdminAnswer> Server::answer_cache_page(const AdminRequest& request) {
  if (!cache_.exists()) return admin_refusal(404, "no endpoint has anything to do with a cache");
  const std::vector<const proxy::ProxyMetrics*> metrics = worker_metrics();
  return answer_cache(request,
                      {.snapshot = *snapshot_,
                       .cache = cache_.shared(),
                       .workers = metrics,
                       .facts = cache_facts(),
                       .now_ms = network_.wall_ms(),
                       .redis = cache_.invalidate_in_redis(),
                       .later = [this, ticket = request.ticket](const AdminAnswer& answer) {
                         admin_.answer(ticket, answer);
                       }});
}

AdminAnswer Server::answer_metrics(std::string_view accept) const {
  const bool open_metrics = accept.find("application/openmetrics-text") != std::string_view::npos;
  const std::vector<const proxy::ProxyMetrics*> metrics = worker_metrics();
  std::size_t buffer_bytes = 0;
  for (const auto& worker : workers_) buffer_bytes += worker->memory().used();
  const ProcessFacts facts{.ready = ready_,
                           .start_time_ms = started_ms_,
                           .connections_limit = connections_limit_,
                           .buffer_bytes = buffer_bytes,
                           .buffer_bytes_limit = snapshot_->limits.memory_bytes,
                           .cache = cache_facts()};
  return {.content_type = std::string(metrics_content_type(open_metrics)),
          .body = render_metrics(*snapshot_, shared_, metrics, facts, open_metrics)};
}

// The first signal drains, a second one does not wait for calls.
void Server::on_signal() {
  if (ending_ != Ending::No) {
    ending_ = Ending::Stopping;
    drain_timer_.cancel();
    for (const auto& worker : workers_) worker->stop();
    return;
  }
  ready_ = false;
  ending_ = Ending::Delayed;
  LogLine(LogLevel::Info, "draining")
      .field("delayMs", to_milliseconds(snapshot_->drain.delay))
      .field("timeoutMs", to_milliseconds(snapshot_->drain.timeout));
  if (snapshot_->drain.delay > Duration::zero()) {
    network_.arm(drain_timer_, network_.now() + snapshot_->drain.delay);
  } else {
    begin_drain();
  }
}

void Server::begin_drain() {
  ending_ = Ending::Draining;
  network_.arm(drain_timer_, network_.now() + snapshot_->drain.timeout);
  for (const auto& worker : workers_) worker->drain();
}

void Server::on_timer(Timer&) {
  if (ending_ == Ending::Delayed) {
    begin_drain();
    return;
  }
  LogLine(LogLevel::Warn, "calls were cut: drain.timeout is over")
      .field("timeoutMs", to_milliseconds(snapshot_->drain.timeout));
  ending_ = Ending::Stopping;
  for (const auto& worker : workers_) worker->stop();
}

void Server::on_worker_finished() {
  if (++workers_finished_ < workers_.size()) return;
  drain_timer_.cancel();
  renewer_.stop();
  cache_.shut();
  admin_.shut();
  network_.stop();
}

void print_problems(const std::vector<config::Problem>& problems) {
  for (const config::Problem& problem : problems) {
    std::fprintf(stderr, "%s\n", config::to_string(problem).c_str());
  }
  std::fprintf(stderr, "usher: the configuration has %zu mistake%s\n", problems.size(),
               problems.size() == 1 ? "" : "s");
}

}  // namespace

int run(const std::vector<std::filesystem::path>& directories) {
  using std::chrono::milliseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  config::LoadResult loaded =
      config::load(directories, std::chrono::duration_cast<milliseconds>(now).count());
  if (loaded.snapshot == nullptr) {
    print_problems(loaded.problems);
    return 1;
  }
  start_log(loaded.snapshot->log_level);
  {
    Server server(loaded.snapshot);
    if (!server.listen()) {
      stop_log();
      return 1;
    }
    server.run();
  }
  stop_log();
  return 0;
}

}  // namespace usher::server
