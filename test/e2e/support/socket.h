// A blocking stream socket with a hang guard on every operation.
#pragma once

#include <string>
#include <string_view>

namespace e2e {

class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd);
  ~Socket() { close(); }
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // These throw when there is nobody to connect to.
  static Socket connect(int port, const std::string& host = "127.0.0.1");
  static Socket connect_unix(const std::string& path);
  static Socket listen_loopback();

  int fd() const { return fd_; }
  int local_port() const;

  // False when the peer is gone.
  bool write(std::string_view bytes) const;
  // What has come, at least one byte; empty at the end or after a reset.
  std::string read(std::size_t most = 65536) const;
  // All up to the end.
  std::string read_to_end() const;

  void half_close() const;
  void shut() const;
  // Closes with a reset instead of an orderly end.
  void reset();
  void close();

 private:
  int fd_ = -1;
};

// A port of 127.0.0.1 that refuses connections for as long as this lives.
class DeadPort {
 public:
  DeadPort();
  int port() const { return socket_.local_port(); }

 private:
  Socket socket_;  // bound, never listening
};

}  // namespace e2e
