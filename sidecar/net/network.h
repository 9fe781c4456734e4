// Network: where streams, time and later come from. THE SEAM's other half (net/stream.h).
//
// Thread: the loop's.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/intrusive_list.h"
#include "base/timer_wheel.h"
#include "net/address.h"
#include "net/stream.h"

namespace usher::net {

// Something to do at the end of this turn of the loop: once for each Network::defer(). Destroying
// it cancels it.
class Task : public ListHook {
 public:
  virtual void run() = 0;

 protected:
  ~Task() = default;
};

class ListenerEvents {
 public:
  // A connection came in. Returns the events for it, or null to close it at once.
  virtual StreamEvents* on_accept(Stream& stream) = 0;
  // May another connection be accepted? When not, connections wait in the kernel until
  // Network::resume_accepting().
  virtual bool may_accept() = 0;
  // One came in for which the process had no descriptor but its reserve: as on_accept, but for a
  // few words and an end.
  virtual StreamEvents* on_overflow(Stream&) { return nullptr; }
  // Accepting failed for want of a descriptor or of memory; it is tried again soon.
  virtual void on_accept_failed() {}

 protected:
  ~ListenerEvents() = default;
};

class ResolveEvents {
 public:
  // The addresses of a name, with the port asked for; empty when there are none or the resolver
  // failed.
  virtual void on_resolved(const std::vector<SocketAddress>& addresses) = 0;

 protected:
  ~ResolveEvents() = default;
};

// Somebody who holds streams that nobody uses just now. Destroying it ends that.
class Spare : public ListHook {
 public:
  // Closes one of them, so that its descriptor is free. False when there is none.
  virtual bool close_one() = 0;

 protected:
  ~Spare() = default;
};

// How a tunnel went.
struct TunnelEnd {
  // Sent since join(), what the streams had queued and `to_b` included.
  std::uint64_t bytes_to_b = 0;
  std::uint64_t bytes_to_a = 0;
  bool cut = false;  // one side failed, which the other learnt by a reset
};

class TunnelEvents {
 public:
  // Both sides have sent their end, or one has failed. The tunnel is gone.
  virtual void on_tunnel_ended(const TunnelEnd& end) = 0;

 protected:
  ~TunnelEvents() = default;
};

// Two streams joined by Network::join().
class Tunnel {
 public:
  // Resets both sides. No event follows, the pointer is dead to the caller.
  virtual void close() = 0;

 protected:
  ~Tunnel() = default;
};

class Network {
 public:
  // The monotonic time, read once per turn.
  virtual Instant now() const = 0;
  // Milliseconds since 1970.
  virtual std::int64_t wall_ms() const = 0;

  // `timer` fires at `when` or a tick later. Timers are cancelled by Timer::cancel().
  virtual void arm(Timer& timer, Instant when) = 0;

  // Runs `task` when the events of this turn are done. A task that is already waiting stays where
  // it is.
  virtual void defer(Task& task) = 0;

  // Has `action` run on the loop's thread. Thread: any. Lost when the loop has ended.
  virtual void post(std::function<void()> action) = 0;

  // Starts to connect; on_connected or on_failure follows. Null when the process is out of sockets,
  // even after a spare one was closed.
  virtual Stream* connect(const SocketAddress& address, StreamEvents& events) = 0;

  // Starts to look `name` up; one on_resolved follows unless cancel_resolve() comes first.
  virtual void resolve(const std::string& name, std::uint16_t port, ResolveEvents& events) = 0;
  virtual void cancel_resolve(ResolveEvents& events) = 0;

  // Carries bytes between two connected streams, both ways and each way's end by itself, until both
  // have ended; neither stream's events hear anything more, and both pointers are dead to the
  // caller. `to_b` goes to b first, before anything that a sends from now on. Queued bytes of the
  // streams go first too. Null, with both streams as they were, when the process is out of
  // descriptors (even after a spare one was closed), when one of them has failed, or where the
  // network cannot do it. REQUIRES: streams of this network itself, not of TLS over it, and not the
  // same one twice.
  virtual Tunnel* join(Stream& a, Stream& b, std::string_view to_b, TunnelEvents& events) {
    (void)a, (void)b, (void)to_b, (void)events;
    return nullptr;
  }

  // may_accept() may be true again.
  virtual void resume_accepting() = 0;

  // Streams whose owners have closed them gracefully, and which are not gone yet. When one goes,
  // accepting is resumed.
  virtual std::size_t lingering() const = 0;

  // Is asked, in turns with others, when connect() finds no socket.
  void add_spare(Spare& spare) { spares_.push_back(spare); }

 protected:
  ~Network() = default;
  // False when nobody has any.
  bool close_a_spare();

 private:
  IntrusiveList<Spare> spares_;
};

}  // namespace usher::net
