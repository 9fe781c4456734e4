#include "policy/concurrency_limit.h"

#include "base/check.h"

namespace usher::policy {

LimitWaiter::~LimitWaiter() {
  if (limit_ != nullptr) limit_->cancel(*this);
}

ConcurrencyLimit::~ConcurrencyLimit() {
  USHER_CHECK(waiting_ == 0);
}

ConcurrencyLimit::Entry ConcurrencyLimit::enter(LimitWaiter& waiter, Instant now) {
  USHER_CHECK(!waiter.queued());
  // Nobody overtakes those who wait, not even when the limit was raised.
  const bool has_room = options_.max_concurrent == 0 || entered_ < options_.max_concurrent;
  if (has_room && waiting_ == 0) {
    ++entered_;
    return Entry::Entered;
  }
  if (waiting_ >= options_.max_queue) return Entry::Refused;
  ++waiting_;
  waiters_.push_back(waiter);
  waiter.limit_ = this;
  waiter.give_up_at_ = now + options_.queue_timeout;
  return Entry::Queued;
}

LimitWaiter* ConcurrencyLimit::leave() {
  USHER_CHECK(entered_ > 0);
  --entered_;
  return grant();
}

// After the limit was lowered places are given up, not passed on.
LimitWaiter* ConcurrencyLimit::grant() {
  if (options_.max_concurrent != 0 && entered_ >= options_.max_concurrent) return nullptr;
  LimitWaiter* const next = waiters_.front();
  if (next == nullptr) return nullptr;
  cancel(*next);
  ++entered_;
  return next;
}

void ConcurrencyLimit::cancel(LimitWaiter& waiter) {
  if (waiter.limit_ == nullptr) return;
  USHER_CHECK(waiter.limit_ == this);
  waiter.unlink();
  waiter.limit_ = nullptr;
  --waiting_;
}

}  // namespace usher::policy
