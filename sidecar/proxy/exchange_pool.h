// ExchangePool: the exchanges of one worker, kept for the next call instead of freed.
//
// Owner: server::Worker.  Thread: worker.
#pragma once

#include <memory>
#include <vector>

#include "proxy/exchange.h"

namespace usher::proxy {

class ExchangePool {
 public:
  // Free exchanges beyond this many are freed, so that a burst does not keep its memory.
  static constexpr std::size_t kKept = 128;

  explicit ExchangePool(WorkerResources& resources) : resources_(&resources) {}

  std::unique_ptr<Exchange> take() {
    ++active_;
    if (free_.empty()) return std::make_unique<Exchange>(*resources_);
    std::unique_ptr<Exchange> exchange = std::move(free_.back());
    free_.pop_back();
    return exchange;
  }

  void give_back(std::unique_ptr<Exchange> exchange) {
    exchange->recycle();
    if (free_.size() < kKept) free_.push_back(std::move(exchange));
    leave();
  }

  // What is no call of an endpoint's and yet to be ended before the process goes: counts while it
  // is there.
  class Guest {
   public:
    explicit Guest(ExchangePool& pool) : pool_(&pool) { ++pool.active_; }
    ~Guest() { pool_->leave(); }
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;

   private:
    ExchangePool* pool_;
  };

  // Calls that have not ended.
  std::size_t active() const { return active_; }
  // Free ones.
  std::size_t kept() const { return free_.size(); }

 private:
  void leave() {
    --active_;
    if (active_ == 0 && resources_->draining && resources_->drain_events != nullptr) {
      resources_->drain_events->on_calls_finished();
    }
  }

  WorkerResources* resources_;
  std::vector<std::unique_ptr<Exchange>> free_;
  std::size_t active_ = 0;
};

}  // namespace usher::proxy
