// SimNetwork: a net::Network inside one process, with simulated time and seeded chance.
//
// Peers listen and connect on the same SimNetwork as the proxy. What they write arrives after a
// delay and in pieces; a receiver that pauses lets the window fill, then the sender's queue.
// Nothing happens but inside the run functions, so that a story is exact and a seed tells
// everything.
//
// Thread: one. Allocates nothing once warm (streams, buffers and events are kept for the next one).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/timer_wheel.h"
#include "net/network.h"
#include "sim/sim_tunnel.h"

namespace usher::sim {

struct SimOptions {
  // A delay of each arrival, drawn from here in steps of kQuantum.
  Duration delay_min = std::chrono::milliseconds(1);
  Duration delay_max = std::chrono::milliseconds(1);
  // The largest piece in which bytes arrive; when `split`, pieces are of 1 to `piece` bytes.
  std::size_t piece = 64 * 1024;
  bool split = false;
  // Bytes on the way to a receiver, and what a sender may queue beyond before write() is false.
  std::size_t window = 64 * 1024;
  std::size_t mark = 64 * 1024;
  // Whether is_quiet() knows what is on its way; otherwise a peer's end always comes as a surprise.
  bool probe_sees = true;
};

class SimNetwork;

// One end of a connection.
class SimStream final : public net::Stream, private TimerEvents {
 public:
  explicit SimStream(SimNetwork& network) : network_(&network) {}

  bool write(std::span<const std::string_view> parts) override;
  std::size_t queued_bytes() const override { return outgoing_.size() - on_wire_; }
  std::uint64_t sent_bytes() const override { return written_ - queued_bytes(); }
  bool is_quiet() const override;
  void pause() override { paused_ = true; }
  void resume() override;
  void set_events(net::StreamEvents& events) override { events_ = &events; }
  void close() override;
  void reset() override;
  void close_gracefully() override;

  // For peers: sends FIN behind what is written, and reads on.
  void end();

 private:
  friend class SimNetwork;

  enum class State : std::uint8_t {
    Free,
    Connecting,
    Open,
    Failed,    // on_failure was delivered
    Flushing,  // close_gracefully()
    Closed,    // waits for the other end to close too
  };

  // Bytes in order; keeps its memory.
  class Bytes {
   public:
    std::size_t size() const { return bytes_.size() - begin_; }
    std::string_view view() const { return {bytes_.data() + begin_, size()}; }
    void append(std::string_view text);
    void drop_front(std::size_t count);
    void keep_front(std::size_t count) { bytes_.resize(begin_ + count); }

   private:
    std::vector<char> bytes_;
    std::size_t begin_ = 0;
  };

  // What could not be flushed in time is cut, as UvStream does it.
  void on_timer(Timer&) override { outgoing_.size() > 0 ? reset() : close(); }
  bool is_reading() const;
  bool has_arrivals() const;
  void put_on_wire();
  void drop_outgoing();
  void close_as(State state);

  SimNetwork* network_;
  SimStream* peer_ = nullptr;
  net::StreamEvents* events_ = nullptr;
  State state_ = State::Free;
  std::uint64_t generation_ = 0;
  net::SocketAddress address_ = *net::SocketAddress::from_ip("0.0.0.0", 0);  // connecting to
  Bytes outgoing_;  // written and not yet delivered
  std::uint64_t written_ = 0;
  std::size_t on_wire_ = 0;  // of it, what the window took
  bool fin_ = false;         // ends behind outgoing_
  bool above_mark_ = false;
  bool paused_ = false;
  bool arrival_due_ = false;
  bool peer_ended_ = false;  // the peer's FIN was delivered
  bool broken_ = false;      // reset by the peer
  bool write_failed_ = false;
  Instant linger_until_{};
  Timer timer_{*this};  // of Flushing
};

class SimNetwork final : public net::Network {
 public:
  static constexpr Duration kQuantum = std::chrono::microseconds(100);

  explicit SimNetwork(std::uint64_t seed, const SimOptions& options = {});
  ~SimNetwork();
  SimNetwork(const SimNetwork&) = delete;
  SimNetwork& operator=(const SimNetwork&) = delete;

