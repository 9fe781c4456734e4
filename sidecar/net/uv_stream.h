// UvStream: a Stream on a libuv TCP handle, which serves Unix sockets as well. The rules for
// closing handles live here and in uv_stream.cc.
//
// Owner: its UvNetwork's slab, from its making to libuv's close callback. Thread: the loop's.
#pragma once

#include <uv.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/chunk.h"
#include "base/timer_wheel.h"
#include "net/network.h"
#include "net/own_connections.h"
#include "net/stream.h"

namespace usher::net {

class UvNetwork;

class UvStream final : public Stream, private Task, private TimerEvents {
 public:
  // How long close_gracefully() may take to send what is queued.
  static constexpr Duration kFlush = std::chrono::seconds(10);
  // Then it waits for the peer's end: so long while the peer is silent, and so long in all.
  static constexpr Duration kLinger = std::chrono::seconds(1);
  static constexpr Duration kLingerMax = std::chrono::seconds(10);

  explicit UvStream(UvNetwork& network);
  ~UvStream() = default;

  // For UvNetwork: each leaves the stream open, or closing after false. start_connect is false when
  // there is no socket; any other error is an on_failure.
  bool start_connect(const SocketAddress& address, StreamEvents& events);
  // Takes the descriptor over, whatever comes. `is_local`: of a Unix socket.
  bool start_accepted(int fd, bool is_local);

  // For Tunnels: connected, and nothing has failed.
  bool is_open() const { return state_ == State::Open; }
  // Another descriptor of the connection; -1 when there is none to be had.
  int duplicate_descriptor() const;
  struct Rest {
    std::string unsent;  // of what was queued
    OwnConnection own;
  };
  // As close(), but what is left is for whoever has another descriptor of the connection.
  Rest hand_over();

  // Was closed by close_gracefully().
  bool lingers() const { return lingers_; }

  bool write(std::span<const std::string_view> parts) override;
  std::size_t queued_bytes() const override { return queue_.size(); }
  std::uint64_t sent_bytes() const override { return sent_bytes_; }
  bool is_quiet() const override;
  std::optional<SocketAddress> original_destination() const override;
  bool is_from_self() const override;
  void pause() override;
  void resume() override;
  void set_events(StreamEvents& events) override { events_ = &events; }
  void close() override;
  void reset() override;
  void close_gracefully() override;

 private:
  enum class State : std::uint8_t {
    Connecting,
    Open,
    Failed,     // on_failure is due, or was delivered
    Flushing,   // close_gracefully: the queue is being sent
    Lingering,  // FIN was sent; what arrives is discarded
    Closing,    // until libuv's close callback
  };

  bool connect_local(const SocketAddress& address);
  void run() override;                   // delivers on_failure, or on_connected of a Unix socket
  void on_timer(Timer& timer) override;  // the end of Flushing or Lingering

  void init_handle();
  int descriptor() const;  // -1 when there is none
  void start_reading();
  void send_queue();
  void fail();
  void linger();
  void discarded();
  void begin_close();

  static void alloc_callback(uv_handle_t* handle, std::size_t suggested, uv_buf_t* buffer);
  static void read_callback(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer);
  static void write_callback(uv_write_t* request, int status);
  static void connect_callback(uv_connect_t* request, int status);
  static void close_callback(uv_handle_t* handle);

  UvNetwork* network_;
  StreamEvents* events_ = nullptr;  // null once closed by the owner
  ChunkQueue queue_;
  std::uint64_t sent_bytes_ = 0;
  std::size_t writing_bytes_ = 0;  // of the queue's front, in the uv_write in flight; 0: none
  State state_ = State::Open;
  bool paused_ = false;
  bool above_mark_ = false;
  bool peer_ended_ = false;  // it sent FIN
  bool lingers_ = false;
  bool is_local_ = false;  // a Unix socket
  OwnConnection own_;      // where this process opened it
  Instant linger_until_{};
  Timer timer_{*this};
  union {
    uv_handle_t handle;
    uv_stream_t stream;
    uv_tcp_t tcp;
  } uv_;
  // One after the other: connecting, then one write at a time, then the shutdown.
  union {
    uv_connect_t connect;
    uv_write_t write;
    uv_shutdown_t shutdown;
  } request_;
};

}  // namespace usher::net
