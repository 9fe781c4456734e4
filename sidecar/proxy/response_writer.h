// ResponseWriter: an owner's answer on its way to the consumer: head written anew, body framed for
// this consumer.
//
// Owner: Exchange.  Thread: worker.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "http/head_writer.h"
#include "http/message.h"
#include "net/stream.h"
#include "policy/request_context.h"
#include "proxy/attempt.h"

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
  std::string_view keep_alive;       // the Keep-Alive field's value; empty: it is not said
  std::string_view cache_status{};   // Cache-Status of this cache; empty: it is not said
  bool invalidation_failed = false;  // Redis does not know yet of what the call has changed
};

// Writes them behind the owner's fields. `close`: the connection ends with this answer.
void write_facts(http::HeadWriter& writer, const AnswerFacts& facts, bool close);

class ResponseWriter {
 public:
  void reset() { mode_ = Mode::None; }

  // Sends an interim answer (1xx).
  static void send_interim(net::Stream& consumer, const http::ResponseHead& head,
                           std::span<char> buffer);

  // Sends the head and what there is of the body in one write. Returns what Stream::write does.
  // Errors: UpstreamProtocol when the head cannot be written. REQUIRES: part.head.
  Result<bool> begin(net::Stream& consumer, const AnswerPart& part, const AnswerFacts& facts,
                     std::span<char> buffer);
  bool go_on(net::Stream& consumer, const AnswerPart& part);

  // The consumer cannot tell a whole body from one that is cut, but by a reset.
  bool ends_by_close() const { return mode_ == Mode::UntilClose; }

 private:
  enum class Mode : std::uint8_t {
    None,    // no body: HEAD, 204, 304
    AsItIs,  // Content-Length
    Chunked,
    UntilClose,  // HTTP/1.0 without a length
  };

  static Mode choose_mode(const AnswerPart& part, bool consumer_http_1_0);
  bool send(net::Stream& consumer, std::string_view head, const AnswerPart& part);

  Mode mode_ = Mode::None;
};

}  // namespace usher::proxy