  Instant now() const override { return now_; }
  std::int64_t wall_ms() const override;
  void arm(Timer& timer, Instant when) override { wheel_.arm(timer, when); }
  void defer(net::Task& task) override;
  void post(std::function<void()> action) override { posted_.push_back(std::move(action)); }
  net::Stream* connect(const net::SocketAddress& address, net::StreamEvents& events) override;
  void resolve(const std::string& name, std::uint16_t port, net::ResolveEvents& events) override;
  void cancel_resolve(net::ResolveEvents& events) override;
  net::Tunnel* join(net::Stream& a, net::Stream& b, std::string_view to_b,
                    net::TunnelEvents& events) override;
  void resume_accepting() override;
  std::size_t lingering() const override;

  // What is at an address: nothing (refuses), a listener, or silence.
  void listen(const net::SocketAddress& address, net::ListenerEvents& events);
  void refuse(const net::SocketAddress& address);
  void never_answer(const net::SocketAddress& address);
  // What a name resolves to; nothing at first. A lookup of a hanging name never ends.
  void set_name(const std::string& name, std::vector<net::SocketAddress> addresses);
  void set_hanging(const std::string& name) { hanging_name_ = name; }
  // From now on connect() returns null when so many streams exist.
  void set_streams_max(std::size_t count) { streams_max_ = count; }

  // Runs until nothing is on its way; timers only as far as time gets by that.
  void run_until_idle();
  // Runs all that happens within `duration`.
  void advance(Duration duration);
  // Runs one turn of the loop; false when nothing is on its way.
  bool step();

  SimOptions& options() { return options_; }
  Random& random() { return random_; }
  // Streams that some owner has not closed, or that are still flushing.
  std::size_t open_streams() const;
  std::size_t connects() const { return connects_; }
  std::size_t lookups() const { return lookups_; }

 private:
  friend class SimStream;

  enum class Kind : std::uint8_t { Connect, Accept, Arrive, Writable, Break, Resolve };
  struct Event {
    Instant at;
    std::uint64_t order;
    Kind kind;
    SimStream* stream;
    std::uint64_t generation;
    bool operator<(const Event& other) const {
      return at != other.at ? at > other.at : order > other.order;
    }
  };
  struct Lookup {
    std::string name;
    std::uint16_t port;
    net::ResolveEvents* events;
    Instant at;
  };
  struct Place {
    net::ListenerEvents* listener = nullptr;  // null: silence
    std::deque<SimStream*> backlog;
  };

  SimStream& make_stream();
  void free_stream(SimStream& stream);
  void free_if_both_closed(SimStream& stream);
  void schedule(Kind kind, SimStream* stream, bool at_once = false);
  void schedule_arrival(SimStream& receiver);
  void turn(Instant when);
  void run_deferred();
  void happen(const Event& event);
  void connect_now(SimStream& stream);
  void accept_now(SimStream& stream);
  void arrive(SimStream& receiver);
  void deliver(SimStream& receiver);
  void break_now(SimStream& stream);
  void resolve_now();
  Duration delay();

  SimOptions options_;
  Random random_;
  Instant start_;
  Instant now_;
  TimerWheel wheel_;
  std::uint64_t order_ = 0;
  std::vector<Event> events_;  // a heap
  IntrusiveList<net::Task> tasks_;
  std::vector<std::function<void()>> posted_;
  std::vector<std::unique_ptr<SimStream>> streams_;
  std::vector<std::unique_ptr<SimTunnel>> tunnels_;
  std::vector<SimStream*> free_;
  std::vector<char> arriving_;
  std::map<std::string, Place> places_;  // by address
  std::map<std::string, std::vector<net::SocketAddress>> names_;
  std::string hanging_name_;
  std::deque<Lookup> resolving_;
  std::size_t streams_max_ = SIZE_MAX;
  std::size_t connects_ = 0;
  std::size_t lookups_ = 0;
};

}  // namespace usher::sim
