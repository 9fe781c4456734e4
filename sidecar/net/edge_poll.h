// EdgePoll: says when sockets have become readable or writable or have failed, once for each
// change.
//
// libuv tells the same thing again and again until it is dealt with. A tunnel that waits for one
// side would have to stop watching the other one, and would then not hear of its reset; and a peer
// that has sent its end would wake the loop for ever. Here whoever is told keeps in mind what is
// readable and writable until the system says EAGAIN, and watching costs nothing after it began.
//
// An epoll descriptor of its own, edge-triggered, which the loop watches: opened with the first
// socket. Owner: a UvNetwork's Tunnels. Thread: the loop's. Source: epoll(7).
#pragma once

#include <sys/epoll.h>
#include <uv.h>

#include <cstdint>

namespace usher::net {

class EdgeEvents {
 public:
  // EPOLLIN and so on. From the loop.
  virtual void on_edge(std::uint32_t events) = 0;

 protected:
  ~EdgeEvents() = default;
};

class EdgePoll {
 public:
  explicit EdgePoll(uv_loop_t* loop) : loop_(loop) {}
  // REQUIRES: close() was called and the loop has turned since.
  ~EdgePoll() = default;
  EdgePoll(const EdgePoll&) = delete;
  EdgePoll& operator=(const EdgePoll&) = delete;

  // What is ready now is told in the next turn. False when the system is out of something.
  bool watch(int fd, EdgeEvents& events);
  // Has what is ready told anew in the next turn, for those who have not dealt with all of it.
  void tell_again(int fd, EdgeEvents& events);
  // REQUIRES: `events` lives to the end of this turn, in which it may still be told of something.
  void forget(int fd);

  // The end of it.
  void close();

 private:
  // Told in one turn at most.
  static constexpr std::size_t kBatch = 64;

  bool open();
  void tell();

  uv_loop_t* loop_;
  int fd_ = -1;
  uv_poll_t poll_{};
};

}  // namespace usher::net
