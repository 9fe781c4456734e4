// BackgroundCalls: calls that a worker makes without a consumer: to fetch anew what it has just
// answered with something stale.
//
// Each is an Exchange like any other, with the head of the call that found the stale answer, and
// somewhere to write where nobody reads.
//
// Owner: server::Worker.  Thread: worker.  Bounds: kMax at a time; more are not made.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "cache/entry.h"
#include "proxy/consumer.h"
#include "proxy/exchange_pool.h"
#include "route/router.h"

namespace usher::proxy {

struct WorkerSnapshot;

// What a background call is for.
struct Refresh {
  cache::CacheKey flight;  // which it leads
  cache::EntryRef stale;
  std::shared_ptr<WorkerSnapshot> snapshot;  // which the call that found it went by
};

class BackgroundCalls {
 public:
  static constexpr std::size_t kMax = 64;

  BackgroundCalls(net::Network& network, ExchangePool& exchanges);
  ~BackgroundCalls();
  BackgroundCalls(const BackgroundCalls&) = delete;
  BackgroundCalls& operator=(const BackgroundCalls&) = delete;

  // Begins one at the end of this turn; `head` is copied, `router` is of its Snapshot. False: there
  // are too many.
  bool start(std::string_view head, const route::Router& router, const Refresh& refresh);
  std::size_t active() const { return calls_.size(); }
  // Ends all of them, and begins no more.
  void shut();

 private:
  class Call;

  void remove(const Call& call);

  net::Network* network_;
  ExchangePool* exchanges_;
  std::vector<std::unique_ptr<Call>> calls_;
  bool is_shut_ = false;
};

}  // namespace usher::proxy
