#include <algorithm>

#include "base/check.h"
#include "net/uv_stream.h"
#include "sim/sim_network.h"

namespace usher::sim {

void SimStream::Bytes::append(std::string_view text) {
  if (begin_ > 0 && begin_ * 2 >= bytes_.size()) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }
  bytes_.insert(bytes_.end(), text.begin(), text.end());
}

void SimStream::Bytes::drop_front(std::size_t count) {
  begin_ += count;
  if (begin_ == bytes_.size()) {
    bytes_.clear();
    begin_ = 0;
  }
}

bool SimStream::write(std::span<const std::string_view> parts) {
  if (state_ != State::Open || fin_) return true;
  if (broken_ || peer_->state_ == State::Closed) {
    broken_ = write_failed_ = true;
    network_->schedule(SimNetwork::Kind::Break, this);
    return true;
  }
  for (const std::string_view part : parts) {
    outgoing_.append(part);
    written_ += part.size();
  }
  put_on_wire();
  above_mark_ = above_mark_ || queued_bytes() > network_->options().mark;
  return !above_mark_;
}

bool SimStream::is_quiet() const {
  return !network_->options().probe_sees || (!broken_ && !has_arrivals());
}

void SimStream::put_on_wire() {
  on_wire_ = std::min(outgoing_.size(), network_->options().window);
  network_->schedule_arrival(*peer_);
}

bool SimStream::is_reading() const {
  return (state_ == State::Open && !paused_) || state_ == State::Flushing;
}

// Is there something for this end that it has not been given yet?
bool SimStream::has_arrivals() const {
  return peer_->on_wire_ > 0 || (peer_->fin_ && peer_->outgoing_.size() == 0 && !peer_ended_);
}

void SimStream::resume() {
  if (!paused_) return;
  paused_ = false;
  if (state_ != State::Open) return;
  if (broken_) network_->schedule(SimNetwork::Kind::Break, this);
  network_->schedule_arrival(*this);
}

void SimStream::end() {
  if (state_ != State::Open) return;
  fin_ = true;
  network_->schedule_arrival(*peer_);
}

void SimStream::drop_outgoing() {
  outgoing_.drop_front(outgoing_.size());
  on_wire_ = 0;
}

// As a kernel does it: what is in its buffers still goes out, but bytes that arrive at nobody are
// answered by a reset.
void SimStream::close() {
  USHER_CHECK(state_ != State::Free);
  if (state_ == State::Closed) return;
  if (peer_ == nullptr) {
    network_->free_stream(*this);
    return;
  }
  const bool has_unread = peer_->on_wire_ > 0;
  outgoing_.keep_front(on_wire_);
  fin_ = true;
  close_as(State::Closed);
  peer_->drop_outgoing();
  if (has_unread) {
    peer_->broken_ = true;
    network_->schedule(SimNetwork::Kind::Break, peer_);
  }
  network_->schedule_arrival(*peer_);
  network_->free_if_both_closed(*this);
}

void SimStream::reset() {
  USHER_CHECK(state_ != State::Free);
  if (peer_ == nullptr || state_ == State::Closed) {
    close();
    return;
  }
  drop_outgoing();
  peer_->drop_outgoing();
  peer_->broken_ = true;
  network_->schedule(SimNetwork::Kind::Break, peer_);
  close_as(State::Closed);
  network_->free_if_both_closed(*this);
}

void SimStream::close_gracefully() {
  if (state_ != State::Open || broken_) {
    close();
    return;
  }
  fin_ = true;
  close_as(State::Flushing);
  network_->arm(timer_, network_->now() + net::UvStream::kFlush);
  network_->schedule_arrival(*this);
  network_->schedule_arrival(*peer_);
}

void SimStream::close_as(State state) {
  const bool lingered = state_ == State::Flushing;
  events_ = nullptr;
  timer_.cancel();
  state_ = state;
  if (lingered) network_->resume_accepting();
}

}  // namespace usher::sim
