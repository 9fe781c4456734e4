#include "server/served_address.h"

#include <unordered_map>

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

}  // namespace usher::server
