// Bounds and timeouts of the process that no endpoint overrides ("limits" and "outbound" in
// usher.json).
#pragma once

#include <cstddef>

#include "base/clock.h"
#include "http/parser.h"

namespace usher::policy {

struct Limits {
  http::HeadLimits head;  // request heads; responses use the same
  std::size_t signed_body_bytes =
      1024 * 1024;  // a body that is held because its signature covers it
  std::size_t buffer_bytes =
      64 * 1024;  // bytes waiting in one direction of one call before its sender is paused
  std::size_t replay_bytes =
      256 * 1024;  // of a body that is kept while it is sent, to be sent once more
  std::size_t memory_bytes = 64 * 1024 * 1024;  // of all calls of the process
  std::size_t connections = 4096;               // consumers' connections of the process
};

struct ConsumerTimeouts {
  Duration head = std::chrono::seconds(10);  // from a head's first byte to its last
  Duration idle = std::chrono::seconds(75);  // a kept-alive connection without a call
  Duration body =
      std::chrono::seconds(30);  // without progress while a body is read or an answer written
};

}  // namespace usher::policy
