// How much an owner, or one of its endpoints, is asked for at once, and which of its addresses are:
// "concurrency", "owner_concurrency", "retry_budget" and "outlier".
//
// Thread: main.
#pragma once

#include <optional>
#include <string_view>

#include "config/object_reader.h"
#include "policy/concurrency_limit.h"
#include "upstream/cluster_options.h"

namespace usher::config {

struct ConcurrencySettings {
  policy::ConcurrencyOptions options;
  Place queue_timeout_place{};  // where it is written
};
std::optional<Placed<ConcurrencySettings>> read_concurrency(ObjectReader& parent,
                                                            std::string_view key,
                                                            Problems& problems);

// What a service file says of all its endpoints together.
void read_owner_settings(ObjectReader& service, upstream::ClusterOptions& cluster,
                         Problems& problems);

}  // namespace usher::config
