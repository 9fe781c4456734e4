// A consumer's end of a connection, read strictly.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "safety/safety_platform.h"

namespace e2e {

class StrictClient {
 public:
  StrictClient() : socket_(Socket::connect(SafetyPlatform::sidecar().port())) {}

  // What the sidecar does not want any more is not sent.
  void send(std::string_view bytes, Delivery delivery) { deliver(socket_, bytes, delivery); }
  // The next final answer; the interim ones in front of it are interims() then. Nothing when the
  // connection ends before it, or within it (`cut` is then true). Answers that are not strictly
  // HTTP fail the test.
  std::optional<StrictMessage> read(std::string_view method, bool* cut = nullptr);
  // In normal_form().
  const std::vector<std::string>& interims() const { return interims_; }
  // True when the sidecar closes and nothing comes before.
  bool closed();
  Socket& socket() { return socket_; }

 private:
  Socket socket_;
  std::string buffer_;
  std::vector<std::string> interims_;
  bool ended_ = false;
};

// "BAD_REQUEST" of an error of Usher's own, else "".
std::string code_of(const StrictMessage& response);

}  // namespace e2e
