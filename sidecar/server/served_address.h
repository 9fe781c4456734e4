// ServedAddress: an address that consumers call, and what is served there.
//
// Thread: main; a worker's is handed over to it.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "config/snapshot.h"
#include "net/listen_socket.h"

namespace usher::server {

struct ServedAddress {
  std::string key;           // the same in the next Snapshot: the one that stays
  std::size_t listener = 0;  // whose it is, by its index in the Snapshot
  config::ListenAddress address;
  std::vector<net::ListenSocket> sockets{};  // of one worker; none: it listens already
};

// All of a Snapshot. Those with a port that the kernel chooses may be there several times.
std::vector<ServedAddress> addresses_of(const config::Snapshot& snapshot);

// What consumers can call, and the sockets for what they could not call before.
struct AddressPlan {
  std::vector<std::vector<ServedAddress>> workers;  // of each
  std::vector<std::string> keys;
  std::vector<std::string> lines;  // to print, of the new ones
};

// Binds what is not `served` yet, by its key. Errors: a sentence.
tl::expected<AddressPlan, std::string> plan_addresses(const config::Snapshot& snapshot,
                                                      const std::vector<std::string>& served,
                                                      std::size_t workers);

}  // namespace usher::server
