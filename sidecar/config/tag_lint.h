// Tags that are made stale and never kept, or kept and never made stale; as warnings.
//
// Thread: main.  Costs: about linear in the number of tags.
#pragma once

#include <vector>

#include "config/lint.h"

namespace usher::config {

// REQUIRES: a configuration without mistakes; who keeps a tag may stand in any file.
void lint_tags(const std::vector<LintedEndpoint>& endpoints, Problems& problems);

}  // namespace usher::config
