// "hedge": false, or when and how often.
//
// Thread: main.
#pragma once

#include <optional>

#include "config/object_reader.h"
#include "policy/hedge_policy.h"

namespace usher::config {

struct HedgeSettings {
  std::optional<policy::HedgeOptions> options{};  // nothing: false
  Place delay_place{};                            // of "delay", where it is written
};

// The "hedge" of an object with policy keys.
std::optional<Placed<HedgeSettings>> read_hedge(ObjectReader& parent, Problems& problems);

}  // namespace usher::config
