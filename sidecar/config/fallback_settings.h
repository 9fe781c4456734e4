// "fallback" of an endpoint.
//
// Thread: main.
#pragma once

#include <optional>

#include "config/object_reader.h"
#include "policy/fallback.h"

namespace usher::config {

// Bounds: a body of at most 64 KiB.
std::optional<policy::Fallback> read_fallback(ObjectReader& endpoint, Problems& problems);

}  // namespace usher::config
