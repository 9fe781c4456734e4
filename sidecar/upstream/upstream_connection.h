// UpstreamConnection: one connection to one address of an owner; connecting, idle in its pool, or
// leased to an attempt.
//
// While it is leased, the attempt gets the stream's events itself; an idle connection listens for
// its own end, so that the pool never hands out one that the owner is known to have closed.
//
// Owner: its ConnectionPool, which recycles it at the end of the turn in which it is discarded.
// Thread: worker.
#pragma once

#include <cstdint>

#include "base/intrusive_list.h"
#include "base/timer_wheel.h"
#include "net/network.h"
#include "net/stream.h"

namespace usher::upstream {

class ConnectionPool;

// Links of ConnectionPool's lists of connecting and of idle connections.
struct PoolHook : ListHook {};

class UpstreamConnection final : public PoolHook,
                                 private net::StreamEvents,
                                 private TimerEvents,
                                 private net::Task {
 public:
  UpstreamConnection(ConnectionPool& pool, Instant created);

  // Where a lease ends.
  ConnectionPool& pool() { return *pool_; }
  // REQUIRES: leased.
  net::Stream& stream() { return *stream_; }
  // It carried a call before this one, so that the owner may be closing it just now (semantics:
  // Retry::IfConnectionWasReused).
  bool reused() const { return calls_ > 1; }

 private:
  friend class ConnectionPool;

  void on_connected() override;
  void on_read(std::string_view bytes) override;
  void on_end() override;
  void on_writable() override {}
  void on_failure() override;
  void on_timer(Timer& timer) override;
  void run() override;  // recycles it

  ConnectionPool* pool_;
  net::Stream* stream_ = nullptr;  // null: closed
  Instant created_;
  Instant idle_since_{};
  std::uint32_t calls_ = 0;
  bool connected_ = false;
  Timer timer_{*this};  // of connecting, then of idling
};

}  // namespace usher::upstream
