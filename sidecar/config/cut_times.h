// Which times of an endpoint's policy were cut because a shorter one ends first.
#pragma once

#include <cstdint>
#include <vector>

#include "config/policy_settings.h"
#include "config/written.h"

namespace usher::config {

// Appends those of `policy`, which effective_policy() has made of the settings. `endpoint`: its
// index.
void add_cut_times(std::uint32_t endpoint, const policy::EndpointPolicy& policy,
                   const PolicySettings& own, const PolicySettings& service,
                   const PolicySettings& defaults, std::vector<CutTime>& cuts);

}  // namespace usher::config
