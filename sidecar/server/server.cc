#include "server/server.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/wall_clock.h"
#include "config/loader.h"
#include "net/listen_socket.h"
#include "net/uv_network.h"
#include "server/admin_server.h"
#include "server/breakers_page.h"
#include "server/cache_page.h"
#include "server/cache_server.h"
#include "server/config_page.h"
#include "server/config_watcher.h"
#include "server/connection_limits.h"
#include "server/connections_page.h"
#include "server/memory.h"
#include "server/metrics_page.h"
#include "server/reloader.h"
#include "server/sockets.h"
#include "server/token_renewer.h"
#include "server/version.h"
#include "server/worker.h"

namespace usher::server {
namespace {

class Server final : private TimerEvents {
 public:
  // `read_from_ns`: file_time_ns() of before it was loaded.
  Server(const std::vector<std::filesystem::path>& directories, const config::LoadResult& loaded,
         std::int64_t read_from_ns)
      : setup_(make_worker_setup(loaded.snapshot, RestartSettings(*loaded.snapshot))),
        network_(kAdminStreamsMax),
        admin_(
            network_, [this](const AdminRequest& request) { return answer(request); },
            kInvalidatePath),
        cache_(network_, snapshot()),
        renewer_(network_, loaded.snapshot),
        reloader_(
            network_, directories, loaded,
            [this](const auto& next, const auto& done) { return apply(next, done); },
            [this](const auto& files) { watcher_.watch(files); }),
        watcher_(
            network_, [this] { reload("files"); }, read_from_ns),
        started_ms_(network_.wall_ms()) {
    watcher_.watch(loaded.files);
  }

  // Binds everything; prints one line per listener. False after an error, which is printed.
  bool listen();
  void run();

 private:
  static constexpr std::size_t kAdminStreamsMax = 256;
  static constexpr std::string_view kReloadPath = "/reload";
  // How often it is looked whether calls still go by a Snapshot that was replaced.
  static constexpr Duration kFormerPoll = std::chrono::seconds(1);
  // How long /connections waits for the workers, and everything else on this thread with it.
  static constexpr Duration kCountBound = std::chrono::seconds(1);

  const config::Snapshot& snapshot() const { return *setup_.snapshot; }
  proxy::SharedState& shared() { return *setup_.parts.shared; }
  // Not while the process ends.
  void reload(std::string_view trigger) {
    if (ending_ == Ending::No) reloader_.reload(trigger);
  }
  proxy::ConnectionBounds connection_bounds();
  std::optional<std::string> apply(const Reloader::Snapshot& next,
                                   const std::function<void()>& done);
  std::optional<AdminAnswer> answer_reload(const AdminRequest& request);
  std::optional<AdminAnswer> answer(const AdminRequest& request);
  std::optional<AdminAnswer> answer_cache_page(const AdminRequest& request);
  std::vector<const proxy::ProxyMetrics*> worker_metrics() const;
  CacheFacts cache_facts() const;
  std::vector<Inventory> count_workers();
  AdminAnswer answer_ready() const;
  AdminAnswer answer_metrics(std::string_view accept) const;
  void on_signal();
  void begin_drain();
  void on_timer(Timer& timer) override;
  void drop_former();
  void on_worker_finished();

