// A libuv handle may be neither moved nor freed before its close callback, which comes in a later
// turn. So a UvStream leaves its slab in close_callback and nowhere else. begin_close() is called
// once; the owner's pointer is cut before it, so that no event reaches an owner that has closed. A
// write or a shutdown in flight is cancelled by uv_close and its callback comes before the close
// callback (libuv 1.44, tried).

#include "net/uv_stream.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "net/connection_origin.h"
#include "net/uv_network.h"

namespace usher::net {
namespace {

// uv_write allocates for more buffers than this (req->bufsml).
constexpr std::size_t kBuffersPerWrite = 4;
constexpr std::size_t kBuffersPerTry = 64;

}  // namespace

UvStream::UvStream(UvNetwork& network) : network_(&network), queue_(network.chunks()) {}

void UvStream::init_handle() {
  USHER_CHECK(uv_tcp_init(network_->loop(), &uv_.tcp) == 0);
  uv_.handle.data = this;
}

int UvStream::descriptor() const {
  uv_os_fd_t descriptor = -1;
  return uv_fileno(&uv_.handle, &descriptor) == 0 ? descriptor : -1;
}

bool UvStream::start_connect(const SocketAddress& address, StreamEvents& events) {
  init_handle();
  events_ = &events;
  state_ = State::Connecting;
  if (address.family() == AF_UNIX) return connect_local(address);
  request_.connect.data = this;
  const int error = uv_tcp_connect(&request_.connect, &uv_.tcp, address.data(), connect_callback);
  if (error == UV_EMFILE || error == UV_ENFILE || error == UV_ENOBUFS || error == UV_ENOMEM) {
    begin_close();
    return false;
  }
  if (error != 0) {  // no way there: told as if the network had said so
    state_ = State::Failed;
    network_->defer(*this);
  } else if (const auto local = local_address(descriptor())) {
    own_ = OwnConnection(*local, address);
  }
  return true;
}

// libuv connects Unix sockets by their own kind of handle only. The kernel says at once whether it
// connects; a full backlog (EAGAIN) is a failure, as a refusal would be.
bool UvStream::connect_local(const SocketAddress& address) {
  is_local_ = true;
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    begin_close();
    return false;
  }
  if (::connect(fd, address.data(), address.size()) != 0 || uv_tcp_open(&uv_.tcp, fd) != 0) {
    ::close(fd);
    state_ = State::Failed;
  }
  network_->defer(*this);
  return true;
}

// A Unix socket too: uv_tcp_open takes any stream socket. TCP_NODELAY comes from the listener.
bool UvStream::start_accepted(int fd, bool is_local) {
  is_local_ = is_local;
  init_handle();
  if (uv_tcp_open(&uv_.tcp, fd) != 0) {
    ::close(fd);
    begin_close();
    return false;
  }
  start_reading();
  return true;
}

void UvStream::connect_callback(uv_connect_t* request, int status) {
  auto* self = static_cast<UvStream*>(request->data);
  if (self->state_ != State::Connecting) return;  // closed meanwhile
  if (status != 0) {
    self->state_ = State::Failed;
    self->events_->on_failure();
    return;
  }
  self->state_ = State::Open;
  uv_tcp_nodelay(&self->uv_.tcp, 1);
  self->start_reading();
  self->events_->on_connected();
}

void UvStream::start_reading() {
  if (!paused_) uv_read_start(&uv_.stream, alloc_callback, read_callback);
}

void UvStream::alloc_callback(uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
  const std::span<char> shared = static_cast<UvStream*>(handle->data)->network_->read_buffer();
  *buffer = uv_buf_init(shared.data(), static_cast<unsigned>(shared.size()));
}

