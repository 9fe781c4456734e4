// Servers in the peer's namespace, at one port of all its addresses.
#pragma once

#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "intercept/namespace.h"
#include "support/socket.h"

namespace e2e {

class Service {
 public:
  // Runs for each connection in a thread of its own; the connection closes when it returns.
  using Script = std::function<void(const Socket&)>;

  Service(const Namespace& place, int port, Script script);
  ~Service();
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

  // So far.
  int connections();

 private:
  void accept_all();

  Socket listener_;
  Script script_;
  std::mutex mutex_;
  bool stopping_ = false;
  std::list<Socket> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// --- scripts

// Answers every call with what it has seen of it, as JSON: owner, target, host, signed, body. An
// Upgrade is taken, and from then on it echoes.
Service::Script http_owner(const std::string& name);
// Sends back what it gets, as it comes, and ends when its client does.
void echo(const Socket& socket);
// Greets first, then answers every line with "row " and that line.
void database(const Socket& socket);
inline constexpr auto kGreeting = "database ready\n";
// Says nothing until its client has ended, then how many bytes that were.
void count_to_the_end(const Socket& socket);

}  // namespace e2e
