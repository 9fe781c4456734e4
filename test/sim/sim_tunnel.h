// SimTunnel: two SimStreams joined by SimNetwork::join(): what one reads the other writes.
//
// Owner: the SimNetwork, to its end. Thread: one.
#pragma once

#include <string_view>

#include "net/network.h"

namespace usher::sim {

class SimStream;

class SimTunnel final : public net::Tunnel {
 public:
  SimTunnel(SimStream& a, SimStream& b, net::TunnelEvents& events);

  void start(std::string_view to_b);
  void close() override;

 private:
  // From one stream to the other, and what the first one says of itself.
  struct Way final : net::StreamEvents {
    SimTunnel* tunnel = nullptr;
    SimStream* from = nullptr;
    SimStream* to = nullptr;
    std::uint64_t bytes = 0;
    bool ended = false;

    void on_read(std::string_view bytes) override;
    void on_end() override;
    void on_writable() override;
    void on_failure() override { tunnel->finish(true); }
  };

  void finish(bool cut);

  net::TunnelEvents* events_;  // null once ended
  Way to_b_;
  Way to_a_;
};

}  // namespace usher::sim
