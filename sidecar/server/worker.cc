#include "server/worker.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "server/connection_limits.h"
#include "server/memory.h"

namespace usher::server {
namespace {

// To the servers of a cluster, and as many that are still closing.
constexpr std::size_t kRedisStreamsMax = 256;

// A name may have any number of addresses.
std::size_t hosts_max(const upstream::ClusterOptions& cluster) {
  std::size_t count = 0;
  for (const upstream::HostAddress& address : cluster.addresses) {
    const bool is_literal = net::SocketAddress::from_ip(address.host, address.port).has_value();
    count += is_literal ? 1 : policy::HostSet::kMax;
  }
  return std::min(count, policy::HostSet::kMax);
}

// Consumers' connections, owners' connections, and as many that are still closing.
std::size_t streams_max(const config::Snapshot& snapshot, const proxy::ConnectionBounds& bounds) {
  std::size_t count = 2 * bounds.served + bounds.refused;
  for (const upstream::ClusterOptions& cluster : snapshot.clusters) {
    count += 2 * cluster.connections_per_host * hosts_max(cluster);
  }
  return count + kRedisStreamsMax;
}

// Signals are the main thread's.
void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

Worker::Worker(const WorkerSetup& setup, const CacheSetup& cache,
               const proxy::ConnectionBounds& bounds, std::function<void()> finished)
    : setup_(setup),
      finished_(std::move(finished)),
      bounds_(bounds),
      memory_(setup.snapshot->limits.memory_bytes / setup.snapshot->workers),
      network_(streams_max(*setup.snapshot, bounds),
               {.write_mark = setup.snapshot->limits.buffer_bytes, .budget = &memory_}),
      resources_(network_, Random::from_system(), memory_),
      exchanges_(resources_),
      background_(network_, exchanges_) {
  if (cache.shared != nullptr) {
    resources_.cache = std::make_unique<proxy::WorkerCache>(network_, *cache.shared, cache.redis);
    resources_.cache->background = &background_;
  }
  resources_.drain_events = this;
  memory_.watch(*this);
  resources_.metrics.set_endpoints(proxy::counters_for(*setup.parts.shared, nullptr, {}));
  resources_.adopt(setup.parts, resources_.metrics.endpoints());
}

Worker::~Worker() {
  join();
}

void Worker::serve(std::vector<ServedAddress> addresses) {
  serve(*setup_.snapshot, std::move(addresses));
}

void Worker::serve(const config::Snapshot& snapshot, std::vector<ServedAddress> addresses) {
  std::vector<Listener> before = std::exchange(listeners_, {});
  for (ServedAddress& address : addresses) {
    const route::Router& router = snapshot.listeners[address.listener].router;
    const auto known = std::find_if(before.begin(), before.end(), [&](const Listener& listener) {
      return listener.key == address.key;
    });
    if (known != before.end()) {
      known->events->set_router(router);
      listeners_.push_back(std::move(*known));
      before.erase(known);
    } else {
      listeners_.push_back({.key = address.key,
                            .events = std::make_unique<proxy::OutboundListener>(
                                resources_, exchanges_, router, bounds_)});
    }
    for (net::ListenSocket& socket : address.sockets) {
      network_.listen(std::move(socket), *listeners_.back().events);
    }
  }
  retire(std::move(before));
}

void Worker::retire(std::vector<Listener> listeners) {
  for (Listener& listener : listeners) {
    network_.close_listeners(*listener.events);
    listener.events->retire();
    retired_.push_back(std::move(listener));
  }
  std::erase_if(retired_, [](const Listener& listener) { return listener.events->is_empty(); });
  if (!retired_.empty()) network_.arm(retired_timer_, network_.now() + kRetiredPoll);
}

// The loop takes it up between two turns: no call is in the middle of anything.
void Worker::adopt(const WorkerSetup& setup, std::vector<ServedAddress> addresses,
                   std::function<void()> adopted) {
  auto counters = proxy::counters_for(*setup.parts.shared, setup_.parts.shared.get(),
                                      resources_.metrics.endpoints());
  resources_.metrics.set_endpoints(counters);
  setup_ = setup;
  // What is posted can be copied, sockets cannot.
  const auto served = std::make_shared<std::vector<ServedAddress>>(std::move(addresses));
  network_.post(
      [this, setup, served, counters = std::move(counters), adopted = std::move(adopted)] {
        network_.raise_streams_max(streams_max(*setup.snapshot, bounds_));
        resources_.adopt(setup.parts, counters);
        if (!is_shut_ && !resources_.draining) serve(*setup.snapshot, std::move(*served));
        adopted();
      });
}

void Worker::start() {
  thread_ = std::thread([this] {
    block_signals();
    network_.run();
  });
}

void Worker::drain() {
  network_.post([this] {
    network_.close_listeners();
    resources_.draining = true;
    if (exchanges_.active() == 0) shut();
  });
}

void Worker::stop() {
  network_.post([this] {
    network_.close_listeners();
    shut();
  });
}

std::future<Inventory> Worker::count() {
  // Shared with the loop, which may answer when nobody waits any more.
  const auto promise = std::make_shared<std::promise<Inventory>>();
  network_.post([this, promise] { promise->set_value(inventory()); });
  return promise->get_future();
}

Inventory Worker::inventory() const {
  Inventory inventory;
  for (const Listener& listener : listeners_) inventory.add(*listener.events);
  for (const Listener& listener : retired_) inventory.add(*listener.events);
  inventory.add(exchanges_);
  for (const auto& cluster : resources_.snapshot->clusters) inventory.add(*cluster);
  inventory.streams = network_.open_streams();
  inventory.timers = network_.armed_timers();
  inventory.chunks = network_.chunks_lent() + resources_.chunks.lent();
  return inventory;
}

void Worker::add_redis_facts(CacheFacts& facts) const {
  if (facts.redis && resources_.cache != nullptr && resources_.cache->client != nullptr) {
    facts.redis->add(resources_.cache->client->facts());
  }
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::on_calls_finished() {
  shut();
}

void Worker::shut() {
  if (is_shut_) return;
  is_shut_ = true;
  for (const Listener& listener : listeners_) listener.events->shut();
  for (const Listener& listener : retired_) listener.events->shut();
  background_.shut();
  for (const auto& cluster : resources_.snapshot->clusters) cluster->close();
  resources_.retired.close();
  flush_until_ = network_.now() + kFlush;
  network_.arm(flush_timer_, network_.now() + kFlushPoll);
}

void Worker::on_surge() {
  network_.arm(surge_timer_, network_.now() + kSurgeCheck);
}

void Worker::check_surge() {
  if (memory_.used() > MemoryBudget::kSurge / 2) {
    on_surge();
    return;
  }
  release_spare_heap();
  memory_.watch(*this);
}

void Worker::on_timer(Timer& timer) {
  if (&timer == &surge_timer_) {
    check_surge();
    return;
  }
  if (&timer == &retired_timer_) {
    retire({});
    return;
  }
  // Not before: what the last calls have changed was written at the end of their turn.
  if (resources_.cache != nullptr) resources_.cache->shut();
  if (network_.open_streams() > 0 && network_.now() < flush_until_) {
    network_.arm(flush_timer_, network_.now() + kFlushPoll);
    return;
  }
  network_.stop();
  finished_();
}

}  // namespace usher::server
