// Dialler: connects to a Destination: looks its name up where it has one, and tries its addresses
// one after another.
//
// Owner: whoever wants the connection; destroying it ends the attempt.  Thread: worker.
#pragma once

#include <string>
#include <vector>

#include "base/timer_wheel.h"
#include "net/network.h"
#include "proxy/destination.h"
#include "proxy/worker_resources.h"

namespace usher::proxy {

class DiallerEvents {
 public:
  // It is connected, and the receiver's: its events go to the dialler until set_events(), so they
  // must be set at once.
  virtual void on_dialled(net::Stream& stream) = 0;
  virtual void on_dial_failed() = 0;

 protected:
  ~DiallerEvents() = default;
};

class Dialler final : private net::StreamEvents,
                      private net::ResolveEvents,
                      private net::Task,
                      private TimerEvents {
 public:
  // For all addresses together; longer than a lost SYN or two.
  static constexpr Duration kTimeout = std::chrono::seconds(10);

  Dialler(WorkerResources& resources, DiallerEvents& events)
      : resources_(&resources), network_(&resources.network), events_(&events) {}
  ~Dialler();
  Dialler(const Dialler&) = delete;
  Dialler& operator=(const Dialler&) = delete;

  // One event follows, in a later turn or at the end of this one. A name that leads to the
  // sidecar's own listeners or to a link-local address leads nowhere; literal addresses are the
  // caller's to check.
  void dial(const Destination& destination);
  // No event follows.
  void cancel();

 private:
  void on_resolved(const std::vector<net::SocketAddress>& addresses) override;
  void on_connected() override;
  void on_read(std::string_view) override {}
  void on_end() override {}
  void on_writable() override {}
  void on_failure() override;
  void run() override { fail(); }
  void on_timer(Timer&) override { fail(); }
  bool is_forbidden(const net::SocketAddress& address) const;
  void try_next();
  void fail();

  WorkerResources* resources_;
  net::Network* network_;
  DiallerEvents* events_;
  std::vector<net::SocketAddress> addresses_;
  std::size_t next_ = 0;
  net::Stream* stream_ = nullptr;  // on its way
  bool resolving_ = false;
  Timer timer_{*this};
};

}  // namespace usher::proxy
