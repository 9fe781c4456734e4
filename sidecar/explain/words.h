// Policies in words, a sentence each.
//
// Thread: any. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/snapshot.h"
#include "explain/live_state.h"
#include "explain/retry_plan.h"

namespace usher::explain {

// When it opens, for how long, what closes it; one line that there is none.
std::vector<std::string> describe_breaker(const config::Snapshot& snapshot,
                                          const route::Endpoint& endpoint);
// The state at this moment.
std::string describe_state(const policy::BreakerSnapshot& breaker);

// What is tried again, and how much of it the budget bears; one line where nothing is.
std::vector<std::string> describe_retries(const config::Snapshot& snapshot,
                                          const route::Endpoint& endpoint, const RetryPlan& plan);
// Hedges, places, queues.
std::vector<std::string> describe_limits(const config::Snapshot& snapshot,
                                         const route::Endpoint& endpoint);

}  // namespace usher::explain
