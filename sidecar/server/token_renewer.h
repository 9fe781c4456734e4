// TokenRenewer: has each signer renew what expires, ahead of time, on the main thread: signing a
// token takes longer than a worker's loop can spare.
//
// Owner: Server.  Thread: main.
#pragma once

#include <memory>
#include <utility>

#include "base/timer_wheel.h"
#include "config/snapshot.h"
#include "net/network.h"

namespace usher::server {

class TokenRenewer final : private TimerEvents {
 public:
  // After a renewal that failed.
  static constexpr Duration kRetry = std::chrono::seconds(10);
  // The wall clock may be set while the monotonic one runs on, so it is looked at this often.
  static constexpr Duration kLongestSleep = std::chrono::seconds(60);

  TokenRenewer(net::Network& network, std::shared_ptr<const config::Snapshot> snapshot)
      : network_(&network), snapshot_(std::move(snapshot)) {}

  void start() { renew_due(); }
  void stop() { timer_.cancel(); }
  // Goes on with the signers of another Snapshot. Calls that run end with the tokens they began
  // with.
  void renew_for(std::shared_ptr<const config::Snapshot> snapshot) {
    timer_.cancel();
    snapshot_ = std::move(snapshot);
    renew_due();
  }

 private:
  void on_timer(Timer&) override { renew_due(); }
  void renew_due();

  net::Network* network_;
  std::shared_ptr<const config::Snapshot> snapshot_;
  Timer timer_{*this};
};

}  // namespace usher::server
