// ResponseWriter: an owner's answer on its way to the consumer: head written anew, body framed for
// this consumer.
//
// Owner: Exchange.  Thread: worker.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "http/message.h"
#include "net/stream.h"
#include "policy/request_context.h"

namespace usher::proxy {

// What the answer's head says beside the owner's own fields.
struct AnswerFacts {
  const policy::RequestContext& context;
  std::string_view endpoint;
  int attempts;
  bool annotate;
  bool retried;
  bool close;  // the connection ends with this answer
  bool consumer_http_1_0;
};

class ResponseWriter {
 public:
  void reset() { mode_ = Mode::None; }

  // Sends the head and the first part of the body in one write. `complete`: `body` is all of it.
  // Returns what Stream::write does. Errors: UpstreamProtocol when the head cannot be written.
  Result<bool> begin(net::Stream& consumer, const http::ResponseHead& head,
                     const AnswerFacts& facts, std::span<const std::string_view> body,
                     bool complete, std::span<char> buffer);
  bool go_on(net::Stream& consumer, std::span<const std::string_view> body, bool complete);

  // The consumer cannot tell a whole body from one that is cut, but by a reset.
  bool ends_by_close() const { return mode_ == Mode::UntilClose; }

 private:
  enum class Mode : std::uint8_t {
    None,    // no body: HEAD, 204, 304
    AsItIs,  // Content-Length
    Chunked,
    UntilClose,  // HTTP/1.0 without a length
  };

  static Mode choose_mode(const http::ResponseHead& head, bool complete, bool consumer_http_1_0);
  bool send(net::Stream& consumer, std::string_view head, std::span<const std::string_view> body,
            bool complete);

  Mode mode_ = Mode::None;
};

}  // namespace usher::proxy
