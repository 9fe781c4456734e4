// Settings → Snapshot: policies looked up, allowlists decided for this consumer, signers
// configured, routers built.
#pragma once

#include <cstdint>
#include <vector>

#include "config/service_file.h"
#include "config/snapshot.h"
#include "config/usher_file.h"

namespace usher::config {

// Completes `snapshot`, in which read_usher_file() has filled in the process's own part. What is
// wrong in the settings is left out; what compiling finds wrong (shadowed endpoints, signers and
// their secrets) goes to `problems`.
void compile(const UsherSettings& usher, std::vector<ServiceSettings> services, std::int64_t now_ms,
             References& references, Problems& problems, Snapshot& snapshot);

}  // namespace usher::config
