// Snapshot: the whole configuration, checked and compiled. Nothing in it changes after load().
//
// Owner: shared_ptr<const Snapshot>, held by the server and each worker.  Thread: any (renewing a
// signer's token: main).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "cache/redis_options.h"
#include "config/address.h"
#include "config/written.h"
#include "filter/signer.h"
#include "policy/destination_list.h"
#include "policy/limits.h"
#include "route/endpoint.h"
#include "route/router.h"
#include "route/service_directory.h"
#include "upstream/cluster_options.h"

namespace usher::config {

// One outbound listener and what it serves: the main one every service without a listener of its
// own, a service's own one that service alone.
struct OutboundListener {
  std::vector<ListenAddress> addresses;
  route::Router router;
};

struct DrainOptions {
  Duration delay = Duration::zero();            // between "not ready" and closed listeners
  Duration timeout = std::chrono::seconds(25);  // for calls in flight after that
};

struct Snapshot {
  std::string consumer;
  unsigned workers = 1;
  bool annotate = true;  // Usher-* answer headers
  LogLevel log_level = LogLevel::Info;
  AccessLog access_log = AccessLog::Errors;
  ListenAddress admin;
  DrainOptions drain;
  policy::Limits limits;
  policy::ConsumerTimeouts consumer_timeouts;
  std::size_t cache_memory_bytes = std::size_t{32} * 1024 * 1024;
  std::optional<cache::RedisOptions> redis;  // nothing: answers are kept in memory alone
  std::vector<upstream::ClusterOptions> clusters;
  std::vector<std::unique_ptr<filter::Signer>> signers;
  std::vector<std::unique_ptr<route::Endpoint>> endpoints;  // by Endpoint::index
  std::vector<OutboundListener> listeners;                  // [0]: outbound.listen
  route::ServiceDirectory directory;                        // by index in `clusters`
  policy::DestinationList connect;                          // outbound.connect
  bool forward_unmatched = false;                           // outbound.unmatched
  Duration detect_timeout = std::chrono::milliseconds(100);
  Written written;
};

}  // namespace usher::config
