// RetryPlan: when the attempts of a call are made, if one after the other fails.
//
// Thread: any. Pure.
#pragma once

#include <vector>

#include "base/clock.h"
#include "policy/endpoint_policy.h"

namespace usher::explain {

struct PlannedAttempt {
  int number;          // from 1
  Duration pause_max;  // before it: a random time from zero up to, not including, this
  Duration earliest;   // it begins, since the call's head: all before it failed at once
  Duration latest;     // … all before it took all their time, and the pauses were the longest
  Duration timeout;    // until the head of its answer, when it begins at `latest`
  bool always;         // there is time for it even then
};

struct RetryPlan {
  Duration call_timeout;  // bounds all of it; the consumer's own, where that is shorter
  policy::Repeatability repeatability;
  // Where the call may not be repeated further attempts are made only after no byte of it was sent.
  std::vector<PlannedAttempt> attempts;
};

// `asked`: X-Request-Timeout-Ms.
RetryPlan plan_retries(const policy::EndpointPolicy& policy, policy::Repeatability repeatability,
                       std::optional<Duration> asked);

}  // namespace usher::explain
