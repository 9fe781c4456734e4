// UvNetwork: the Network on one libuv loop, which it owns and runs.
//
// Owner: a worker (or the main thread).  Thread: one; post() alone is for any thread.
#pragma once

#include <uv.h>

#include <algorithm>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/chunk.h"
#include "base/slab.h"
#include "net/acceptor.h"
#include "net/listen_socket.h"
#include "net/network.h"
#include "net/splice_tunnel.h"
#include "net/uv_stream.h"

namespace usher::net {

// Of libuv, as it runs.
std::string library_version();

// What streams may hold.
struct StreamBuffers {
  // Above so many queued bytes write() returns false.
  std::size_t write_mark = 64 * 1024;
  // Where queued bytes count; while it is tight, streams do with less (UvNetwork::kTightBytes).
  MemoryBudget* budget = nullptr;
};

class UvNetwork final : public Network {
 public:
  // At most `streams_max` streams exist at a time.
  explicit UvNetwork(std::size_t streams_max, const StreamBuffers& buffers = {});
  // REQUIRES: run() has returned, or was never called.
  ~UvNetwork();
  UvNetwork(const UvNetwork&) = delete;
  UvNetwork& operator=(const UvNetwork&) = delete;

  Instant now() const override;
  std::int64_t wall_ms() const override;
  void arm(Timer& timer, Instant when) override { wheel_.arm(timer, when); }
  void defer(Task& task) override;
  Stream* connect(const SocketAddress& address, StreamEvents& events) override;
  void resolve(const std::string& name, std::uint16_t port, ResolveEvents& events) override;
  void cancel_resolve(ResolveEvents& events) override;
  Tunnel* join(Stream& a, Stream& b, std::string_view to_b, TunnelEvents& events) override;
  void resume_accepting() override;
  std::size_t lingering() const override { return lingering_; }

  // Accepts connections of `socket` from now on, until close_listeners().
  void listen(ListenSocket socket, ListenerEvents& events);
  void close_listeners();

  // Stops listening for `events`.
  void close_listeners(const ListenerEvents& events);
  // Streams that exist, those included whose owners have closed them but which still send or
  // linger. A tunnel counts as the two that were joined (beside them, for the rest of that turn).
  std::size_t open_streams() const { return streams_.size() + 2 * tunnels_.size(); }
  const Tunnels& tunnels() const { return tunnels_; }
  // For a configuration with more owners. Thread: the loop's.
  void raise_streams_max(std::size_t count) { streams_.raise_capacity(count); }
  // Counted one by one.
  std::size_t armed_timers() const { return wheel_.armed(); }
  // Blocks of bytes that wait to be written.
  std::size_t chunks_lent() const { return chunks_.lent(); }

  // Calls `handler` on this thread for each arrival of a signal, until run() returns.
  void on_signal(int number, std::function<void()> handler);

  void post(std::function<void()> action) override;

  // Runs the loop until stop(). Every stream that is left is then closed.
  void run();
  void stop();

  // For UvStream.
  uv_loop_t* loop() { return &loop_; }
  ChunkPool& chunks() { return chunks_; }
  std::span<char> read_buffer() { return {read_buffer_.get(), at_most(kReadBufferBytes)}; }
  std::size_t write_mark() const { return at_most(buffers_.write_mark); }
  void destroy(UvStream& stream);
  void stream_lingers() { ++lingering_; }
  // Its descriptor is free: the reserve comes first.
  void stream_closed() {
    if (!acceptors_.empty()) reserve_.hold();
  }

  // For Acceptor.
  bool has_room() const { return open_streams() < streams_.capacity(); }
  ReserveDescriptor& reserve() { return reserve_; }
  // The stream of an accepted connection, which it owns; null when that failed. `is_local`: of a
  // Unix socket.
  Stream* adopt(int fd, bool is_local);

  // One buffer lent to every read of the loop: an idle connection owns none.
  static constexpr std::size_t kReadBufferBytes = 64 * 1024;
  // One read, and the write mark, while the budget is tight: many slow readers then cost little
  // each.
  static constexpr std::size_t kTightBytes = 16 * 1024;

 private:
  struct Lookup;
  struct SignalHandler;

  Stream* try_connect(const SocketAddress& address, StreamEvents& events);
  std::size_t at_most(std::size_t bytes) const {
    const bool is_tight = buffers_.budget != nullptr && buffers_.budget->is_tight();
    return is_tight ? std::min(bytes, kTightBytes) : bytes;
  }
  void before_poll();
  void run_deferred();
  void run_posted();
  void arm_uv_timer();

  uv_loop_t loop_{};
  uv_timer_t timer_{};
  uv_prepare_t prepare_{};
  uv_check_t check_{};
  uv_idle_t idle_{};
  uv_async_t async_{};

  mutable Instant now_{};
  mutable bool now_is_stale_ = true;
  TimerWheel wheel_;
  Instant uv_timer_expiry_ = kNever;
  IntrusiveList<Task> tasks_;
  StreamBuffers buffers_;
  ChunkPool chunks_;
  std::unique_ptr<char[]> read_buffer_;
  Slab<UvStream> streams_;
  Tunnels tunnels_{*this};
  std::size_t lingering_ = 0;
  std::vector<Acceptor*> acceptors_;
  ReserveDescriptor reserve_;
  std::list<std::unique_ptr<Lookup>> lookups_;
  std::vector<std::unique_ptr<SignalHandler>> signals_;
  std::mutex posted_mutex_;
  std::vector<std::function<void()>> posted_;
  bool stopping_ = false;
};

}  // namespace usher::net
