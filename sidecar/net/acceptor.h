// Acceptor: takes connections off one listening socket.
//
// It never spins: a turn accepts a bounded number; where nobody may be taken it stops watching the
// socket (connections wait in the kernel) until resume(); where a resource is missing it is quiet
// for kQuiet. libuv's own listener would call accept() again and again there.
//
// When the process is out of descriptors, a reserve descriptor is given up for one connection at a
// time, so that its peer is told and does not wait.
//
// Owner: UvNetwork, until close(); then itself, until libuv's close callback. Thread: the loop's.
// Source of what accept() may say: accept(2), "Error handling".
#pragma once

#include <uv.h>

#include <cstdint>

#include "base/timer_wheel.h"
#include "net/listen_socket.h"
#include "net/network.h"

namespace usher::net {

class UvNetwork;

// A descriptor that does nothing but be there.
class ReserveDescriptor {
 public:
  ReserveDescriptor() = default;
  ReserveDescriptor(const ReserveDescriptor&) = delete;
  ReserveDescriptor& operator=(const ReserveDescriptor&) = delete;
  ~ReserveDescriptor() { give_up(); }

  // Has it again, if there is one to be had. Returns whether it is there.
  bool hold();
  // Returns whether it was there.
  bool give_up();

 private:
  int fd_ = -1;
};

class Acceptor final : private TimerEvents {
 public:
  static constexpr unsigned kBatchMax = 64;
  static constexpr Duration kQuiet = std::chrono::milliseconds(100);
  static constexpr Duration kLogInterval = std::chrono::seconds(10);

  Acceptor(UvNetwork& network, ListenSocket socket, ListenerEvents& events);

  bool is_for(const ListenerEvents& events) const { return events_ == &events; }

  // There may be room again: for a connection, a stream or a descriptor.
  void resume();
  // Stops listening, and deletes itself.
  void close();

 private:
  ~Acceptor() = default;

  enum class State : std::uint8_t {
    Watching,
    Waiting,  // for resume(): nobody may be taken
    Quiet,    // for the timer, or resume(): a resource is missing
    Closed,
  };

  void on_timer(Timer& timer) override;
  void accept_batch();
  bool accept_one();
  int accept();
  void go_quiet(int error);
  void watch();
  void stop_watching(State why);
  void hand_over(int fd, bool by_reserve);

  UvNetwork* network_;
  ListenerEvents* events_;
  bool is_local_;  // a Unix socket
  int fd_;
  State state_ = State::Watching;
  unsigned batch_ = 1;
  Timer timer_{*this};
  Instant log_at_{};           // the next line about failures may be written
  std::int64_t failures_ = 0;  // since the last line
  uv_poll_t poll_{};
};

}  // namespace usher::net
