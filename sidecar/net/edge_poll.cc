#include "net/edge_poll.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "base/check.h"

namespace usher::net {
namespace {

epoll_event all_of(EdgeEvents& events) {
  epoll_event wanted{};
  wanted.events = EPOLLIN | EPOLLOUT | EPOLLPRI | EPOLLET;
  wanted.data.ptr = &events;
  return wanted;
}

}  // namespace

bool EdgePoll::open() {
  if (fd_ >= 0) return true;
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  if (fd < 0) return false;
  if (uv_poll_init(loop_, &poll_, fd) != 0) {
    ::close(fd);
    return false;
  }
  fd_ = fd;
  poll_.data = this;
  const auto ready = [](uv_poll_t* poll, int, int) { static_cast<EdgePoll*>(poll->data)->tell(); };
  USHER_CHECK(uv_poll_start(&poll_, UV_READABLE, ready) == 0);
  return true;
}

bool EdgePoll::watch(int fd, EdgeEvents& events) {
  epoll_event wanted = all_of(events);
  return open() && ::epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &wanted) == 0;
}

void EdgePoll::tell_again(int fd, EdgeEvents& events) {
  epoll_event wanted = all_of(events);
  ::epoll_ctl(fd_, EPOLL_CTL_MOD, fd, &wanted);
}

// Closing the descriptor is not enough where the same socket is open under another number.
void EdgePoll::forget(int fd) {
  epoll_event ignored{};
  ::epoll_ctl(fd_, EPOLL_CTL_DEL, fd, &ignored);
}

void EdgePoll::tell() {
  std::array<epoll_event, kBatch> batch;  // NOLINT: filled as far as it is used
  const int count = ::epoll_wait(fd_, batch.data(), static_cast<int>(batch.size()), 0);
  for (int i = 0; i < count; ++i) {
    const epoll_event& ready = batch[static_cast<std::size_t>(i)];
    static_cast<EdgeEvents*>(ready.data.ptr)->on_edge(ready.events);
  }
}

void EdgePoll::close() {
  if (fd_ < 0) return;
  uv_close(reinterpret_cast<uv_handle_t*>(&poll_), nullptr);
  ::close(std::exchange(fd_, -1));
}

}  // namespace usher::net