  WorkerSetup setup_;
  net::UvNetwork network_;
  AdminServer admin_;
  CacheServer cache_;
  TokenRenewer renewer_;
  Reloader reloader_;
  ConfigWatcher watcher_;
  std::int64_t started_ms_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::size_t workers_finished_ = 0;
  std::vector<std::string> served_;  // keys of the addresses
  std::size_t connections_limit_ = 0;
  bool ready_ = false;
  enum class Ending { No, Delayed, Draining, Stopping } ending_ = Ending::No;
  Timer drain_timer_{*this};
  std::vector<std::shared_ptr<const config::Snapshot>> former_;  // that some call may still go by
  Timer former_timer_{*this};
};

bool Server::listen() {
  // Whoever reads the first line that is printed may send a signal.
  network_.on_signal(SIGTERM, [this] { on_signal(); });
  network_.on_signal(SIGINT, [this] { on_signal(); });
  network_.on_signal(SIGHUP, [this] { reload("signal"); });
  const proxy::ConnectionBounds bounds = connection_bounds();
  for (unsigned i = 0; i < snapshot().workers; ++i) {
    workers_.push_back(std::make_unique<Worker>(setup_, cache_.setup(), bounds, [this] {
      network_.post([this] { on_worker_finished(); });
    }));
  }
  const auto report = [](const std::string& error) {
    std::fprintf(stderr, "usher: %s\n", error.c_str());
    return false;
  };
  auto plan = plan_addresses(snapshot(), served_, workers_.size());
  if (!plan) return report(plan.error());
  std::vector<std::string> lines = std::move(plan->lines);
  for (std::size_t i = 0; i < workers_.size(); ++i) workers_[i]->serve(std::move(plan->workers[i]));
  served_ = std::move(plan->keys);
  auto admin = bind_addresses({snapshot().admin}, 1);
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
  const proxy::ConnectionBounds bounds = plan_connections(snapshot(), descriptors);
  const std::size_t configured = snapshot().limits.connections;
  connections_limit_ = std::min(configured, bounds.served * snapshot().workers);
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
      .field("consumer", snapshot().consumer)
      .field("workers", static_cast<std::int64_t>(workers_.size()))
      .field("endpoints", static_cast<std::int64_t>(snapshot().endpoints.size()));
  release_startup_pages();
  network_.run();
  for (const auto& worker : workers_) worker->join();
  LogLine(LogLevel::Info, "stopped").field("version", kVersion);
}

// Each worker takes it up between two turns of its loop; for a moment some go by the old one and
// some by the new one.
std::optional<std::string> Server::apply(const Reloader::Snapshot& next,
                                         const std::function<void()>& done) {
  if (ending_ != Ending::No) return "this sidecar is going down";
  auto plan = plan_addresses(*next, served_, workers_.size());
  if (!plan) return plan.error();
  served_ = std::move(plan->keys);
  for (const std::string& line : plan->lines) LogLine(LogLevel::Info, line);
  WorkerSetup setup = make_worker_setup(next, reloader_.started(), setup_.parts.shared.get());
  setup.parts.shared->take_effect();
  set_log_level(setup.snapshot->log_level);
  const auto adopted = std::make_shared<std::size_t>(0);
  for (std::size_t i = 0; i < workers_.size(); ++i) {
    workers_[i]->adopt(setup, std::move(plan->workers[i]), [this, adopted, done] {
      network_.post([this, adopted, done] {
        if (++*adopted == workers_.size()) done();
      });
    });
  }
  renewer_.renew_for(setup.snapshot);
  former_.push_back(std::exchange(setup_, std::move(setup)).snapshot);
  if (!former_timer_.armed()) network_.arm(former_timer_, network_.now() + kFormerPoll);
  return std::nullopt;
}

std::optional<AdminAnswer> Server::answer_reload(const AdminRequest& request) {
  if (request.reads()) return AdminAnswer{.body = to_json(reloader_.status())};
  if (request.method != http::Method::Post) return method_refusal("GET, HEAD, POST");
  if (ending_ != Ending::No) return admin_refusal(503, "this sidecar is going down");
  reloader_.reload("admin", [this, ticket = request.ticket](const ReloadStatus& status) {
    const bool is_refused = status.last.result == ReloadResult::Refused;
    const AdminAnswer answer{.status = is_refused ? 422 : 200, .body = to_json(status)};
    network_.post([this, ticket, answer] { admin_.answer(ticket, answer); });
  });
  return std::nullopt;
}

std::optional<AdminAnswer> Server::answer(const AdminRequest& request) {
  const std::string_view path = request.path;
  if (path == kBreakersPath || path.starts_with(std::string(kBreakersPath) + "/")) {
    return answer_breakers(request, shared(), network_.now());
  }
  if (path == kCachePath || path.starts_with(std::string(kCachePath) + "/")) {
    return answer_cache_page(request);
  }
  if (path == kReloadPath) return answer_reload(request);
  if (path == kConfigPath) {
    const std::string revision = std::to_string(reloader_.status().revision);
    return answer_config(
        request, {.snapshot = snapshot(), .revision = revision, .files = reloader_.files()});
  }
  if (path == kEndpointsPath) return answer_endpoints(request, snapshot());
  if (path == kExplainPath) {
    const std::vector<Inventory> inventories = count_workers();
    return answer_explain(request, snapshot(), shared(), inventories, network_.now());
  }
  const bool is_known =
      path == "/live" || path == "/ready" || path == "/metrics" || path == "/connections";
  if (!is_known) {
    return admin_refusal(404,
                         "not found; there are /live, /ready, /metrics, /config, /endpoints, "
                         "/explain, /connections, /breakers, /cache and /reload");
  }
  if (!request.reads()) return method_refusal(kReadMethods);
  if (path == "/live") return AdminAnswer{.body = "{\"status\":\"live\"}\n"};
  if (path == "/ready") return answer_ready();
  if (path == "/metrics") return answer_metrics(request.accept);
  std::vector<std::future<Inventory>> counts;
  for (const auto& worker : workers_) counts.push_back(worker->count());
  return answer_connections(counts, network_.now() + kCountBound);
}

// Those of workers that are too late are left out.
std::vector<Inventory> Server::count_workers() {
  std::vector<std::future<Inventory>> counts;
  for (const auto& worker : workers_) counts.push_back(worker->count());
  std::vector<Inventory> inventories;
  const auto until = std::chrono::steady_clock::now() + kCountBound;
  for (auto& count : counts) {
    if (count.wait_until(until) == std::future_status::ready) inventories.push_back(count.get());
  }
  return inventories;
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
  CacheFacts facts = cache_.facts();
  for (const auto& worker : workers_) worker->add_redis_facts(facts);
  return facts;
}

std::optional<AdminAnswer> Server::answer_cache_page(const AdminRequest& request) {
  if (!setup_.parts.options.caches) {
    return admin_refusal(404, "no endpoint has anything to do with a cache");
  }
  const std::vector<const proxy::ProxyMetrics*> metrics = worker_metrics();
  return answer_cache(request,
                      {.snapshot = snapshot(),
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
                           .buffer_bytes_limit = reloader_.started().memory_bytes,
                           .cache = cache_facts(),
                           .config = reloader_.status()};
  return {.content_type = std::string(metrics_content_type(open_metrics)),
          .body = render_metrics(snapshot(), *setup_.parts.shared, metrics, facts, open_metrics)};
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
      .field("delayMs", to_milliseconds(snapshot().drain.delay))
      .field("timeoutMs", to_milliseconds(snapshot().drain.timeout));
  if (snapshot().drain.delay > Duration::zero()) {
    network_.arm(drain_timer_, network_.now() + snapshot().drain.delay);
  } else {
    begin_drain();
  }
}

void Server::begin_drain() {
  ending_ = Ending::Draining;
  network_.arm(drain_timer_, network_.now() + snapshot().drain.timeout);
  for (const auto& worker : workers_) worker->drain();
}

// Signers are destroyed on this thread, as they were made.
void Server::drop_former() {
  std::erase_if(former_, [](const auto& snapshot) { return snapshot.use_count() == 1; });
  if (!former_.empty()) network_.arm(former_timer_, network_.now() + kFormerPoll);
}

void Server::on_timer(Timer& timer) {
  if (&timer == &former_timer_) {
    drop_former();
    return;
  }
  if (ending_ == Ending::Delayed) {
    begin_drain();
    return;
  }
  LogLine(LogLevel::Warn, "calls were cut: drain.timeout is over")
      .field("timeoutMs", to_milliseconds(snapshot().drain.timeout));
  ending_ = Ending::Stopping;
  for (const auto& worker : workers_) worker->stop();
}

void Server::on_worker_finished() {
  if (++workers_finished_ < workers_.size()) return;
  drain_timer_.cancel();
  former_timer_.cancel();
  renewer_.stop();
  watcher_.stop();
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
  const std::int64_t read_from_ns = file_time_ns();
  config::LoadResult loaded = config::load(directories, wall_clock_ms());
  if (loaded.snapshot == nullptr) {
    print_problems(loaded.problems);
    return 1;
  }
  start_log(loaded.snapshot->log_level);
  for (const config::Problem& problem : loaded.warnings) {
    LogLine(LogLevel::Warn, "configuration").field("problem", config::to_string(problem));
  }
  {
    Server server(directories, loaded, read_from_ns);
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
