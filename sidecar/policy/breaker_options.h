// BreakerOptions: when a circuit breaker opens, for how long, and what closes it.
//
// A trigger of zero is off; those that are on are looked at in the order in which they stand here.
// The defaults are the counting breaker of the platform's client: 5 failures in 60 s open it for
// 30 s, 3 successes close it.
#pragma once

#include "base/clock.h"
#include "policy/outcome.h"

namespace usher::policy {

struct BreakerOptions {
  Duration window = std::chrono::seconds(60);  // of failure_threshold and the rates

  int consecutive_failures = 0;  // failures without a success between
  int failure_threshold = 5;     // failures within the window, whatever succeeds between them
  double failure_rate = 0;       // failures per call within the window
  double slow_rate = 0;          // calls of slow_call or longer, per call within the window
  Duration slow_call{};
  int minimum_calls = 20;  // within the window, before a rate means something

  Duration reset_timeout = std::chrono::seconds(30);  // open for this long
  // While probes keep failing the open time doubles up to this, plus a share of jitter. The first
  // opening lasts reset_timeout exactly.
  Duration reset_timeout_max = std::chrono::seconds(60);
  double jitter = 0.5;
  // A Retry-After on the answer that opens it lengthens the open time up to this.
  Duration retry_after_max = std::chrono::seconds(60);

  int half_open_calls = 1;    // probes at the same time
  int success_threshold = 3;  // probes in a row that close it

  bool shadow = false;  // counts and tells, but refuses nothing
  FailureRules failures;

  bool operator==(const BreakerOptions&) const = default;

  // Rates instead of counts: half the calls of 10 s fail, or 5 in a row.
  static BreakerOptions rates() {
    BreakerOptions options;
    options.window = std::chrono::seconds(10);
    options.consecutive_failures = 5;
    options.failure_threshold = 0;
    options.failure_rate = 0.5;
    options.reset_timeout = std::chrono::seconds(5);
    return options;
  }
};

}  // namespace usher::policy
