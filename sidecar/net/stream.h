// Stream: bytes in order to and from one peer. THE SEAM: all I/O of a call goes through here, to
// the operating system or to a simulated network (test/sim).
//
// Nothing here calls its caller back: every StreamEvents call comes from the loop, in a turn of its
// own or later in the same one, and none comes after close().
//
// Thread: the loop's. Errors: an Error never comes back from write(); a stream that failed says so
// once, by on_failure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "net/address.h"

namespace usher::net {

class StreamEvents {
 public:
  // A stream of Network::connect is connected. Never for an accepted one.
  virtual void on_connected() {}
  // Bytes arrived; they are valid until this returns. Not while reading is paused.
  virtual void on_read(std::string_view bytes) = 0;
  // The peer sends no more (FIN). Writing goes on.
  virtual void on_end() = 0;
  // The bytes that write() had to queue are down to half the mark again. Only after a write() that
  // returned false.
  virtual void on_writable() = 0;
  // Connecting, reading or writing failed. No event follows; the owner must close().
  virtual void on_failure() = 0;

 protected:
  ~StreamEvents() = default;
};

class Stream {
 public:
  // Sends `parts` in order: what the socket takes now goes at once, the rest is copied and queued.
  // Returns false when more than the mark is queued: write no more until on_writable (nothing is
  // lost if one does).
  virtual bool write(std::span<const std::string_view> parts) = 0;
  virtual std::size_t queued_bytes() const = 0;
  // Of all that was written, what the operating system has taken: bytes that the peer may have.
  virtual std::uint64_t sent_bytes() const = 0;

  // False when bytes, an end or a failure of the peer have arrived that no event has told of yet.
  // One system call.
  virtual bool is_quiet() const = 0;

  // Of an accepted connection that the kernel redirected to the listener: where it was going
  // (SO_ORIGINAL_DST). Nothing for one that was aimed at the listener itself. Two system calls at
  // most; to be asked before anything else, while the kernel still knows.
  virtual std::optional<SocketAddress> original_destination() const { return std::nullopt; }
  // Whether the other end of an accepted connection is one that this process opened: a loop. Takes
  // a lock.
  virtual bool is_from_self() const { return false; }

  // Reading is on from the start. A paused stream does not notice its peer's end or failure.
  virtual void pause() = 0;
  virtual void resume() = 0;

  // Hands over to other events, from the next event on.
  virtual void set_events(StreamEvents& events) = 0;

  // Ends it at once: queued bytes are lost, no event follows, the pointer is dead to the caller.
  virtual void close() = 0;
  // As close(), but the peer learns of it by a reset: for an answer without a length that was cut
  // short.
  virtual void reset() = 0;
  // As close() to the caller; behind it, queued bytes are sent first, then FIN, and what the peer
  // still sends is discarded for a while, so that a reset does not overtake the last answer (RFC
  // 9112 §9.6).
  virtual void close_gracefully() = 0;

 protected:
  ~Stream() = default;
};

}  // namespace usher::net
