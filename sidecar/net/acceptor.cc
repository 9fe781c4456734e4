#include "net/acceptor.h"

#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/log.h"
#include "net/uv_network.h"

namespace usher::net {
namespace {

// The connection that was to be accepted is at fault, or has gone; the next one may be well.
bool is_of_one_connection(int error) {
  switch (error) {
    case EINTR:
    case ECONNABORTED:
    case EPROTO:
    case EPERM:  // a firewall's
    case ENOPROTOOPT:
    case EOPNOTSUPP:
    case ENONET:
    case ENETDOWN:
    case ENETUNREACH:
    case EHOSTDOWN:
    case EHOSTUNREACH:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool ReserveDescriptor::hold() {
  if (fd_ < 0) fd_ = ::eventfd(0, EFD_CLOEXEC);
  return fd_ >= 0;
}

bool ReserveDescriptor::give_up() {
  return fd_ >= 0 && ::close(std::exchange(fd_, -1)) == 0;
}

Acceptor::Acceptor(UvNetwork& network, ListenSocket socket, ListenerEvents& events)
    : network_(&network),
      events_(&events),
      is_local_(socket.address().family() == AF_UNIX),
      fd_(socket.release()) {
  USHER_CHECK(uv_poll_init(network.loop(), &poll_, fd_) == 0);
  poll_.data = this;
  watch();
}

void Acceptor::watch() {
  state_ = State::Watching;
  timer_.cancel();
  const auto readable = [](uv_poll_t* handle, int status, int) {
    auto* self = static_cast<Acceptor*>(handle->data);
    if (status == 0) {
      self->accept_batch();
    } else {
      self->go_quiet(-status);
    }
  };
  USHER_CHECK(uv_poll_start(&poll_, UV_READABLE, readable) == 0);
}

void Acceptor::stop_watching(State why) {
  state_ = why;
  batch_ = 1;
  uv_poll_stop(&poll_);
}

void Acceptor::resume() {
  if (state_ == State::Waiting || state_ == State::Quiet) watch();
}

void Acceptor::on_timer(Timer&) {
  watch();
}

// One connection after another costs one accept() each; the batch grows while connections wait.
void Acceptor::accept_batch() {
  for (unsigned i = 0; i < batch_; ++i) {
    if (!accept_one()) return;
  }
  batch_ = std::min(2 * batch_, kBatchMax);
}

// False when nobody waits, or may be taken now.
bool Acceptor::accept_one() {
  if (!network_->has_room() || !events_->may_accept()) {
    stop_watching(State::Waiting);
    return false;
  }
  int fd = accept();
  const int error = fd < 0 ? errno : 0;
  // The reserve comes back with the next descriptor that is free (UvNetwork::stream_closed).
  const bool by_reserve = (error == EMFILE || error == ENFILE) && network_->reserve().give_up();
  if (by_reserve) fd = accept();
  if (fd >= 0) {
    hand_over(fd, by_reserve);
    return state_ == State::Watching;
  }
  if (by_reserve) network_->reserve().hold();
  if (is_of_one_connection(error)) return true;
  if (error != EAGAIN) go_quiet(error);
  batch_ = 1;
  return false;
}

int Acceptor::accept() {
  return ::accept4(fd_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

void Acceptor::hand_over(int fd, bool by_reserve) {
  Stream* stream = network_->adopt(fd, is_local_);
  if (stream == nullptr) return;
  StreamEvents* events = by_reserve ? events_->on_overflow(*stream) : events_->on_accept(*stream);
  if (events == nullptr) {
    stream->close();
  } else {
    stream->set_events(*events);
  }
}

void Acceptor::go_quiet(int error) {
  stop_watching(State::Quiet);
  network_->arm(timer_, network_->now() + kQuiet);
  events_->on_accept_failed();
  ++failures_;
  if (network_->now() < log_at_) return;
  log_at_ = network_->now() + kLogInterval;
  LogLine(LogLevel::Warn, "connections cannot be accepted")
      .field("reason", std::strerror(error))
      .field("times", std::exchange(failures_, 0));
}

void Acceptor::close() {
  state_ = State::Closed;
  timer_.cancel();
  uv_close(reinterpret_cast<uv_handle_t*>(&poll_),
           [](uv_handle_t* handle) { delete static_cast<Acceptor*>(handle->data); });
  ::close(fd_);
}

}  // namespace usher::net
