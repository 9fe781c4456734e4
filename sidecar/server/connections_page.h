// What the workers hold, as the admin port's /connections: consumers' connections, calls by phase,
// owners' connections, and what they are made of. Whatever leaks or is stuck shows here.
//
// Counted when somebody asks, by walking what is there. Thread: each Inventory is filled on its
// worker's; the rest is the main thread's.
#pragma once

#include <array>
#include <cstddef>
#include <future>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "proxy/exchange_pool.h"
#include "proxy/outbound_listener.h"
#include "server/admin_server.h"
#include "upstream/cluster.h"

namespace usher::server {

struct HostInventory {
  std::string service;
  std::string address;     // as configured: "ticket-service:3004"
  std::string resolved{};  // "10.0.0.7:3004"; empty: not known (yet)
  bool ejected = false;
  upstream::PoolCounts connections{};
};

struct Inventory {
  std::size_t consumers = 0;  // their connections
  std::size_t consumers_in_head = 0;
  std::size_t consumers_in_call = 0;
  std::array<std::size_t, proxy::kPhases> calls{};  // by phase; none is in Phase::Idle
  std::size_t exchanges_lent = 0;
  std::size_t exchanges_kept = 0;
  std::size_t streams = 0;  // those that only send their last bytes included
  std::size_t timers = 0;   // armed
  std::size_t chunks = 0;   // lent
  std::vector<HostInventory> hosts;

  void add(const proxy::OutboundListener& listener);
  void add(const proxy::ExchangePool& exchanges);
  void add(const upstream::Cluster& cluster);
  // Another worker's. Its hosts are put together with the same ones here.
  void add(const Inventory& other);
};

// The page: the sum of all workers, then each.
std::string render_connections(std::span<const Inventory> workers);

// Waits for all inventories and answers with the page; with 503 when a worker has not counted by
// `deadline`. Blocks: a worker that is not stuck answers in a turn of its loop.
AdminAnswer answer_connections(std::span<std::future<Inventory>> workers, Instant deadline);

}  // namespace usher::server
