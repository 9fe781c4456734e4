// Connection is one accepted socket, read and written with blocking calls.
//
// Owner:  the thread HttpServer started for it.   Thread: that one only.
// Bounds: kHeadBytesMax for a head; a body is handed on piece by piece and never held here.
// Errors: values; a peer that is gone shows as Closed or false.
//
// The parser refuses whatever a careful server refuses (RFC 9112): both framings at once, folded
// lines, space before a colon, bare CR or LF, unknown codings. A sidecar that emits such a thing is
// at fault and must see it fail.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "http_message.h"

namespace owners {

class Connection {
 public:
  enum class Read { Complete, Closed, Malformed };
  using BodySink = std::function<void(std::string_view)>;

  static constexpr std::size_t kHeadBytesMax = 64 * 1024;

  explicit Connection(int socket) : socket_(socket) {}
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // True when a byte (or the end) can be read within `patience`.
  bool wait_readable(std::chrono::milliseconds patience) const;

  // Fills everything but the body and remembers how the body is framed.
  Read read_head(Request& request);
  // Reads the body that follows the last head, to its end, through `sink`.
  Read read_body(const BodySink& sink);

  bool write(std::string_view bytes) const;

  // Returns when the peer has closed or `patience` is over, bytes of a next request or not.
  void wait_for_hangup(std::chrono::milliseconds patience) const;

  // Sends RST instead of FIN.
  void reset();
  // Sends FIN and reads on for a moment, so that unread bytes do not turn the FIN into an RST.
  void close_gently();

 private:
  enum class Framing { None, Length, Chunked };

  Read parse_head(std::string_view head, Request& request);
  Read decide_framing(const Request& request);
  Read read_length(std::uint64_t length, const BodySink& sink);
  Read read_chunks(const BodySink& sink);
  Read read_line(std::string& line);
  bool fill();

  int socket_;
  std::string buffer_;  // received, not yet consumed
  Framing framing_ = Framing::None;
  std::uint64_t length_ = 0;
  bool expects_continue_ = false;
};

}  // namespace owners
