#include "net/splice_tunnel.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <utility>

#include "net/uv_network.h"
#include "net/uv_stream.h"

namespace usher::net {
namespace {

// A peer that is silent for so many seconds is asked whether it is there, so often.
constexpr int kKeepAliveIdle = 60;
constexpr int kKeepAliveInterval = 15;
constexpr int kKeepAliveProbes = 4;

void set_option(int fd, int level, int name, int value) {
  ::setsockopt(fd, level, name, &value, sizeof(value));
}

// A Unix socket refuses these, and needs none of them.
void set_tcp_options(int fd) {
  set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, kKeepAliveIdle);
  set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, kKeepAliveInterval);
  set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, kKeepAliveProbes);
  set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
}

}  // namespace

SpliceTunnel::SpliceTunnel(Tunnels& tunnels, TunnelEvents& events)
    : tunnels_(&tunnels),
      events_(&events),
      to_b_(a_.socket, b_.socket, tunnels.pipes_),
      to_a_(b_.socket, a_.socket, tunnels.pipes_) {
  a_.tunnel = b_.tunnel = this;
}

SpliceTunnel::~SpliceTunnel() {
  shut(false);
}

bool SpliceTunnel::watch(const UvStream& a, const UvStream& b) {
  a_.socket.fd = a.duplicate_descriptor();
  b_.socket.fd = b.duplicate_descriptor();
  EdgePoll& edges = tunnels_->edges_;
  return a_.socket.fd >= 0 && b_.socket.fd >= 0 && edges.watch(a_.socket.fd, a_) &&
         edges.watch(b_.socket.fd, b_);
}

void SpliceTunnel::take_over(UvStream& a, UvStream& b, std::string_view to_b) {
  for (const Side* side : {&a_, &b_}) set_tcp_options(side->socket.fd);
  UvStream::Rest of_a = a.hand_over();
  UvStream::Rest of_b = b.hand_over();
  a_.own = std::move(of_a.own);
  b_.own = std::move(of_b.own);
  to_a_.put(std::move(of_a.unsent));
  to_b_.put(std::move(of_b.unsent.append(to_b)));
}

// Of a peer that sends out of band the bytes are copied, with that one in its place.
void SpliceTunnel::on_edge(Side& side, std::uint32_t events) {
  if (events_ == nullptr) return;  // ended in this turn
  if ((events & EPOLLERR) != 0) {
    finish(true);
    return;
  }
  if ((events & EPOLLPRI) != 0) {
    set_option(side.socket.fd, SOL_SOCKET, SO_OOBINLINE, 1);
    (&side == &a_ ? to_b_ : to_a_).copy_only();
  }
  side.socket.readable = side.socket.readable || (events & (EPOLLIN | EPOLLHUP)) != 0;
  side.socket.writable = side.socket.writable || (events & (EPOLLOUT | EPOLLHUP)) != 0;
  const SpliceFlow::State to_b = carry(to_b_, a_, b_);
  const SpliceFlow::State to_a = carry(to_a_, b_, a_);
  if (to_b == SpliceFlow::State::Failed || to_a == SpliceFlow::State::Failed) {
    finish(true);
  } else if (to_b == SpliceFlow::State::Ended && to_a == SpliceFlow::State::Ended) {
    finish(false);
  }
}

SpliceFlow::State SpliceTunnel::carry(SpliceFlow& flow, Side& from, Side& to) {
  const SpliceFlow::State state = flow.carry();
  if (state == SpliceFlow::State::Moving) {
    Side& next = flow.is_sending() ? to : from;
    tunnels_->edges_.tell_again(next.socket.fd, next);
  }
  return state;
}

void SpliceTunnel::finish(bool cut) {
  TunnelEvents& events = *events_;
  shut(cut);
  tunnels_->ended();
  tunnels_->network_->defer(*this);
  events.on_tunnel_ended(
      {.bytes_to_b = to_b_.sent_bytes(), .bytes_to_a = to_a_.sent_bytes(), .cut = cut});
}

void SpliceTunnel::close() {
  if (events_ == nullptr) return;
  shut(true);
  tunnels_->ended();
  tunnels_->network_->defer(*this);
}

void SpliceTunnel::shut(bool by_reset) {
  events_ = nullptr;
  to_b_.drop_pipe();
  to_a_.drop_pipe();
  for (Side* side : {&a_, &b_}) {
    const int fd = std::exchange(side->socket.fd, -1);
    if (fd < 0) continue;
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    if (by_reset) ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    tunnels_->edges_.forget(fd);
    ::close(fd);
    side->own = {};
  }
}

void SpliceTunnel::run() {
  delete this;
}

Tunnels::Tunnels(UvNetwork& network) : network_(&network), edges_(network.loop()) {}

Tunnel* Tunnels::join(UvStream& a, UvStream& b, std::string_view to_b, TunnelEvents& events) {
  auto tunnel = std::make_unique<SpliceTunnel>(*this, events);
  if (!tunnel->watch(a, b)) return nullptr;
  ++size_;
  tunnel->take_over(a, b, to_b);
  tunnels_.push_back(*tunnel);
  return tunnel.release();  // until SpliceTunnel::run(), or close()
}

void Tunnels::ended() {
  --size_;
  if (size_ == 0) pipes_.close_free();
  network_->stream_closed();
  network_->resume_accepting();
}

void Tunnels::close() {
  while (SpliceTunnel* tunnel = tunnels_.front()) {
    tunnel->close();
    delete tunnel;
  }
  edges_.close();
}

}  // namespace usher::net
