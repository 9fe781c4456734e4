// Lint: what is legal, but hardly meant so; as warnings.
//
// Of single values their readers warn; here is what becomes visible only when all levels and files
// are put together.
//
// Thread: main.  Costs: about linear in the size of the configuration.
#pragma once

#include <vector>

#include "config/json_value.h"
#include "config/problem.h"
#include "config/snapshot.h"

namespace usher::config {

// An endpoint of the Snapshot, and the objects that it was written in.
struct LintedEndpoint {
  const route::Endpoint* endpoint = nullptr;
  const Value* value = nullptr;
  const Value* service = nullptr;
};

// `usher`: the root of usher.json; null where it could not be read.
void lint(const Value* usher, const std::vector<LintedEndpoint>& endpoints,
          const Snapshot& snapshot, Problems& problems);

}  // namespace usher::config
