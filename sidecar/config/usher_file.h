// usher.json: this process.
#pragma once

#include <vector>

#include "config/policy_settings.h"
#include "config/reference.h"
#include "config/snapshot.h"

namespace usher::config {

struct PlacedAddress {
  ListenAddress address;
  Place place;
};

struct UsherSettings {
  const Value* written = nullptr;  // the file; null: it could not be read
  std::vector<PlacedAddress> outbound;
  PlacedAddress admin;
  RetryPresets presets;
  PolicySettings defaults;
};

// Reads `root` into `snapshot` (what belongs to the process itself) and the result (what is
// needed further on). A consumer that is there already stays; an unusable one stays empty.
UsherSettings read_usher_file(const Value& root, References& references, Snapshot& snapshot,
                              Problems& problems);

// "listen": one address or a list of them; empty when it is absent or wrong.
std::vector<PlacedAddress> read_listen(ObjectReader& reader, Problems& problems);

}  // namespace usher::config
