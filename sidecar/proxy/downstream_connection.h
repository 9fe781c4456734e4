// DownstreamConnection: a consumer's connection. Finds heads, gives each to an Exchange, one after
// another, in order.
//
//   Idle ──first byte──> Head ──whole head──> Call ──on_call_finished──> Finished ──end of turn──>
//   Idle, or closed
//
// Bytes behind a call (a pipelined one) wait in pending_ with reading paused until the call has
// been answered.
//
// Owner: OutboundListener's slab; recycled at the end of a turn only.  Thread: worker.
// Memory: an idle connection owns no buffer.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/chunk.h"
#include "base/timer_wheel.h"
#include "net/network.h"
#include "net/stream.h"
#include "proxy/consumer.h"
#include "proxy/exchange_pool.h"
#include "route/router.h"

namespace usher::proxy {

class OutboundListener;

// Links of OutboundListener's list of open connections.
struct OpenHook : ListHook {};

class DownstreamConnection final : public OpenHook,
                                   public Consumer,
                                   public net::StreamEvents,
                                   private TimerEvents,
                                   private net::Task {
 public:
  DownstreamConnection(OutboundListener& listener, net::Stream& stream);

  // Ends it for the end of the process: a call that is running is cut, an answer that is on its way
  // is sent.
  void shut();

  // Ends it when no call runs; else with the call.
  void retire();

  // Some bytes of a head have come, but not all.
  bool reads_head() const { return state_ == State::Head; }
  // Null between calls.
  const Exchange* call() const { return exchange_.get(); }

  // For the Exchange of the call.
  net::Stream& stream() override { return *stream_; }
  bool is_paused(PauseReason reason) const override {
    return (paused_ & static_cast<std::uint8_t>(reason)) != 0;
  }
  void pause(PauseReason reason) override;
  void resume(PauseReason reason) override;
  void expect_writable() override;
  bool is_write_stalled() const override { return write_stalled_; }
  void on_call_finished(CallEnd end) override;

 private:
  enum class State : std::uint8_t { Idle, Head, Call, Finished, Closed };

  void on_read(std::string_view bytes) override;
  void on_end() override;
  void on_writable() override;
  void on_failure() override;
  void on_timer(Timer& timer) override;
  void run() override;  // the end of the turn after Finished or Closed

  const route::Router& router() const;
  void consume(std::string_view bytes);
  bool take_head(std::string_view& bytes);
  void refuse_head(const Error& error);
  void drop_head();
  void stash(std::string_view bytes);
  enum class StreamEnd : std::uint8_t { AtOnce, Gracefully, Reset };
  void close_stream(StreamEnd end);
  void go_on();
  void expect_body();
  void arm(Duration timeout);

  OutboundListener* listener_;
  net::Stream* stream_;  // null: closed
  std::unique_ptr<Exchange> exchange_;
  State state_ = State::Idle;
  CallEnd end_ = CallEnd::KeepAlive;
  std::uint8_t paused_ = 0;  // bits of PauseReason
  bool peer_ended_ = false;
  bool write_stalled_ = false;
  Timer timer_{*this};  // idle, head, or progress within a call
  std::size_t scanned_ = 0;
  std::string head_;  // of a call that came in pieces
  MemoryCharge head_charge_;
  ChunkQueue pending_;
};

}  // namespace usher::proxy
