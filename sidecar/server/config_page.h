// The configuration on the admin port: what this process runs by, and why.
//
//   GET /config                          effective settings, what the files say, the revision
//   GET /endpoints[?service=&endpoint=]  each endpoint with its effective policy
//   GET /explain?method=&target=[&consumer=][&header=name: value]…[&format=json|text]
//       what would happen to that call: 200 when it would be sent, 422 when Usher would refuse it
//
// Secrets stand here as the references that name them, never as what they are.
//
// Thread: main. Blocks for as long as it takes to write the page.
#pragma once

#include <filesystem>
#include <span>
#include <string_view>

#include "config/snapshot.h"
#include "proxy/shared_state.h"
#include "server/admin_server.h"
#include "server/connections_page.h"

namespace usher::server {

inline constexpr std::string_view kConfigPath = "/config";
inline constexpr std::string_view kEndpointsPath = "/endpoints";
inline constexpr std::string_view kExplainPath = "/explain";

// The configuration in use.
struct ConfigFacts {
  const config::Snapshot& snapshot;
  std::string_view revision;  // tells it from others, by whatever the caller counts in
  std::span<const std::filesystem::path> files;
};

AdminAnswer answer_config(const AdminRequest& request, const ConfigFacts& facts);

AdminAnswer answer_endpoints(const AdminRequest& request, const config::Snapshot& snapshot);

// What is live in the answer comes from `shared`, which must be the snapshot's, and `workers`,
// which may be none.
AdminAnswer answer_explain(const AdminRequest& request, const config::Snapshot& snapshot,
                           proxy::SharedState& shared, std::span<const Inventory> workers,
                           Instant now);

}  // namespace usher::server
