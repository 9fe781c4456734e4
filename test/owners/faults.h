// Faults are what the admin port tells an owner to do instead of its job.
//
// Owner:  Platform.   Thread: any.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connection.h"
#include "http_message.h"

namespace owners {

enum class FaultKind {
  Delay,     // wait, then serve as usual
  Status,    // answer with status, headers and body
  Reset,     // RST before any byte
  Truncate,  // announce the whole body, send `bytes` of it, close
  Hang,      // never answer
  Close,     // FIN before any byte
  Garbage,   // `bytes` bytes that are no HTTP, close
  SlowBody,  // `bytes` bytes of the pattern in ten pieces, `delay` between them
  BigBody,   // `bytes` bytes of the pattern
  Echo,      // 200 with what was received; the body is hashed as it flows and not kept
};

struct Fault {
  std::string owner;  // empty: every owner
  std::string match;  // glob over "METHOD /path"; empty: every request
  FaultKind kind = FaultKind::Delay;
  std::chrono::milliseconds delay{0};
  int status = 503;
  std::vector<Header> headers;
  std::string body;
  std::uint64_t times = 0;  // how often, 0: until cleared
  std::uint64_t after = 0;  // matching requests let through first
  std::optional<std::uint64_t> bytes;
  bool chunked = false;
  bool after_auth = false;
};

class Faults {
 public:
  void add(Fault fault);
  void clear();
  // The first fault that strikes this request; counts it.
  std::optional<Fault> strike(std::string_view owner, const Request& request);

 private:
  std::mutex mutex_;
  std::vector<Fault> faults_;
};

// Throws std::invalid_argument with a text for the caller of the admin port.
Fault parse_fault(const Json& json);

// Performs any kind but Delay and Echo. True when the connection can serve another request.
bool perform_fault(const Fault& fault, Connection& connection, const Request& request,
                   int keep_alive_seconds);

// Byte `index` of the pattern bodies: the printable ASCII characters from ' ' to '~', over and
// over.
char pattern_byte(std::uint64_t index);

}  // namespace owners
