// SpliceFlow: one way of a tunnel: bytes from one socket to another through a pipe, which the
// kernel moves without copying them here, and the end behind them.
//
// It reads only when all that it has read before is sent: what is on its way is bounded by one
// pipe. It has a pipe only while bytes are stuck in it. Where there is no pipe to be had, or a
// socket that cannot be spliced, it copies.
//
// Owner: a SpliceTunnel. Thread: the loop's. Source: splice(2).
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "net/pipe_pool.h"

namespace usher::net {

// A connected socket. What it is ready for is believed until the system says otherwise (EAGAIN),
// and again from the next edge on.
struct SpliceSocket {
  int fd = -1;
  bool readable = false;
  bool writable = false;
};

class SpliceFlow {
 public:
  // How much it carries before others have their turn.
  static constexpr int kStepsPerTurn = 32;
  static constexpr std::size_t kBytesPerTurn = 1024 * 1024;

  enum class State : std::uint8_t {
    Moving,   // there may be more to do at once
    Waiting,  // for an edge of one of its sockets
    Ended,    // the end was read and sent
    Failed,
  };

  // `first` is sent before anything is read.
  SpliceFlow(SpliceSocket& from, SpliceSocket& to, PipePool& pipes)
      : from_(&from), to_(&to), pipes_(&pipes) {}

  void put(std::string first) { copied_ = std::move(first); }
  // From now on bytes are copied: splice(2) does not get past one that is sent out of band.
  void copy_only() { copies_ = true; }

  State carry();
  // Whether a Moving flow has something to send next, or something to read.
  bool is_sending() const { return !pipe_.empty() || !copied_.empty(); }
  std::uint64_t sent_bytes() const { return sent_bytes_; }
  void drop_pipe() { pipe_.give_back(); }

 private:
  static constexpr std::size_t kCopyBytes = 16 * 1024;

  State read();
  State send();
  ssize_t splice_in();
  ssize_t copy_in();
  ssize_t copy_out();

  SpliceSocket* from_;
  SpliceSocket* to_;
  PipePool* pipes_;
  Pipe pipe_;
  std::string copied_;  // sent before what is in the pipe
  std::uint64_t sent_bytes_ = 0;
  bool copies_ = false;
  bool ended_ = false;
};

}  // namespace usher::net
