// RefusedConnection: a consumer's connection for which there is no room. It is answered 503
// OVERLOADED and closed; what it asks for is not read, but for the method HEAD, whose answer has no
// body.
//
// The answer waits for the consumer's first bytes, or kPatience: HTTP clients take an answer that
// is there before their call for a broken connection.
//
// Owner: OutboundListener's slab; recycled at the end of a turn only.  Thread: worker.
#pragma once

#include "base/intrusive_list.h"
#include "base/timer_wheel.h"
#include "net/network.h"
#include "net/stream.h"

namespace usher::proxy {

class OutboundListener;

// Links of OutboundListener's list of refused connections.
struct RefusedHook : ListHook {};

class RefusedConnection final : public RefusedHook,
                                public net::StreamEvents,
                                private TimerEvents,
                                private net::Task {
 public:
  static constexpr Duration kPatience = std::chrono::milliseconds(100);

  RefusedConnection(OutboundListener& listener, net::Stream& stream);

  // Ends it at once.
  void shut();

 private:
  void on_read(std::string_view bytes) override { answer(bytes.starts_with("HEAD ")); }
  void on_end() override { shut(); }
  void on_writable() override {}
  void on_failure() override { shut(); }
  void on_timer(Timer&) override { answer(false); }
  void run() override;  // the end of the turn in which it was closed

  void answer(bool head_only);
  void leave();

  OutboundListener* listener_;
  net::Stream* stream_;  // null: closed
  Timer timer_{*this};
};

}  // namespace usher::proxy
