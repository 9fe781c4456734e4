#include "server/worker.h"

#include <algorithm>
#include <csignal>

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

Worker::Worker(std::shared_ptr<const config::Snapshot> snapshot, const proxy::ProxyOptions& options,
               proxy::SharedState& shared, const CacheSetup& cache,
               const proxy::ConnectionBounds& bounds, std::function<void()> finished)
    : snapshot_(std::move(snapshot)),
      finished_(std::move(finished)),
      memory_(snapshot_->limits.memory_bytes / snapshot_->workers),
      network_(streams_max(*snapshot_, bounds),
               {.write_mark = snapshot_->limits.buffer_bytes, .budget = &memory_}),
      resources_(network_, options, shared, Random::from_system(), memory_),
      exchanges_(resources_),
      background_(network_, exchanges_) {
  if (cache.shared != nullptr) {
    resources_.cache = std::make_unique<proxy::WorkerCache>(network_, *cache.shared, cache.redis);
    resources_.cache->background = &background_;
  }
  resources_.drain_events = this;
  memory_.watch(*this);
  for (const auto& signer : snapshot_->signers) resources_.signers.emplace_back(*signer);
  for (const config::OutboundListener& listener : snapshot_->listeners) {
    listeners_.push_back(
        std::make_unique<proxy::OutboundListener>(resources_, exchanges_, listener.router, bounds));
  }
}

Worker::~Worker() {
  join();
}

void Worker::listen(std::size_t index, net::ListenSocket socket) {
  network_.listen(std::move(socket), *listeners_[index]);
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
  for (const auto& listener : listeners_) inventory.add(*listener);
  inventory.add(exchanges_);
  for (const auto& cluster : resources_.clusters) inventory.add(*cluster);
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
  for (const auto& listener : listeners_) listener->shut();
  background_.shut();
  for (const auto& cluster : resources_.clusters) cluster->close();
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
