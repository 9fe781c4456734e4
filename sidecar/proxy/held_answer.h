// HeldAnswer: an owner's answer that is kept back while it is decided whether another attempt gives
// a better one. What was kept last is what the consumer gets when none does.
//
// Owner: Exchange.  Thread: worker.  Bounds: kMaxBytes of body; a larger answer is not kept back.
// It copies and allocates: only answers with a status that is retried get here.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"
#include "proxy/attempt.h"

namespace usher::proxy {

class HeldAnswer {
 public:
  static constexpr std::size_t kMaxBytes = 64 * 1024;

  // Begins with an answer's head, whose fields are copied; forgets an earlier one.
  void begin(const http::ResponseHead& head);
  // Adds a part of its body. False when it is too large: what is held is then part().
  bool add(const AnswerPart& part);
  void clear();

  // An answer is held, whole or not.
  bool exists() const { return head_.status != 0; }
  bool whole() const { return whole_; }
  const http::ResponseHead& head() const { return head_; }
  // All that is held. Valid until the next call of begin(), add() or clear().
  AnswerPart part() const;

 private:
  http::ResponseHead head_;
  std::vector<std::string> texts_;  // of the head's names and values
  std::string body_;
  std::string_view run_;  // body_, for part()
  std::string trailers_;
  bool whole_ = false;
};

}  // namespace usher::proxy
