// services/*.json: one owning service and its endpoints, as written; compile.h makes a Snapshot of
// them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/policy_settings.h"
#include "config/reference.h"
#include "config/usher_file.h"
#include "route/path_template.h"
#include "upstream/cluster_options.h"

namespace usher::config {

// Names of consumers; nothing: everybody.
using Allowlist = std::optional<std::vector<std::string>>;

struct EndpointSettings {
  const Value* written = nullptr;  // its object
  std::string name;
  Place place;  // of the name, or of the object where it has none
  Place match_place;
  http::Method method = http::Method::Get;
  route::PathTemplate match;    // base_path included
  route::PathTemplate path;     // without it
  route::PathTemplate rewrite;  // bound to `match`
  Allowlist consumers;
  const Value* auth = nullptr;  // its own
  PolicySettings policy;
};

// What consumers call a service besides its addresses.
struct ServiceHost {
  std::string host;
  std::optional<std::uint16_t> port;  // nothing: at each port of its addresses
};

struct ServiceSettings {
  const Value* written = nullptr;  // its file
  std::string name;
  Place place;  // of the name
  upstream::ClusterOptions cluster;
  std::vector<ServiceHost> hosts;
  std::vector<PlacedAddress> listen;  // empty: the main listener
  Allowlist consumers;
  const Value* auth = nullptr;
  PolicySettings policy;
  std::vector<EndpointSettings> endpoints;  // those that are whole
};

// Borrows `root`.
ServiceSettings read_service_file(const Value& root, References& references,
                                  const RetryPresets& presets, Problems& problems);

}  // namespace usher::config
