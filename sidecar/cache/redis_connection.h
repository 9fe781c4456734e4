// RedisConnection: one connection to one server of Redis: it is dialed, greeted (AUTH, SELECT, a
// name; on demand that it is a master), then serves pipelined commands, or a subscriber.
//
//     Closed ──open()──> Dialing ──> Greeting ──on_ready──> Ready
//        ^                  │            │                    │
//        └───on_closed──────┴────────────┴────────────────────┘
//
// Commands (RedisUse::Commands) are answered in order. What is sent in one turn of the loop leaves
// in one write at its end; what is sent before the connection is ready waits for it. A command that
// is not answered in time closes the connection, so that its late reply cannot be taken for
// another's; so do bytes that are no reply, a reply that nobody asked for and one that is too
// large. A command that was cancelled keeps its place, and its reply is dropped.
//
// A subscriber (RedisUse::Subscriber) gets every reply by on_push and sends by write(); nothing has
// a deadline but the greeting, and it asks by PING itself whether the server is still there.
//
// Owner: whoever opened it. It may not be destroyed in a call of its events or of a command's; it
// may be closed there.  Thread: the loop's.
// Bounds: kOutstandingMax commands, kOutgoingMax bytes that the server has not taken; ReplyLimits.
// Source: http-safety of Redis clients (hiredis issues 508, 240: commands that never hear of it).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/timer_wheel.h"
#include "cache/command_queue.h"
#include "cache/redis_codec.h"
#include "cache/redis_command.h"
#include "cache/redis_transport.h"
#include "net/network.h"

namespace usher::cache {

// How a connection introduces itself.
struct RedisLogin {
  std::string username;  // empty: the default user
  std::string password;  // empty: no AUTH
  unsigned database = 0;
  bool must_be_master = false;  // a replica is as good as nobody

  // As the options say, for a server of their topology that has data.
  static RedisLogin to_data(const RedisOptions& options);
  static RedisLogin to_sentinel(const RedisOptions& options);
};

enum class RedisUse : std::uint8_t { Commands, Subscriber };

class RedisConnectionEvents {
 public:
  virtual void on_ready() {}
  // It is over; commands that waited are told right after this. It may be opened again in a later
  // turn of the loop. Not after close().
  virtual void on_closed(RedisFailure why) = 0;
  // A command was answered, before it is told: with an error that is a refusal (its text), or with
  // anything else (nothing).
  virtual void on_answered(std::string_view /*refusal*/) {}
  // A subscriber's reply.
  virtual void on_push(const RedisReply& /*reply*/) {}

 protected:
  ~RedisConnectionEvents() = default;
};

class RedisConnection final : private RedisDialEvents,
                              private net::StreamEvents,
                              private net::Task,
                              private TimerEvents {
 public:
  static constexpr std::size_t kOutstandingMax = 16 * 1024;
  static constexpr std::size_t kOutgoingMax = 8 * 1024 * 1024;

  enum class State : std::uint8_t { Closed, Dialing, Greeting, Ready };

  RedisConnection(RedisTransport& transport, RedisLogin login, RedisUse use,
                  RedisConnectionEvents& events);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  State state() const { return state_; }
  bool is_ready() const { return state_ == State::Ready; }

  // on_ready or on_closed follows, never inline. REQUIRES: Closed.
  void open(const RedisAddress& address);
  // Ends it. Commands that wait hear at the end of the turn that it is unreachable.
  void close();

  // Sends a command; it has RedisOptions::timeout from now on, and at most once more so long from
  // when the connection is ready. `args` are copied. False: closed, or a bound is reached; nothing
  // follows.
  bool send(RedisCommand& command, std::span<const std::string_view> args);
  // The same with bytes that append_command made: one command. `asking`: with ASKING before it.
  bool send_encoded(RedisCommand& command, std::string_view bytes, bool asking = false);
  // Nothing comes of it any more. REQUIRES: it waits here.
  static void cancel(RedisCommand& command);
  std::size_t outstanding() const { return commands_.size(); }
  // Something was sent in this turn, and waits for its end.
  bool is_gathering() const { return net::Task::linked(); }

  // For a subscriber: sends a command, whose replies come by on_push. False as above, and before it
  // is ready.
  bool write(std::span<const std::string_view> args);

 private:
  void on_dialed(net::Stream& stream) override;
  void on_dial_failed() override;
  void on_read(std::string_view bytes) override;
  void on_end() override;
  void on_writable() override {}
  void on_failure() override;
  void on_timer(Timer& timer) override;
  void run() override;

  bool has_room() const;
  bool take(RedisCommand& command);
  void greet();
  void on_greeted(const RedisReply& reply);
  void become_ready();
  void read_replies();
  void answer(const RedisReply& reply);
  void expire();
  void expire_waiting();
  void fail(RedisFailure why);
  void tell_all(RedisFailure why);
  void shut();

  enum class Greeting : std::uint8_t { Auth, Select, Name, Role };

  RedisTransport* transport_;
  RedisLogin login_;
  RedisUse use_;
  RedisConnectionEvents* events_;
  State state_ = State::Closed;
  RedisDial dial_;
  net::Stream* stream_ = nullptr;  // from Greeting on
  ReplyReader reader_;
  std::string outgoing_;  // not yet given to the stream
  CommandQueue commands_;
  std::uint64_t unwritten_ = 0;  // the first of commands_ that the stream does not have yet
  std::uint8_t greetings_ = 0;   // a bit for each Greeting that is not answered yet
  Timer greeting_timer_{*this};
  Timer command_timer_{*this};
};

}  // namespace usher::cache
