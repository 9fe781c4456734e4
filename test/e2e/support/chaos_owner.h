// The owner of the chaos test: a fixed crew of threads, each serving one connection at a time, that
// answers each call as the call says, and keeps account of what it got.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "support/chaos_call.h"
#include "support/socket.h"

namespace e2e::chaos {

// Complaints of all sides: the first few, and how many there are.
class Complaints {
 public:
  void add(const std::string& text);
  std::size_t count();
  std::string text();

 private:
  static constexpr std::size_t kKept = 20;
  std::mutex mutex_;
  std::size_t count_ = 0;
  std::string kept_;
};

class Owner {
 public:
  // REQUIRES: the sidecar opens fewer than `threads` connections, and is gone before this is.
  Owner(std::uint64_t seed, std::size_t threads, Complaints& complaints);
  ~Owner();

  std::string address() const {
    return "http://127.0.0.1:" + std::to_string(listener_.local_port());
  }
  // How often this call's head has come.
  int executions(std::uint64_t number);

 private:
  void serve(Socket& socket);
  // False when the connection is over.
  bool answer(const Call& call, MessageReader& reader, Message& request, Socket& socket);
  bool check(const Call& call, const Message& request);
  void cut(const Call& call, Socket& socket, std::string_view answer);
  void send_in_pieces(const Socket& socket, std::string_view text, Chance chance);

  std::uint64_t seed_;
  Complaints* complaints_;
  Socket listener_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, int> executions_;
  std::vector<std::thread> threads_;
};

// Some milliseconds, often none.
void pause_by_chance(Chance& chance);

}  // namespace e2e::chaos
