// An owner that does exactly what a test says: it keeps the bytes it got and answers scripted ones.
#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/raw_http.h"

namespace e2e {

// One connection to a RawOwner, for its script.
class Peer {
 public:
  Peer(Socket socket, int number) : socket_(std::move(socket)), reader_(socket_), number_(number) {}

  // Counts connections from 0.
  int number() const { return number_; }
  // The next request, its body whole; nothing when the sidecar has closed or cut it.
  std::optional<Message> read();
  // The next request's head, its body left on the wire.
  std::optional<Message> read_head();
  std::string read_some();
  bool send(std::string_view bytes) const { return socket_.write(bytes); }
  const Socket& socket() const { return socket_; }
  // Answers 200 with this JSON, keeping the connection.
  bool answer(std::string_view json = "{}") const;
  void reset();
  void close();
  // Returns when the sidecar has closed.
  void wait_for_close() const { socket_.read_to_end(); }

 private:
  friend class RawOwner;
  // For the end of the test, from its thread: whoever waits here goes on.
  void shut();

  std::mutex closing_;  // between the script, which alone closes, and shut()
  Socket socket_;
  MessageReader reader_;
  int number_;
  std::function<void(const Message&)> record_;
};

std::string ok_with(std::string_view json, std::string_view more_fields = "");

class RawOwner {
 public:
  // Runs for each connection in a thread of its own; the connection closes when it returns.
  using Script = std::function<void(Peer&)>;

  // Without a script it answers every request with 200 {}.
  explicit RawOwner(Script script = nullptr);
  ~RawOwner();

  int port() const { return listener_.local_port(); }
  std::string address() const { return "http://127.0.0.1:" + std::to_string(port()); }
  // What came, in order; waits until there are `at_least`.
  std::vector<Message> requests(std::size_t at_least = 0);
  Message request() { return requests(1).front(); }
  int connections();

 private:
  void accept_all();
  void serve(Peer& peer);

  Socket listener_;
  Script script_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::vector<Message> requests_;
  std::list<Peer> peers_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace e2e
