// ClusterOptions: what the configuration says of one owning service's network side.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "policy/breaker_options.h"
#include "policy/concurrency_limit.h"
#include "policy/outlier_detector.h"
#include "policy/retry_budget.h"

namespace usher::upstream {

// One configured address, "http://ticket-service:3004". A HostResolver knows what it stands for.
struct HostAddress {
  std::string host;  // name or literal, no brackets
  std::uint16_t port = 80;
  std::string authority;  // for the Host field: "ticket-service:3004", brackets around IPv6, no
                          // port when it is 80

  bool operator==(const HostAddress&) const = default;
};

struct ClusterOptions {
  std::string service;
  std::vector<HostAddress> addresses;      // at least one; hosts beyond HostSet::kMax are not used
  std::size_t connections_per_host = 256;  // of one worker
  std::size_t pending = 1024;              // calls of one worker that may wait for a connection

  policy::RetryBudgetOptions retry_budget{};
  policy::ConcurrencyOptions concurrency{};  // of all its endpoints, in the whole process
  policy::OutlierOptions outlier{};
  policy::BreakerOptions breaker = policy::BreakerOptions::rates();  // of BreakerScope::Service

  // Whether a Cluster made for these can go on for `other`, but for its addresses.
  bool has_same_bounds(const ClusterOptions& other) const {
    return connections_per_host == other.connections_per_host && pending == other.pending &&
           outlier == other.outlier;
  }
};

}  // namespace usher::upstream
