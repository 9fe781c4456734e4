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
#include "server/served_address.h"
#include "server/worker_setup.h"

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
  Worker(const WorkerSetup& setup, const CacheSetup& cache, const proxy::ConnectionBounds& bounds,
         std::function<void()> finished);
  ~Worker();

  // Serves these addresses of its Snapshot. Before start().
  void serve(std::vector<ServedAddress> addresses);
  void start();

  // Has calls that begin from now on go by another Snapshot, at its addresses; `adopted` is called
  // on the worker's thread when they do.
  void adopt(const WorkerSetup& setup, std::vector<ServedAddress> addresses,
             std::function<void()> adopted);

  // Stops accepting, answers what is running, refuses what still comes; then ends.
  void drain();
  // Cuts what is running, and ends.
  void stop();
  void join();

  // What it holds, once its loop has come round to count it; never when the loop has ended.
  std::future<Inventory> count();

  // Its endpoints are those of the Snapshot that was adopted last.
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

  // A listener and the address's key.
  struct Listener {
    std::string key;
    std::unique_ptr<proxy::OutboundListener> events;
  };

  // How often it is looked whether retired listeners are empty.
  static constexpr Duration kRetiredPoll = std::chrono::seconds(1);

  void serve(const config::Snapshot& snapshot, std::vector<ServedAddress> addresses);
  void retire(std::vector<Listener> listeners);
  void on_calls_finished() override;
  void on_surge() override;
  void check_surge();
  void on_timer(Timer& timer) override;
  void shut();
  Inventory inventory() const;

  WorkerSetup setup_;  // that was adopted last, as the main thread knows
  std::function<void()> finished_;
  proxy::ConnectionBounds bounds_;
  MemoryBudget memory_;
  net::UvNetwork network_;
  proxy::WorkerResources resources_;
  proxy::ExchangePool exchanges_;
  proxy::BackgroundCalls background_;
  std::vector<Listener> listeners_;
  std::vector<Listener> retired_;  // until they are empty
  Timer surge_timer_{*this};
  Timer retired_timer_{*this};
  Timer flush_timer_{*this};
  Instant flush_until_{};
  bool is_shut_ = false;
  std::thread thread_;
};

}  // namespace usher::server
