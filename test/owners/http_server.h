// HttpServer accepts connections on one port and gives each a thread of its own.
//
// A thread per connection keeps an owner that hangs, waits or streams from holding up the others,
// which is what tests ask of it; nothing here is meant for many thousands of connections.
//
// Written on sockets rather than on an HTTP library because the tests need what libraries hide: the
// order and bytes of the fields, RST instead of FIN, answers cut short, and no silent compression.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "connection.h"

namespace owners {

class HttpServer {
 public:
  // Serves one request whose head has been read; false when the connection is to end.
  using Handler = std::function<bool(Connection&, Request&)>;

  struct Counts {
    std::uint64_t accepted = 0;
    std::uint64_t open = 0;
  };

  // Binds and listens; throws std::system_error naming the address. Port 0: the kernel chooses.
  HttpServer(const std::string& host, int port, std::chrono::seconds keep_alive);
  // REQUIRES: stop() has returned, when start() was called.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return port_; }
  std::chrono::seconds keep_alive() const { return keep_alive_; }
  Counts counts();
  void clear_counts();

  void start(Handler handler);
  // Ends every connection and waits for their threads.
  void stop();

 private:
  void accept_loop();
  void serve(int socket);
  void serve_requests(Connection& connection);

  const std::chrono::seconds keep_alive_;
  int listener_ = -1;
  int port_ = 0;
  Handler handler_;
  std::thread acceptor_;

  std::mutex mutex_;  // guards what follows
  std::condition_variable all_closed_;
  std::set<int> open_;
  std::uint64_t accepted_ = 0;
  bool stopping_ = false;
};

}  // namespace owners
