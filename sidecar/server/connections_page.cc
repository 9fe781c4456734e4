#include "server/connections_page.h"

#include <algorithm>
#include <numeric>

#include "base/json_writer.h"

namespace usher::server {
namespace {

std::size_t calls_of(const Inventory& inventory) {
  return std::accumulate(inventory.calls.begin(), inventory.calls.end(), std::size_t{0});
}

void write_host(JsonWriter& json, const HostInventory& host) {
  json.open('{').name("address").string(host.address).name("resolved").open('[');
  if (!host.resolved.empty()) json.string(host.resolved);
  json.close(']')
      .name("ejected")
      .literal(host.ejected ? "true" : "false")
      .number("connections", host.connections.connections)
      .number("idle", host.connections.idle)
      .number("leased", host.connections.leased())
      .number("connecting", host.connections.connecting)
      .number("waiting", host.connections.waiting)
      .close('}');
}

// The hosts of one service stand together, as add() left them.
void write_owners(JsonWriter& json, const std::vector<HostInventory>& hosts) {
  json.name("owners").open('[');
  for (std::size_t i = 0; i < hosts.size();) {
    const std::string& service = hosts[i].service;
    json.open('{').name("service").string(service).name("hosts").open('[');
    for (; i < hosts.size() && hosts[i].service == service; ++i) write_host(json, hosts[i]);
    json.close(']').close('}');
  }
  json.close(']');
}

// The members of one object, which the caller opens and closes.
void write_members(JsonWriter& json, const Inventory& inventory) {
  json.name("consumers")
      .open('{')
      .number("connections", inventory.consumers)
      .number("idle",
              inventory.consumers - inventory.consumers_in_head - inventory.consumers_in_call)
      .number("head", inventory.consumers_in_head)
      .number("call", inventory.consumers_in_call)
      .close('}');
  json.name("calls").open('{').number("active", calls_of(inventory)).name("phases").open('{');
  for (std::size_t i = static_cast<std::size_t>(proxy::Phase::Route); i < proxy::kPhases; ++i) {
    json.number(to_string(static_cast<proxy::Phase>(i)), inventory.calls[i]);
  }
  json.close('}').close('}');
  json.name("exchanges")
      .open('{')
      .number("lent", inventory.exchanges_lent)
      .number("kept", inventory.exchanges_kept)
      .close('}');
  json.number("streams", inventory.streams)
      .number("timers", inventory.timers)
      .number("chunkBytes", inventory.chunks * kChunkBytes);
  write_owners(json, inventory.hosts);
}

// Hosts that only one worker has got (their names may have been resolved at different times) go
// behind the others of their service.
HostInventory& entry_of(std::vector<HostInventory>& hosts, const HostInventory& wanted) {
  auto place = hosts.end();
  for (auto host = hosts.begin(); host != hosts.end(); ++host) {
    if (host->service != wanted.service) continue;
    if (host->address == wanted.address && host->resolved == wanted.resolved) return *host;
    place = host + 1;
  }
  return *hosts.insert(
      place, {.service = wanted.service, .address = wanted.address, .resolved = wanted.resolved});
}

void merge(HostInventory& into, const HostInventory& host) {
  into.ejected = into.ejected || host.ejected;
  into.connections.connections += host.connections.connections;
  into.connections.idle += host.connections.idle;
  into.connections.connecting += host.connections.connecting;
  into.connections.waiting += host.connections.waiting;
}

}  // namespace

void Inventory::add(const proxy::OutboundListener& listener) {
  listener.connections().for_each([this](const proxy::DownstreamConnection& connection) {
    ++consumers;
    if (connection.reads_head()) ++consumers_in_head;
    const proxy::Exchange* call = connection.call();
    // One that has ended leaves at the end of the turn.
    if (call == nullptr || call->phase() == proxy::Phase::Idle) return;
    ++consumers_in_call;
    ++calls[static_cast<std::size_t>(call->phase())];
  });
}

void Inventory::add(const proxy::ExchangePool& exchanges) {
  exchanges_lent += exchanges.active();
  exchanges_kept += exchanges.kept();
}

void Inventory::add(const upstream::Cluster& cluster) {
  const std::size_t first = hosts.size();
  for (const auto& resolver : cluster.resolvers()) {
    if (!resolver->addresses().empty()) continue;
    hosts.push_back({.service = cluster.service(), .address = resolver->authority()});
  }
  // Nobody waits for a name while there is a host.
  if (hosts.size() > first) hosts[first].connections.waiting = cluster.waiting_for_hosts();
  cluster.for_each_host([&](const upstream::Host& host) {
    hosts.push_back({.service = cluster.service(),
                     .address = host.authority(),
                     .resolved = host.address().to_string(),
                     .ejected = cluster.is_ejected(host),
                     .connections = host.pool().counts()});
  });
}

void Inventory::add(const Inventory& other) {
  consumers += other.consumers;
  consumers_in_head += other.consumers_in_head;
  consumers_in_call += other.consumers_in_call;
  for (std::size_t i = 0; i < calls.size(); ++i) calls[i] += other.calls[i];
  exchanges_lent += other.exchanges_lent;
  exchanges_kept += other.exchanges_kept;
  streams += other.streams;
  timers += other.timers;
  chunks += other.chunks;
  for (const HostInventory& host : other.hosts) merge(entry_of(hosts, host), host);
}

std::string render_connections(std::span<const Inventory> workers) {
  Inventory sum;
  for (const Inventory& worker : workers) sum.add(worker);
  JsonWriter json;
  json.open('{');
  write_members(json, sum);
  json.name("workers").open('[');
  for (const Inventory& worker : workers) {
    json.open('{');
    write_members(json, worker);
    json.close('}');
  }
  json.close(']').close('}');
  return json.take();
}

AdminAnswer answer_connections(std::span<std::future<Inventory>> workers, Instant deadline) {
  std::vector<Inventory> inventories;
  for (std::size_t i = 0; i < workers.size(); ++i) {
    if (workers[i].wait_until(deadline) != std::future_status::ready) {
      return {.status = 503,
              .body = "{\"error\":\"worker " + std::to_string(i) + " did not answer in time\"}\n"};
    }
    inventories.push_back(workers[i].get());
  }
  return {.body = render_connections(inventories)};
}

}  // namespace usher::server
