#include "net/pipe_pool.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <utility>

namespace usher::net {
namespace {

constexpr unsigned kSpliceFlags = SPLICE_F_MOVE | SPLICE_F_NONBLOCK;

}  // namespace

Pipe::Pipe(Pipe&& other) noexcept
    : pool_(std::exchange(other.pool_, nullptr)),
      read_end_(other.read_end_),
      write_end_(other.write_end_),
      held_(std::exchange(other.held_, 0)) {}

Pipe& Pipe::operator=(Pipe&& other) noexcept {
  if (this == &other) return *this;
  give_back();
  pool_ = std::exchange(other.pool_, nullptr);
  read_end_ = other.read_end_;
  write_end_ = other.write_end_;
  held_ = std::exchange(other.held_, 0);
  return *this;
}

std::ptrdiff_t Pipe::fill(int from) {
  const ssize_t count = ::splice(from, nullptr, write_end_, nullptr, kBytes, kSpliceFlags);
  if (count > 0) held_ += static_cast<std::size_t>(count);
  return count;
}

// Asking for more than there is would make the system wait for it before it sends the last bytes.
std::ptrdiff_t Pipe::drain(int to) {
  const ssize_t count = ::splice(read_end_, nullptr, to, nullptr, held_, kSpliceFlags);
  if (count > 0) held_ -= static_cast<std::size_t>(count);
  return count;
}

void Pipe::give_back() {
  if (pool_ == nullptr) return;
  std::exchange(pool_, nullptr)->put({read_end_, write_end_}, empty());
  held_ = 0;
}

Pipe PipePool::take() {
  if (lent_ == kLentMax) return {};
  Ends ends{};
  if (!free_.empty()) {
    ends = free_.back();
    free_.pop_back();
  } else {
    std::array<int, 2> made{};
    if (::pipe2(made.data(), O_CLOEXEC | O_NONBLOCK) != 0) return {};
    ends = {.read_end = made[0], .write_end = made[1]};
    ::fcntl(ends.write_end, F_SETPIPE_SZ, static_cast<int>(Pipe::kBytes));  // may be refused
  }
  ++lent_;
  return Pipe(*this, ends.read_end, ends.write_end);
}

void PipePool::put(Ends ends, bool is_empty) {
  --lent_;
  if (is_empty && free_.size() < kKept) {
    free_.push_back(ends);
    return;
  }
  ::close(ends.read_end);
  ::close(ends.write_end);
}

void PipePool::close_free() {
  for (const Ends& ends : free_) {
    ::close(ends.read_end);
    ::close(ends.write_end);
  }
  free_.clear();
}

}  // namespace usher::net
