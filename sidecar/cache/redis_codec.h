// RESP2 as functions of bytes, without sockets: commands are written into a buffer of the caller's,
// replies are read by hiredis' reader from bytes in any pieces.
//
// A reply's objects live in memory of the reader's that is used for the next reply again.
//
// Thread: the owner's.  Bounds: ReplyLimits for one reply; what is beyond breaks the reader, as
// does everything that is no reply. hiredis itself would wait for "$2147483648", reserve memory for
// "*1073741825" and not look at what ends a string.
// Source: RESP2 (redis.io/docs/reference/protocol-spec).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "cache/redis_reply.h"

namespace usher::cache {

// Appends the command, which is binary-safe.
void append_command(std::string& buffer, std::span<const std::string_view> args);

struct ReplyLimits {
  std::size_t bytes = 1024 * 1024 + 64 * 1024;  // an entry of 1 MiB and what belongs to it
  std::size_t elements = 32 * 1024;             // of all its arrays
};

class ReplyReader {
 public:
  enum class Status : std::uint8_t {
    Reply,       // reply() is one
    Incomplete,  // more bytes are needed
    Broken,      // no reply, or a too large one; stays so until reset()
  };

  explicit ReplyReader(const ReplyLimits& limits = {});
  ~ReplyReader();
  ReplyReader(const ReplyReader&) = delete;
  ReplyReader& operator=(const ReplyReader&) = delete;

  // next() until it says Incomplete or Broken, then feed() again.
  void feed(std::string_view bytes);
  Status next();
  // Valid until next() or reset().
  RedisReply reply() const;

  // Forgets all that it was fed.
  void reset();
  // Of bytes and objects that it keeps, for tests of the bounds.
  std::size_t held_bytes() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace usher::cache
