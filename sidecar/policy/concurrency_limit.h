// ConcurrencyLimit: how many calls of one endpoint, or to one owner, are on their way at once.
//
// A bulkhead: an owner that hangs must not take all of Usher with it. Who finds no place queues
// briefly, first come first served, and is refused (OVERLOADED) when the queue is full or its time
// is over.
//
//     enter ──> Entered ────────────────────> leave() ──> nobody, or the first waiter, which enters
//          ├──> Queued ──> leave() of another ┘
//          │          └──> cancel(): its time is over, or its consumer left
//          └──> Refused
//
// A call enters its endpoint's limit first and its owner's then, so that the queue of one slow
// endpoint fills no places of the owner; it leaves them in the opposite order.
//
// Owner: the worker. The configured limits are of the process; each worker has its share of them
// (share_of_worker), since a call never moves between workers and so no place could.
// Thread: worker. Allocates nothing. A waiter that is destroyed leaves the queue.
// Bounds: max_queue waiters.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/intrusive_list.h"

namespace usher::policy {

struct ConcurrencyOptions {
  std::size_t max_concurrent = 0;  // 0: no limit
  std::size_t max_queue = 16;
  Duration queue_timeout = std::chrono::milliseconds(100);

  bool operator==(const ConcurrencyOptions&) const = default;
};

// What one of `workers` gets of a limit of the process, at least one (but nothing of nothing).
constexpr std::size_t share_of_worker(std::size_t limit, std::size_t workers) {
  return (limit + workers - 1) / workers;
}

class ConcurrencyLimit;

// Whoever waits for a place; part of the Exchange.
class LimitWaiter : private ListHook {
 public:
  LimitWaiter() = default;
  LimitWaiter(const LimitWaiter&) = delete;
  LimitWaiter& operator=(const LimitWaiter&) = delete;
  ~LimitWaiter();

  bool queued() const { return limit_ != nullptr; }
  // Of a queued one: when to cancel() and refuse.
  Instant give_up_at() const { return give_up_at_; }

 private:
  friend class ConcurrencyLimit;
  friend class IntrusiveList<LimitWaiter>;

  ConcurrencyLimit* limit_ = nullptr;  // whose queue it is in
  Instant give_up_at_;
};

class ConcurrencyLimit {
 public:
  enum class Entry : std::uint8_t { Entered, Queued, Refused };

  explicit ConcurrencyLimit(const ConcurrencyOptions& options) : options_(options) {}
  ConcurrencyLimit(const ConcurrencyLimit&) = delete;
  ConcurrencyLimit& operator=(const ConcurrencyLimit&) = delete;
  // REQUIRES: nobody waits.
  ~ConcurrencyLimit();

  // REQUIRES: `waiter` is in no queue. Queued: the caller sets a timer for waiter.give_up_at().
  Entry enter(LimitWaiter& waiter, Instant now);

  // Gives a place back. It passes to the waiter that is returned, which has entered by that and
  // must be told (at the end of the turn: it belongs to another call); null when nobody waits.
  [[nodiscard]] LimitWaiter* leave();

  // Once more after reconfigure(): the first waiter where there is room, as leave() returns it.
  [[nodiscard]] LimitWaiter* grant();

  // Takes a waiter out of the queue; nothing happens when it is in none.
  void cancel(LimitWaiter& waiter);

  // New limits for what enters from now on.
  void reconfigure(const ConcurrencyOptions& options) { options_ = options; }

  std::size_t entered() const { return entered_; }
  std::size_t waiting() const { return waiting_; }
  // More than four fifths of the places are taken: no time for hedges.
  bool is_crowded() const {
    return options_.max_concurrent != 0 && entered_ * 5 > options_.max_concurrent * 4;
  }

 private:
  ConcurrencyOptions options_;
  std::size_t entered_ = 0;
  std::size_t waiting_ = 0;
  IntrusiveList<LimitWaiter> waiters_;
};

}  // namespace usher::policy
