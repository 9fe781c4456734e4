// Consumer: who made a call, as its Exchange sees it: a connection, or the sidecar itself when it
// fetches an answer anew behind a stale one (background_calls.h).
//
// Thread: worker.
#pragma once

#include <cstdint>

#include "net/stream.h"

namespace usher::proxy {

// Why reading is paused; it goes on when no reason is left.
enum class PauseReason : std::uint8_t { OwnerIsSlow = 1, Pipelined = 2 };

// What becomes of the connection after a call.
enum class CallEnd : std::uint8_t { KeepAlive, Close, Reset };

class Consumer {
 public:
  virtual net::Stream& stream() = 0;
  virtual bool is_paused(PauseReason reason) const = 0;
  virtual void pause(PauseReason reason) = 0;
  virtual void resume(PauseReason reason) = 0;
  // A write of the answer did not fit: on_writable must come before the consumer's body timeout.
  virtual void expect_writable() = 0;
  virtual bool is_write_stalled() const = 0;
  // The call is over; the Exchange returns to its pool at the end of the turn.
  virtual void on_call_finished(CallEnd end) = 0;

 protected:
  ~Consumer() = default;
};

}  // namespace usher::proxy
