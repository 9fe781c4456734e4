#include "net/splice_flow.h"

#include <sys/socket.h>

#include <cerrno>

namespace usher::net {
namespace {

// What a call that returned no bytes means for the socket it was made on.
SpliceFlow::State after_error(bool& is_ready) {
  if (errno == EINTR) return SpliceFlow::State::Moving;
  if (errno != EAGAIN && errno != EWOULDBLOCK) return SpliceFlow::State::Failed;
  is_ready = false;
  return SpliceFlow::State::Waiting;
}

}  // namespace

SpliceFlow::State SpliceFlow::carry() {
  const std::uint64_t enough = sent_bytes_ + kBytesPerTurn;
  State state = ended_ ? State::Ended : State::Moving;
  for (int step = 0; state == State::Moving && step < kStepsPerTurn; ++step) {
    if (sent_bytes_ >= enough) break;
    state = is_sending() ? send() : read();
  }
  if (pipe_.empty()) pipe_.give_back();
  return state;
}

SpliceFlow::State SpliceFlow::read() {
  if (!from_->readable) return State::Waiting;
  const ssize_t count = copies_ ? copy_in() : splice_in();
  if (count > 0) return State::Moving;
  if (count < 0) return after_error(from_->readable);
  if (::shutdown(to_->fd, SHUT_WR) != 0) return State::Failed;
  ended_ = true;
  return State::Ended;
}

ssize_t SpliceFlow::splice_in() {
  if (!pipe_) pipe_ = pipes_->take();
  if (!pipe_) return copy_in();
  const ssize_t count = pipe_.fill(from_->fd);
  copies_ = count < 0 && errno == EINVAL;  // a kind of socket that cannot
  return copies_ ? copy_in() : count;
}

ssize_t SpliceFlow::copy_in() {
  copied_.resize(kCopyBytes);
  const ssize_t count = ::recv(from_->fd, copied_.data(), copied_.size(), MSG_DONTWAIT);
  const int error = errno;
  if (count > 0) {
    copied_.resize(static_cast<std::size_t>(count));
  } else {
    std::string().swap(copied_);
  }
  errno = error;
  return count;
}

SpliceFlow::State SpliceFlow::send() {
  if (!to_->writable) return State::Waiting;
  const ssize_t count = copied_.empty() ? pipe_.drain(to_->fd) : copy_out();
  if (count < 0) return after_error(to_->writable);
  sent_bytes_ += static_cast<std::uint64_t>(count);
  return State::Moving;
}

ssize_t SpliceFlow::copy_out() {
  const ssize_t count =
      ::send(to_->fd, copied_.data(), copied_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (count <= 0) return count;
  copied_.erase(0, static_cast<std::size_t>(count));
  if (copied_.empty()) std::string().swap(copied_);
  return count;
}

}  // namespace usher::net
