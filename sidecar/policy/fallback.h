// Fallback: a fixed answer that stands in for an owner that cannot give one.
//
// Thread: any; immutable once loaded.
#pragma once

#include <string>

#include "policy/status_set.h"

namespace usher::policy {

struct Fallback {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  // The final answers that it replaces, the owner's as well as Usher's own (breaker, limits,
  // timeouts, no connection): those that say that the owner is not there.
  StatusSet on{502, 503, 504};

  // `mutation_may_have_arrived`: the consumer must learn that the outcome is not known.
  bool applies(int final_status, bool mutation_may_have_arrived) const {
    return on.contains(final_status) && !mutation_may_have_arrived;
  }
};

}  // namespace usher::policy
