// MemoryBudget: how much the calls of one worker hold, against a bound.
//
// It refuses nothing itself: whoever takes more asks is_spent() first where it can still say no,
// and is_tight() where it can do with less.
//
// Thread: the owner's; used() is for any. Cost: a load, an addition and a store.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace usher {

// Told when much memory comes into use, so that it can be given back to the system later.
class SurgeEvents {
 public:
  virtual void on_surge() = 0;

 protected:
  ~SurgeEvents() = default;
};

class MemoryBudget {
 public:
  // What is a surge: less than this is not worth the way to the system.
  static constexpr std::size_t kSurge = 8 * 1024 * 1024;

  explicit MemoryBudget(std::size_t limit = SIZE_MAX) : limit_(limit) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  std::size_t limit() const { return limit_; }
  std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  // Over a quarter is in use: early enough for the rest to do for many who hold little each.
  bool is_tight() const { return used() > limit_ / 4; }
  // Over nine tenths are in use: what has begun may go on with the rest.
  bool is_spent() const { return used() > limit_ - limit_ / 10; }

  // May exceed the limit.
  void take(std::size_t bytes) {
    const std::size_t now_used = used() + bytes;
    used_.store(now_used, std::memory_order_relaxed);
    if (now_used > surge_at_) surge();
  }
  void give_back(std::size_t bytes) { used_.store(used() - bytes, std::memory_order_relaxed); }

  // Tells `events` of the next surge, once.
  void watch(SurgeEvents& events) {
    events_ = &events;
    surge_at_ = kSurge;
  }

 private:
  void surge() {
    surge_at_ = SIZE_MAX;
    events_->on_surge();
  }

  std::size_t limit_;
  std::atomic<std::size_t> used_{0};
  std::size_t surge_at_ = SIZE_MAX;
  SurgeEvents* events_ = nullptr;
};

// One object's part of a budget, which ends with it.
class MemoryCharge {
 public:
  explicit MemoryCharge(MemoryBudget& budget) : budget_(&budget) {}
  ~MemoryCharge() { set(0); }
  MemoryCharge(const MemoryCharge&) = delete;
  MemoryCharge& operator=(const MemoryCharge&) = delete;

  // From now on it is so much.
  void set(std::size_t bytes) {
    if (bytes == bytes_) return;
    budget_->give_back(bytes_);
    budget_->take(bytes);
    bytes_ = bytes;
  }

 private:
  MemoryBudget* budget_;
  std::size_t bytes_ = 0;
};

}  // namespace usher
