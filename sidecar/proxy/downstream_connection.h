// DownstreamConnection: a consumer's connection. Finds heads, gives each to an Exchange, one after
// another, in order.
//
//   Idle ──first byte──> Head ──whole head──> Call ──on_call_finished──> Finished ──end of turn──>
//   Idle, or closed
//
// A connection that was redirected here begins in Detect, until its first bytes say what it
// carries. HTTP goes on in Idle; what is no endpoint's call goes through Passing as others through
// Call. Anything else is carried: Relaying until its destination is there, then Joined to its end
// (downstream_intercept.cc).
//
// Bytes behind a call (a pipelined one) wait in pending_ with reading paused until the call has
// been answered.
//
// Owner: OutboundListener's slab; recycled at the end of a turn only.  Thread: worker.
// Memory: an idle connection owns no buffer.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/chunk.h"
#include "base/timer_wheel.h"
#include "net/network.h"
#include "net/stream.h"
#include "proxy/call_choice.h"
#include "proxy/consumer.h"
#include "proxy/exchange_pool.h"
#include "proxy/pass_through.h"
#include "proxy/raw_relay.h"
#include "route/router.h"

namespace usher::proxy {

class OutboundListener;

// Links of OutboundListener's list of open connections.
struct OpenHook : ListHook {};

class DownstreamConnection final : public OpenHook,
                                   public Consumer,
                                   public net::StreamEvents,
                                   private RawRelayEvents,
                                   private TimerEvents,
                                   private net::Task {
 public:
  DownstreamConnection(OutboundListener& listener, net::Stream& stream);

  // The kernel redirected it here. At once after it was made.
  void redirected_from(const Destination& destination);
  // Its other end is this process: whatever it asks for is refused.
  void is_from_self();

  // Ends it for the end of the process: a call that is running is cut, an answer that is on its way
  // is sent.
  void shut();

  // Ends it when no call runs; else with the call.
  void retire();

  // Some bytes of a head have come, but not all.
  bool reads_head() const { return state_ == State::Head; }
  // Carries bytes that it does not read.
  bool is_tunnel() const { return state_ == State::Relaying || state_ == State::Joined; }
  // Null between calls, and where a call is no endpoint's.
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
  enum class State : std::uint8_t {
    Detect,
    Idle,
    Head,
    Call,
    Passing,
    Finished,
    Relaying,
    Joined,
    Closed,
  };

  // What a connection that is more than a base URL's has besides.
  struct Interception {
    std::optional<Destination> to;  // where it was redirected from, or what CONNECT opened
    bool is_loop = false;
    bool answers_connect = false;  // the relay's destination is to be confirmed
    std::string first;             // goes to the relay's destination before all else
    std::unique_ptr<RawRelay> relay;
    std::unique_ptr<PassThrough> pass;
    std::optional<ExchangePool::Guest> guest;  // while something is on its way
  };

  void on_read(std::string_view bytes) override;
  void on_end() override;
  void on_writable() override;
  void on_failure() override;
  void on_timer(Timer& timer) override;
  void run() override;  // the end of the turn after Finished or Closed

  const route::Router& router() const;
  void consume(std::string_view bytes);
  bool take_head(std::string_view& bytes);
  void start_call(std::string_view head, std::string_view& bytes, std::string_view rest,
                  const route::Router& router, const Error* refusal = nullptr);
  void refuse_head(const Error& error);
  void drop_head();
  void lose_consumer();
  bool awaits_body() const;
  Duration body_timeout() const;

  // --- downstream_intercept.cc ---
  Interception& intercept();
  bool is_intercepted(std::string_view head) const;
  void detect(std::string_view bytes);
  void on_detect_timer();
  void take_intercepted(std::string_view input, std::size_t size, std::string_view& bytes);
  bool carry_unread(std::string_view input);
  void pass_through(const CallChoice& choice, std::string_view& bytes, std::string_view rest);
  void open_tunnel(const CallChoice& choice, std::string_view& bytes, std::string_view rest);
  void relay(const Destination& destination, std::string first);
  bool is_for_service() const;
  void dial(const Destination& destination);
  void join();
  void on_relay_dialled() override;
  void on_relay_failed(bool was_there) override;
  void on_server_first() override { join(); }
  void on_relay_ended() override;

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
  std::unique_ptr<Interception> interception_;  // null: nothing of the kind
};

}  // namespace usher::proxy
