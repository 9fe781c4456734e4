// Two peers on real sockets, the streams that they are accepted as, and a tunnel between those.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "net/splice_tunnel.h"
#include "unit/net/uv_loop.h"

namespace usher::net {

inline constexpr std::size_t kMiB = 1024 * 1024;

struct Outcome final : TunnelEvents {
  std::optional<TunnelEnd> end;
  int ends = 0;

  void on_tunnel_ended(const TunnelEnd& how) override {
    end = how;
    ++ends;
  }
};

// Bytes of which each stretch is known by its place.
inline std::string stretch(std::size_t begin, std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((begin + i) % 251);
  return bytes;
}

class TunnelLoop : public UvLoop {
 protected:
  explicit TunnelLoop(std::size_t streams_max = 512) : UvLoop(streams_max) {}

  void connect(const SocketAddress& wanted, int buffers = 0) {
    listen(wanted, buffers);
    a = std::make_unique<Peer>(address, buffers);
    of_a = &accept();
    b = std::make_unique<Peer>(address, buffers);
    of_b = &accept();
  }
  void connect() { connect(*SocketAddress::from_ip("127.0.0.1", 0)); }
  void join(std::string_view to_b = {}) {
    tunnel = join(*of_a, *of_b, outcome, to_b);
    ASSERT_NE(tunnel, nullptr);
  }
  Tunnel* join(Record& first, Record& second, Outcome& whose, std::string_view to_b = {}) {
    Tunnel* made = network.join(*first.stream, *second.stream, to_b, whose);
    if (made != nullptr) first.stream = second.stream = nullptr;
    return made;
  }
  void connect_and_join(std::string_view to_b = {}) {
    connect();
    join(to_b);
  }

  bool arrives(Peer& peer, std::string_view bytes) {
    return run_until([&] { return peer.receive(), peer.received() == bytes; });
  }
  bool ends(Peer& peer) {
    return run_until([&] { return peer.receive(), peer.ended(); });
  }
  bool is_reset(Peer& peer) {
    return run_until([&] { return peer.receive(), peer.was_reset(); });
  }
  bool is_over() {
    return run_until([&] { return outcome.ends > 0; });
  }
  // Sends `size` bytes from one peer to the other, which takes `step` of them a turn.
  bool carry(Peer& from, Peer& to, std::size_t size, std::size_t step) {
    std::size_t sent = 0;
    const bool all = run_until([&] {
      if (sent < size) sent += from.offer(stretch(sent, std::min(step, size - sent)));
      to.receive(step);
      return to.received().size() == size;
    });
    return all && to.received() == stretch(0, size);
  }
  // Is there something for which the loop would not sleep?
  bool is_busy() {
    pollfd loop{uv_backend_fd(network.loop()), POLLIN, 0};
    return ::poll(&loop, 1, 0) != 0 || uv_backend_timeout(network.loop()) == 0;
  }
  bool falls_asleep() {
    for (int i = 0; i < 20; ++i) turn();
    return !is_busy();
  }

  std::unique_ptr<Peer> a;
  std::unique_ptr<Peer> b;
  Record* of_a = nullptr;
  Record* of_b = nullptr;
  Outcome outcome;
  Tunnel* tunnel = nullptr;
};

}  // namespace usher::net
