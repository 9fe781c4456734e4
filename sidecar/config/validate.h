// What no file can be wrong about alone: names that stand twice, and listeners that cannot be bound
// together.
#pragma once

#include <vector>

#include "config/service_file.h"
#include "config/usher_file.h"

namespace usher::config {

void validate(const UsherSettings& usher, const std::vector<ServiceSettings>& services,
              Problems& problems);

}  // namespace usher::config
