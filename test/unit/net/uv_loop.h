// A UvNetwork on the test's own thread, listening on the loopback, and plain sockets as its peers.
// Turns of the loop run until what the test waits for has happened; nothing sleeps.
#pragma once

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "net/uv_network.h"

namespace usher::net {

// A peer that the kernel alone serves; it never blocks but for connecting.
class Peer {
 public:
  explicit Peer(const SocketAddress& address, int receive_buffer = 0)
      : fd_(::socket(address.family(), SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    EXPECT_EQ(::connect(fd_, address.data(), address.size()), 0);
  }
  ~Peer() { close(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  void send(std::string_view bytes) {
    EXPECT_EQ(::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  // Sends what the kernel takes now; returns how much that is.
  std::size_t offer(std::string_view bytes) const {
    const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }
  void send_out_of_band(char byte) const { EXPECT_EQ(::send(fd_, &byte, 1, MSG_OOB), 1); }
  // What is there now, at most `limit` bytes; appended to received() too.
  std::size_t receive(std::size_t limit = 1 << 16) {
    std::string bytes(limit, '\0');
    const ssize_t count = ::recv(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    ended_ = ended_ || count == 0;
    reset_ = reset_ || (count < 0 && errno == ECONNRESET);
    const std::size_t size = count > 0 ? static_cast<std::size_t>(count) : 0;
    received_.append(bytes, 0, size);
    return size;
  }
  const std::string& received() const { return received_; }
  bool ended() const { return ended_; }
  bool was_reset() const { return reset_; }
  void end() { ::shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    close();
  }

 private:
  int fd_;
  std::string received_;
  bool ended_ = false;
  bool reset_ = false;
};

// One stream's events, recorded.
struct Record final : StreamEvents {
  Stream* stream = nullptr;
  std::string received;
  bool connected = false;
  int ends = 0;
  int writables = 0;
  int failures = 0;

  ~Record() { close(); }
  void on_connected() override { connected = true; }
  void on_read(std::string_view bytes) override { received.append(bytes); }
  void on_end() override { ++ends; }
  void on_writable() override { ++writables; }
  void on_failure() override { ++failures; }

  bool send(std::string_view bytes) {
    const std::string_view parts[] = {bytes};
    return stream->write(parts);
  }
  void close() {
    if (stream != nullptr) stream->close();
    stream = nullptr;
  }
};

class UvLoop : public testing::Test, protected ListenerEvents {
 protected:
  explicit UvLoop(std::size_t streams_max = 64, const StreamBuffers& buffers = {})
      : network(streams_max, buffers) {
    std::signal(SIGPIPE, SIG_IGN);
  }
  ~UvLoop() override {
    accepted.clear();
    overflowed.clear();
  }

  void listen(const SocketAddress& wanted, int send_buffer = 0) {
    auto socket = ListenSocket::open(wanted, false);
    ASSERT_TRUE(socket.has_value()) << socket.error();
    address = socket->address();
    if (send_buffer > 0) {  // accepted sockets inherit it
      const int fd = socket->duplicate()->release();
      ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof(send_buffer));
      ::close(fd);
    }
    network.listen(std::move(*socket), *this);
  }
  void listen() { listen(*SocketAddress::from_ip("127.0.0.1", 0)); }

  void turn() { uv_run(network.loop(), UV_RUN_NOWAIT); }
  // Runs turns until `done`; false when that does not come.
  bool run_until(const std::function<bool()>& done) {
    const auto hopeless = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done()) {
      if (std::chrono::steady_clock::now() > hopeless) return false;
      turn();
    }
    return true;
  }
  Record& accept() {
    const std::size_t index = taken_++;
    EXPECT_TRUE(run_until([&] { return accepted.size() > index; }));
    return *accepted[index];
  }

  StreamEvents* on_accept(Stream& stream) override {
    if (refusing) return nullptr;
    accepted.push_back(std::make_unique<Record>());
    accepted.back()->stream = &stream;
    return accepted.back().get();
  }
  bool may_accept() override { return accepted.size() < accept_max; }
  StreamEvents* on_overflow(Stream& stream) override {
    overflowed.push_back(std::make_unique<Record>());
    overflowed.back()->stream = &stream;
    return overflowed.back().get();
  }
  void on_accept_failed() override { ++accept_failures; }

  UvNetwork network;
  SocketAddress address = *SocketAddress::from_ip("0.0.0.0", 0);
  std::vector<std::unique_ptr<Record>> accepted;
  std::vector<std::unique_ptr<Record>> overflowed;
  int accept_failures = 0;
  std::size_t accept_max = SIZE_MAX;
  bool refusing = false;

 private:
  std::size_t taken_ = 0;
};

}  // namespace usher::net
