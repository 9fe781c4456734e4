#include "server/served_address.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "server/sockets.h"

namespace usher::server {

std::vector<ServedAddress> addresses_of(const config::Snapshot& snapshot) {
  std::vector<ServedAddress> addresses;
  std::unordered_map<std::string, std::size_t> counts;
  for (std::size_t i = 0; i < snapshot.listeners.size(); ++i) {
    for (const config::ListenAddress& address : snapshot.listeners[i].addresses) {
      const std::size_t before = counts[address.text]++;
      addresses.push_back(
          {.key = address.text + '#' + std::to_string(before), .listener = i, .address = address});
    }
  }
  return addresses;
}

tl::expected<AddressPlan, std::string> plan_addresses(const config::Snapshot& snapshot,
                                                      const std::vector<std::string>& served,
                                                      std::size_t workers) {
  AddressPlan plan;
  plan.workers.resize(workers);
  for (const ServedAddress& address : addresses_of(snapshot)) {
    plan.keys.push_back(address.key);
    for (auto& of_worker : plan.workers) {
      of_worker.push_back({.key = address.key, .listener = address.listener, .address = {}});
    }
    if (std::find(served.begin(), served.end(), address.key) != served.end()) continue;
    auto bound = bind_addresses({address.address}, workers);
    if (!bound) return tl::unexpected(bound.error());
    for (BoundAddress& one : *bound) {
      plan.lines.push_back("listening outbound " + one.text);
      for (std::size_t i = 0; i < workers; ++i) {
        plan.workers[i].back().sockets.push_back(std::move(one.sockets[i]));
      }
    }
  }
  return plan;
}

}  // namespace usher::server
