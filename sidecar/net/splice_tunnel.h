// SpliceTunnel: two sockets whose bytes the kernel carries from one to the other, each way by
// itself. Tunnels: those of one network, and what they share.
//
// A side that fails ends all of it: the other one is reset, since it must not take what it got for
// all there was. A peer that is gone without a word is found by keep-alive.
//
// Owner: Tunnels, to the end of the turn in which it ended; Tunnels: a UvNetwork. Thread: the
// loop's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/intrusive_list.h"
#include "net/edge_poll.h"
#include "net/network.h"
#include "net/own_connections.h"
#include "net/pipe_pool.h"
#include "net/splice_flow.h"

namespace usher::net {

class Tunnels;
class UvNetwork;
class UvStream;

// Of the list of those that exist, beside a Task's.
struct TunnelHook : ListHook {};

class SpliceTunnel final : public Tunnel, public TunnelHook, private Task {
 public:
  SpliceTunnel(Tunnels& tunnels, TunnelEvents& events);
  ~SpliceTunnel();
  SpliceTunnel(const SpliceTunnel&) = delete;
  SpliceTunnel& operator=(const SpliceTunnel&) = delete;

  // For Tunnels. Takes descriptors of its own for both connections; false when there are none.
  bool watch(const UvStream& a, const UvStream& b);
  // Closes both streams, but not their connections.
  void take_over(UvStream& a, UvStream& b, std::string_view to_b);

  void close() override;

 private:
  struct Side final : EdgeEvents {
    SpliceTunnel* tunnel = nullptr;
    SpliceSocket socket;
    OwnConnection own;

    void on_edge(std::uint32_t events) override { tunnel->on_edge(*this, events); }
  };

  void run() override;  // the end of the turn in which it ended
  void on_edge(Side& side, std::uint32_t events);
  // Where a flow has reached its bound, it goes on in the next turn.
  SpliceFlow::State carry(SpliceFlow& flow, Side& from, Side& to);
  void finish(bool cut);
  void shut(bool by_reset);

  Tunnels* tunnels_;
  TunnelEvents* events_;  // null once ended
  Side a_;
  Side b_;
  SpliceFlow to_b_;
  SpliceFlow to_a_;
};

class Tunnels {
 public:
  explicit Tunnels(UvNetwork& network);
  // REQUIRES: as EdgePoll's.
  ~Tunnels() = default;
  Tunnels(const Tunnels&) = delete;
  Tunnels& operator=(const Tunnels&) = delete;

  // As Network::join(), of two open streams.
  Tunnel* join(UvStream& a, UvStream& b, std::string_view to_b, TunnelEvents& events);
  // Those that have not ended.
  std::size_t size() const { return size_; }
  const PipePool& pipes() const { return pipes_; }
  // Resets all of them, without an event.
  void close();

 private:
  friend class SpliceTunnel;

  void ended();

  UvNetwork* network_;
  EdgePoll edges_;
  PipePool pipes_;
  IntrusiveList<SpliceTunnel, TunnelHook> tunnels_;
  std::size_t size_ = 0;
};

}  // namespace usher::net
