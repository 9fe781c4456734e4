// Backoff: how long to wait before the n-th retry: exponential, with full jitter.
//
// Thread: any; the Random is the caller's.
// Source: Envoy's retry back-off, U[0, min(cap, base * (2^n - 1))); Brooker, "Exponential Backoff
// And Jitter" (AWS, 2015) for why the jitter is full.
#pragma once

#include "base/clock.h"
#include "base/random.h"

namespace usher::policy {

struct BackoffOptions {
  Duration initial_delay = std::chrono::milliseconds(25);
  Duration max_delay = std::chrono::milliseconds(250);

  bool operator==(const BackoffOptions&) const = default;
};

// The bound that the n-th delay stays below. REQUIRES: n >= 1.
Duration backoff_bound(const BackoffOptions& options, int n);

// Uniform in [0, backoff_bound(options, n)).
Duration backoff_delay(const BackoffOptions& options, int n, Random& random);

// How long something is shut out for the n-th time in a row: base * 2^(n-1), at most `max`, but
// never less than `base`. REQUIRES: n >= 1.
Duration doubled(Duration base, Duration max, int n);

}  // namespace usher::policy
