// LiveState: what a running sidecar adds to an explanation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/circuit_breaker.h"

namespace usher::explain {

struct LiveHost {
  std::string address;   // as configured
  std::string resolved;  // empty: not known
  bool ejected = false;
  std::size_t connections = 0;
  std::size_t idle = 0;
  std::size_t waiting = 0;  // calls, for a connection
};

struct LiveState {
  std::optional<policy::BreakerSnapshot> breaker{};  // nothing: the endpoint has none
  std::uint64_t retries_left = 0;                    // that the owner's budget grants now
  std::vector<LiveHost> hosts{};                     // of the owner
};

}  // namespace usher::explain
