#include "policy/circuit_breaker.h"

#include <algorithm>

#include "base/check.h"
#include "policy/backoff.h"
#include "policy/jitter.h"

// Invariants, under the lock: word_ changes in move_to() alone, and every change of state begins a
// new generation. leases_ holds probes in HalfOpen only. A success never opens the breaker: the
// triggers are looked at when a failure or a slow call is counted.

namespace usher::policy {
namespace {

Instant from_nanoseconds(std::int64_t nanoseconds) {
  return Instant(Duration(nanoseconds));
}

}  // namespace

std::string_view to_string(BreakerState state) {
  switch (state) {
    case BreakerState::Closed:
      return "closed";
    case BreakerState::Open:
      return "open";
    case BreakerState::HalfOpen:
      return "half_open";
    case BreakerState::ForcedOpen:
      return "forced_open";
    case BreakerState::ForcedClosed:
      return "forced_closed";
  }
  return "";
}

std::string_view to_string(BreakerReason reason) {
  switch (reason) {
    case BreakerReason::Start:
      return "start";
    case BreakerReason::Consecutive:
      return "consecutive";
    case BreakerReason::Failures:
      return "failures";
    case BreakerReason::FailureRate:
      return "failure_rate";
    case BreakerReason::SlowRate:
      return "slow_rate";
    case BreakerReason::OpenTimeOver:
      return "open_time_over";
    case BreakerReason::ProbeFailed:
      return "probe_failed";
    case BreakerReason::ProbeLost:
      return "probe_lost";
    case BreakerReason::ProbesPassed:
      return "probes_passed";
    case BreakerReason::Admin:
      return "admin";
  }
  return "";
}

CircuitBreaker::CircuitBreaker(const BreakerOptions& options, BreakerObserver* observer)
    : word_(std::uint64_t{1} << kStateBits),
      observer_(observer),
      calls_(options.window),
      failures_(options.window),
      slow_(options.window) {
  leases_.fill(kNever);
  apply(options);
}

void CircuitBreaker::apply(const BreakerOptions& options) {
  USHER_CHECK(options.failure_threshold <= kMaxFailureThreshold);
  USHER_CHECK(options.half_open_calls >= 1 && options.half_open_calls <= kMaxProbes);
  options_ = options;
  failure_times_.assign(static_cast<std::size_t>(std::max(options.failure_threshold, 0)), kNever);
  slow_call_nanoseconds_ = options.slow_rate > 0 ? options.slow_call.count() : 0;
  counts_calls_ = options.failure_rate > 0 || options.slow_rate > 0;
  shadow_ = options.shadow;
  clear_window();
}

void CircuitBreaker::reconfigure(const BreakerOptions& options) {
  const std::lock_guard lock(mutex_);
  if (!(options == options_)) apply(options);
}

// --- before an attempt -----------------------------------------------------------------------

BreakerPermit CircuitBreaker::refuse(Duration retry_in) const {
  // In shadow mode the call goes all the same, but says nothing of an owner that would have been
  // left alone.
  return {.granted = shadow_.load(std::memory_order_relaxed),
          .probe = false,
          .slot = 0,
          .generation = BreakerPermit::kUncounted,
          .retry_in = std::max(retry_in, Duration::zero())};
}

BreakerPermit CircuitBreaker::admit(Instant now, Duration per_try, Random& random) {
  const std::uint64_t word = word_.load(std::memory_order_acquire);
  const BreakerState seen = state_of(word);
  if (is_passing(seen)) {
    BreakerPermit permit;
    permit.granted = true;
    permit.generation = generation_of(word);
    return permit;
  }
  if (seen == BreakerState::ForcedOpen) return refuse(Duration::zero());
  const Instant open_until =
      from_nanoseconds(open_until_nanoseconds_.load(std::memory_order_relaxed));
  if (seen == BreakerState::Open && now < open_until) return refuse(open_until - now);

  Change change;
  BreakerPermit permit;
  {
    const std::lock_guard lock(mutex_);
    const Instant until = from_nanoseconds(open_until_nanoseconds_);
    if (state() == BreakerState::Open && now >= until) {
      change = move_to(BreakerState::HalfOpen, BreakerReason::OpenTimeOver);
    } else if (state() == BreakerState::HalfOpen && lease_ran_out(now)) {
      change = open(BreakerReason::ProbeLost, std::nullopt, now, random);
    }
    permit = admit_probe(now, per_try);
  }
  tell(change);
  return permit;
}

// Whatever the state has become until the lock was there.
BreakerPermit CircuitBreaker::admit_probe(Instant now, Duration per_try) {
  if (is_passing(state())) {
    BreakerPermit permit;
    permit.granted = true;
    permit.generation = generation_of(word_);
    return permit;
  }
  if (state() != BreakerState::HalfOpen) {
    return refuse(from_nanoseconds(open_until_nanoseconds_) - now);
  }
  const auto end = leases_.begin() + options_.half_open_calls;
  const auto free = std::find(leases_.begin(), end, kNever);
  if (free == end) return refuse(*std::min_element(leases_.begin(), end) - now);
  *free = now + per_try + kLeaseMargin;
  return {.granted = true,
          .probe = true,
          .slot = static_cast<std::uint8_t>(free - leases_.begin()),
          .generation = generation_of(word_),
          .retry_in = {}};
}

bool CircuitBreaker::lease_ran_out(Instant now) const {
  return std::any_of(leases_.begin(), leases_.end(),
                     [now](Instant lease) { return lease != kNever && now >= lease; });
}

// --- after an attempt ------------------------------------------------------------------------

void CircuitBreaker::record(const BreakerPermit& permit, const BreakerResult& result, Instant now,
                            Random& random) {
  const std::uint64_t word = word_.load(std::memory_order_acquire);
  if (generation_of(word) != permit.generation) return;
  if (state_of(word) == BreakerState::ForcedClosed) return;
  const bool slow = result.verdict != Verdict::Ignored && is_slow(result.took);
  if (state_of(word) == BreakerState::Closed) {
    if (result.verdict == Verdict::Ignored) return;
    if (counts_calls_.load(std::memory_order_relaxed)) calls_.add(now);
    if (result.verdict == Verdict::Success) {
      if (consecutive_failures_.load(std::memory_order_relaxed) != 0) consecutive_failures_ = 0;
      if (!slow) return;
    }
  }
  Change change;
  {
    const std::lock_guard lock(mutex_);
    if (generation_of(word_) != permit.generation) return;
    if (state() == BreakerState::HalfOpen) {
      record_probe(permit, result, now, random, change);
    } else {
      count_bad(result, slow, now);
      const BreakerReason reason = trigger(now);
      if (reason != BreakerReason::Start) change = open(reason, result.retry_after, now, random);
    }
  }
  tell(change);
}

void CircuitBreaker::record_probe(const BreakerPermit& permit, const BreakerResult& result,
                                  Instant now, Random& random, Change& change) {
  Instant& lease = leases_[permit.slot];
  if (lease == kNever) return;
  const bool late = now >= lease;
  lease = kNever;
  if (late) {
    change = open(BreakerReason::ProbeLost, result.retry_after, now, random);
  } else if (result.verdict == Verdict::Failure ||
             (result.verdict == Verdict::Success && is_slow(result.took))) {
    change = open(BreakerReason::ProbeFailed, result.retry_after, now, random);
  } else if (result.verdict == Verdict::Success &&
             ++probe_successes_ >= options_.success_threshold) {
    opens_ = 0;
    change = move_to(BreakerState::Closed, BreakerReason::ProbesPassed);
  }
}

void CircuitBreaker::count_bad(const BreakerResult& result, bool slow, Instant now) {
  if (slow) slow_.add(now);
  if (result.verdict != Verdict::Failure) return;
  ++consecutive_failures_;
  failures_.add(now);
  if (failure_times_.empty()) return;
  failure_times_[failures_seen_ % failure_times_.size()] = now;
  ++failures_seen_;
}

BreakerReason CircuitBreaker::trigger(Instant now) const {
  const int consecutive = options_.consecutive_failures;
  if (consecutive > 0 && consecutive_failures_ >= consecutive) return BreakerReason::Consecutive;
  if (failures_within_window(now)) return BreakerReason::Failures;
  if (!counts_calls_) return BreakerReason::Start;
  const std::uint64_t calls = calls_.sum(now);
  if (rate_reached(options_.failure_rate, failures_.sum(now), calls)) {
    return BreakerReason::FailureRate;
  }
  if (rate_reached(options_.slow_rate, slow_.sum(now), calls)) return BreakerReason::SlowRate;
  return BreakerReason::Start;
}

// The last failure_threshold failures all lie within the window.
bool CircuitBreaker::failures_within_window(Instant now) const {
  const std::size_t threshold = failure_times_.size();
  if (threshold == 0 || failures_seen_ < threshold) return false;
  // The next one to be overwritten is the oldest.
  return now - failure_times_[failures_seen_ % threshold] < options_.window;
}

bool CircuitBreaker::rate_reached(double rate, std::uint64_t bad, std::uint64_t calls) const {
  if (rate <= 0 || calls < static_cast<std::uint64_t>(options_.minimum_calls)) return false;
  return static_cast<double>(bad) >= rate * static_cast<double>(calls);
}

void CircuitBreaker::clear_window() {
  consecutive_failures_ = 0;
  failures_seen_ = 0;
  calls_.reset(options_.window);
  failures_.reset(options_.window);
  slow_.reset(options_.window);
}

// --- changes ---------------------------------------------------------------------------------

BreakerChange CircuitBreaker::open(BreakerReason reason, std::optional<Duration> retry_after,
                                   Instant now, Random& random) {
  ++opens_;
  Duration time = doubled(options_.reset_timeout, options_.reset_timeout_max, opens_);
  if (opens_ > 1) {
    const double spread = options_.jitter * static_cast<double>(time.count());
    time += random_below(random, Duration(static_cast<std::int64_t>(spread)));
  }
  if (retry_after) time = std::max(time, std::min(*retry_after, options_.retry_after_max));
  open_until_nanoseconds_ = (now + time).time_since_epoch().count();
  return move_to(BreakerState::Open, reason, time);
}

BreakerChange CircuitBreaker::move_to(BreakerState state, BreakerReason reason, Duration open_for) {
  const std::uint64_t word = word_;
  // A generation is never kUncounted, not even after 2^32 changes.
  const std::uint32_t generation = std::max(generation_of(word) + 1, std::uint32_t{1});
  clear_window();
  leases_.fill(kNever);
  probe_successes_ = 0;
  reason_ = reason;
  word_.store((std::uint64_t{generation} << kStateBits) | static_cast<std::uint64_t>(state),
              std::memory_order_release);
  return {.from = state_of(word),
          .to = state,
          .reason = reason,
          .generation = generation,
          .open_for = open_for};
}

void CircuitBreaker::tell(const Change& change) {
  if (change && observer_ != nullptr) observer_->on_breaker_change(*this, *change);
}

void CircuitBreaker::force_open() {
  force(BreakerState::ForcedOpen);
}

void CircuitBreaker::force_closed() {
  force(BreakerState::ForcedClosed);
}

void CircuitBreaker::reset() {
  force(BreakerState::Closed);
}

void CircuitBreaker::force(BreakerState state) {
  Change change;
  {
    const std::lock_guard lock(mutex_);
    opens_ = 0;
    change = move_to(state, BreakerReason::Admin);
  }
  tell(change);
}

BreakerSnapshot CircuitBreaker::snapshot(Instant now) const {
  const std::lock_guard lock(mutex_);
  const std::uint64_t word = word_;
  const Instant until = from_nanoseconds(open_until_nanoseconds_);
  const bool is_open = state_of(word) == BreakerState::Open;
  const auto probes =
      leases_.size() - static_cast<std::size_t>(std::count(leases_.begin(), leases_.end(), kNever));
  return {.state = state_of(word),
          .reason = reason_,
          .generation = generation_of(word),
          .opens = opens_,
          .consecutive_failures = consecutive_failures_,
          .calls = calls_.sum(now),
          .failures = failures_.sum(now),
          .slow = slow_.sum(now),
          .probes = static_cast<int>(probes),
          .probe_successes = probe_successes_,
          .retry_in = is_open ? std::max(until - now, Duration::zero()) : Duration::zero(),
          .shadow = options_.shadow};
}

}  // namespace usher::policy