void UvStream::read_callback(uv_stream_t* stream, ssize_t count, const uv_buf_t* buffer) {
  auto* self = static_cast<UvStream*>(stream->data);
  if (count == 0) return;  // EAGAIN
  if (count == UV_EOF) self->peer_ended_ = true;
  if (self->state_ == State::Flushing || self->state_ == State::Lingering) {
    // A peer that has finished may well wait for the rest of its answer.
    const bool still_flushing = self->state_ == State::Flushing && count == UV_EOF;
    if (count > 0) {
      self->discarded();
    } else if (!still_flushing) {
      self->begin_close();
    }
  } else if (self->state_ != State::Open) {
    return;
  } else if (count > 0) {
    self->events_->on_read({buffer->base, static_cast<std::size_t>(count)});
  } else if (count == UV_EOF) {
    self->events_->on_end();
  } else {
    self->state_ = State::Failed;
    uv_read_stop(stream);
    self->events_->on_failure();
  }
}

void UvStream::pause() {
  if (paused_) return;
  paused_ = true;
  if (state_ == State::Open) uv_read_stop(&uv_.stream);
}

void UvStream::resume() {
  if (!paused_) return;
  paused_ = false;
  if (state_ == State::Open) start_reading();
}

bool UvStream::is_quiet() const {
  if (state_ != State::Open) return false;
  char byte;
  const ssize_t count = recv(descriptor(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

std::optional<SocketAddress> UvStream::original_destination() const {
  if (is_local_) return std::nullopt;
  return redirected_from(descriptor());
}

bool UvStream::is_from_self() const {
  if (is_local_) return false;
  const auto peer = peer_address(descriptor());
  if (!peer.has_value() || !is_own_end(*peer)) return false;
  auto destination = redirected_from(descriptor());
  if (!destination.has_value()) destination = local_address(descriptor());
  return destination.has_value() && is_own_connection(*peer, *destination);
}

bool UvStream::write(std::span<const std::string_view> parts) {
  if (state_ != State::Open) return true;  // on_failure is on its way
  std::size_t sent = 0;
  if (queue_.empty() && parts.size() <= kBuffersPerTry) {
    std::array<uv_buf_t, kBuffersPerTry> buffers;  // NOLINT: filled as far as it is used
    unsigned used = 0;
    for (const std::string_view part : parts) {
      if (!part.empty())
        buffers[used++] =
            uv_buf_init(const_cast<char*>(part.data()), static_cast<unsigned>(part.size()));
    }
    if (used == 0) return true;
    const int result = uv_try_write(&uv_.stream, buffers.data(), used);
    if (result < 0 && result != UV_EAGAIN) {
      fail();
      return true;
    }
    sent = result > 0 ? static_cast<std::size_t>(result) : 0;
    sent_bytes_ += sent;
  }
  for (const std::string_view part : parts) {
    const std::size_t skipped = std::min(sent, part.size());
    sent -= skipped;
    queue_.append(part.substr(skipped));
  }
  if (writing_bytes_ == 0) send_queue();
  above_mark_ = above_mark_ || queue_.size() > network_->write_mark();
  return !above_mark_;
}

void UvStream::send_queue() {
  if (queue_.empty()) return;
  std::array<iovec, kBuffersPerWrite> parts;  // NOLINT: filled as far as it is used
  const std::size_t count = queue_.gather(parts);
  std::array<uv_buf_t, kBuffersPerWrite> buffers;  // NOLINT
  for (std::size_t i = 0; i < count; ++i) {
    buffers[i] =
        uv_buf_init(static_cast<char*>(parts[i].iov_base), static_cast<unsigned>(parts[i].iov_len));
    writing_bytes_ += parts[i].iov_len;
  }
  request_.write.data = this;
  if (uv_write(&request_.write, &uv_.stream, buffers.data(), static_cast<unsigned>(count),
               write_callback) != 0) {
    writing_bytes_ = 0;
    fail();
  }
}

void UvStream::write_callback(uv_write_t* request, int status) {
  auto* self = static_cast<UvStream*>(request->data);
  const std::size_t written = self->writing_bytes_;
  self->writing_bytes_ = 0;
  if (self->state_ == State::Closing) return;
  if (status != 0) {
    if (self->state_ == State::Flushing) {
      self->begin_close();
    } else if (self->state_ == State::Open) {
      self->fail();
    }
    return;
  }
  self->queue_.consume(written);
  self->sent_bytes_ += written;
  self->send_queue();
  if (self->state_ == State::Flushing) {
    if (self->queue_.empty()) self->linger();
  } else if (self->state_ == State::Open && self->above_mark_ &&
             self->queue_.size() <= self->network_->write_mark() / 2) {
    self->above_mark_ = false;
    self->events_->on_writable();
  }
}

// Writing failed inside a call of the owner's or a callback of libuv's: the owner hears of it at
// the end of this turn.
void UvStream::fail() {
  if (state_ == State::Flushing) {
    begin_close();
    return;
  }
  state_ = State::Failed;
  uv_read_stop(&uv_.stream);
  network_->defer(*this);
}

void UvStream::run() {
  if (events_ == nullptr) return;
  if (state_ == State::Connecting) {
    state_ = State::Open;
    start_reading();
    events_->on_connected();
  } else {
    events_->on_failure();
  }
}

void UvStream::close() {
  events_ = nullptr;
  begin_close();
}

void UvStream::reset() {
  events_ = nullptr;
  Task::unlink();
  timer_.cancel();
  if (state_ == State::Closing) return;
  // It refuses a handle that is shutting down. (A Unix socket has no reset, and is closed.)
  if (uv_tcp_close_reset(&uv_.tcp, close_callback) == 0) {
    state_ = State::Closing;
    network_->stream_closed();
  } else {
    begin_close();
  }
}

int UvStream::duplicate_descriptor() const {
  return ::fcntl(descriptor(), F_DUPFD_CLOEXEC, 0);
}

// Of the write in flight libuv knows how much the system has taken.
UvStream::Rest UvStream::hand_over() {
  const std::size_t sent = writing_bytes_ - uv_stream_get_write_queue_size(&uv_.stream);
  close();
  Rest rest{.unsent = std::string(queue_.size(), '\0'), .own = std::move(own_)};
  queue_.copy_to(rest.unsent);
  queue_.clear();
  rest.unsent.erase(0, sent);
  return rest;
}

void UvStream::close_gracefully() {
  events_ = nullptr;
  if (state_ != State::Open) {
    begin_close();
    return;
  }
  state_ = State::Flushing;
  lingers_ = true;
  network_->stream_lingers();
  paused_ = false;
  uv_read_start(&uv_.stream, alloc_callback, read_callback);
  network_->arm(timer_, network_->now() + kFlush);
  if (queue_.empty()) linger();
}

void UvStream::linger() {
  state_ = State::Lingering;
  linger_until_ = network_->now() + kLingerMax;
  network_->arm(timer_, network_->now() + kLinger);
  request_.shutdown.data = this;
  const auto sent = [](uv_shutdown_t* request, int status) {
    auto* self = static_cast<UvStream*>(request->data);
    if (status != 0 || self->peer_ended_) self->begin_close();
  };
  if (uv_shutdown(&request_.shutdown, &uv_.stream, sent) != 0) begin_close();
}

// A consumer that is still sending its call reads the answer only when it is through: closing would
// reset the connection, and the answer with it.
void UvStream::discarded() {
  if (state_ != State::Lingering) return;
  network_->arm(timer_, std::min(network_->now() + kLinger, linger_until_));
}

// What could not be sent in time is cut, and an answer without a length must not look whole.
void UvStream::on_timer(Timer&) {
  state_ == State::Flushing ? reset() : begin_close();
}

void UvStream::begin_close() {
  Task::unlink();
  timer_.cancel();
  if (state_ == State::Closing) return;
  state_ = State::Closing;
  uv_close(&uv_.handle, close_callback);
  network_->stream_closed();
}

void UvStream::close_callback(uv_handle_t* handle) {
  auto* self = static_cast<UvStream*>(handle->data);
  self->network_->destroy(*self);
}

}  // namespace usher::net
