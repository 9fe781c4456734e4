// Worker: a thread with a loop and everything on it: listeners, consumers' connections, calls,
// clusters, counters.
//
// Workers share nothing that changes but the counters, which they write and anybody may read.
//
// Owner: Server.  Thread: the constructor and the functions are the main thread's; drain(), stop()
// and count() reach the loop by UvNetwork::post.
#pragma once

#include <functional>
#include <future>
#include <memory>
#include <thread>
#include <vector>

#include "base/memory_budget.h"
#include "cache/shared_cache.h"
#include "config/snapshot.h"
#include "net/uv_network.h"
#include "proxy/background_calls.h"
#include "proxy/exchange_pool.h"
#include "proxy/outbound_listener.h"
#include "proxy/worker_resources.h"
#include "server/cache_facts.h"
#include "server/connections_page.h"

namespace usher::server {

// What workers share of the cache; nothing where no endpoint has anything to do with it.
struct CacheSetup {
  cache::SharedCache* shared = nullptr;
  const cache::RedisOptions* redis = nullptr;
};

class Worker final : private proxy::DrainEvents, private TimerEvents, private SurgeEvents {
 public:
  // `finished` is called on the worker's thread when, after drain() or stop(), nothing is left to
  // do.
  Worker(std::shared_ptr<const config::Snapshot> snapshot, const proxy::ProxyOptions& options,
         proxy::SharedState& shared, const CacheSetup& cache, const proxy::ConnectionBounds& bounds,
         std::function<void()> finished);
  ~Worker();

  // Adds a socket for snapshot.listeners[index]. Before start().
  void listen(std::size_t index, net::ListenSocket socket);
  void start();

  // Stops accepting, answers what is running, refuses what still comes; then ends.
  void drain();
  // Cuts what is running, and ends.
  void stop();
  void join();

  // What it holds, once its loop has come round to count it; never when the loop has ended.
  std::future<Inventory> count();

  const proxy::ProxyMetrics& metrics() const { return resources_.metrics; }
  // used() and limit() are for any thread.
  const MemoryBudget& memory() const { return memory_; }
  // Likewise.
  void add_redis_facts(CacheFacts& facts) const;

 private:
  // How long the last answers may take to reach consumers once the calls have ended.
  static constexpr Duration kFlush = std::chrono::seconds(2);
  static constexpr Duration kFlushPoll = std::chrono::milliseconds(10);

  // How long after a burst of calls its memory goes back to the system.
  static constexpr Duration kSurgeCheck = std::chrono::seconds(1);

  void on_calls_finished() override;
  void on_surge() override;
  void check_surge();
  void on_timer(Timer& timer) override;
  void shut();
  Inventory inventory() const;

  std::shared_ptr<const config::Snapshot> snapshot_;
  std::function<void()> finished_;
  MemoryBudget memory_;
  net::UvNetwork network_;
  proxy::WorkerResources resources_;
  proxy::ExchangePool exchanges_;
  proxy::BackgroundCalls background_;
  std::vector<std::unique_ptr<proxy::OutboundListener>> listeners_;
  Timer surge_timer_{*this};
  Timer flush_timer_{*this};
  Instant flush_until_{};
  bool is_shut_ = false;
  std::thread thread_;
};

}  // namespace usher::server
