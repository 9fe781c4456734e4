#include "sim/sim_tunnel.h"

#include <array>
#include <memory>
#include <utility>

#include "sim/sim_network.h"

namespace usher::sim {

net::Tunnel* SimNetwork::join(net::Stream& a, net::Stream& b, std::string_view to_b,
                              net::TunnelEvents& events) {
  auto& first = static_cast<SimStream&>(a);
  auto& second = static_cast<SimStream&>(b);
  for (const SimStream* stream : {&first, &second}) {
    if (stream->state_ != SimStream::State::Open) return nullptr;
  }
  tunnels_.push_back(std::make_unique<SimTunnel>(first, second, events));
  tunnels_.back()->start(to_b);
  for (SimStream* stream : {&first, &second}) {
    stream->peer_ended_ = false;  // the end is told of again
    stream->resume();
    schedule_arrival(*stream);
  }
  return tunnels_.back().get();
}

SimTunnel::SimTunnel(SimStream& a, SimStream& b, net::TunnelEvents& events) : events_(&events) {
  to_b_.tunnel = to_a_.tunnel = this;
  to_b_.from = to_a_.to = &a;
  to_a_.from = to_b_.to = &b;
  a.set_events(to_b_);
  b.set_events(to_a_);
}

void SimTunnel::start(std::string_view to_b) {
  if (!to_b.empty()) to_b_.on_read(to_b);
}

void SimTunnel::Way::on_read(std::string_view read) {
  bytes += read.size();
  const std::array<std::string_view, 1> parts{read};
  if (!to->write(parts)) from->pause();
}

void SimTunnel::Way::on_end() {
  ended = true;
  to->end();
  if (tunnel->to_a_.ended && tunnel->to_b_.ended) tunnel->finish(false);
}

void SimTunnel::Way::on_writable() {
  to->resume();
}

void SimTunnel::close() {
  if (std::exchange(events_, nullptr) == nullptr) return;
  to_b_.from->reset();
  to_b_.to->reset();
}

void SimTunnel::finish(bool cut) {
  net::TunnelEvents* events = std::exchange(events_, nullptr);
  for (SimStream* stream : {to_b_.from, to_b_.to}) {
    if (cut) {
      stream->reset();
    } else if (stream->queued_bytes() > 0) {
      stream->close_gracefully();
    } else {
      stream->close();
    }
  }
  events->on_tunnel_ended({.bytes_to_b = to_b_.bytes, .bytes_to_a = to_a_.bytes, .cut = cut});
}

}  // namespace usher::sim
