// One call of the chaos test: what it is, and how its consumer and its owner misbehave, all by the
// seed and the call's number. Both sides derive it, so that each knows what the other will do.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "support/raw_http.h"

namespace e2e::chaos {

// Chance that repeats (SplitMix64).
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  // 0 … limit − 1. REQUIRES: limit > 0.
  std::size_t below(std::size_t limit) { return next() % limit; }
  bool one_in(std::size_t many) { return below(many) == 0; }

 private:
  std::uint64_t state_;
};

// The last four do not wait for the end of their call.
enum class ConsumerAct : std::uint8_t {
  Plain,
  InPieces,    // sends slowly
  HalfClose,   // sends FIN behind its request
  SlowReader,  // takes the answer late, with a small window
  CutRequest,
  ResetRequest,
  CutAnswer,
  ResetAnswer,
};

enum class OwnerAct : std::uint8_t {
  Plain,
  InPieces,     // answers slowly
  Late,         // waits before it answers
  Interim,      // 100 and 103 come first
  SaidClose,    // "Connection: close"
  UnsaidClose,  // closes behind a kept-alive answer …
  UnsaidReset,  // … or resets
  Surplus,      // sends more than its answer
  Early,        // answers before it reads the body
  Close,        // without an answer
  Reset,
  CutHead,
  ResetHead,
  CutBody,
  ResetBody,
  Garbage,  // what it sends is not HTTP
};
std::string_view to_string(OwnerAct act);

struct Call {
  std::uint64_t number = 0;
  std::string method;
  bool is_held = false;  // signed over its body
  bool request_is_chunked = false;
  bool answer_is_chunked = false;
  std::string request_body;
  std::string answer_body;
  ConsumerAct consumer = ConsumerAct::Plain;
  OwnerAct owner = OwnerAct::Plain;

  // May it be executed twice, by the configuration.
  bool is_repeatable() const {
    return method == "GET" || method == "PUT" || (method == "POST" && is_held);
  }
  // Is Usher sure to have all of it still, to send it once more.
  bool is_replayable() const { return method == "GET" || is_held; }
  bool is_patient() const { return consumer < ConsumerAct::CutRequest; }
  bool cuts_request() const {
    return consumer == ConsumerAct::CutRequest || consumer == ConsumerAct::ResetRequest;
  }

  std::string request_text() const;
  // The answer as this owner means it, before it is cut.
  std::string answer_text() const;
  std::size_t answer_head_size() const;
};

// Numbers from here on stand for calls that nobody disturbs.
inline constexpr std::uint64_t kCalmFrom = std::uint64_t{1} << 40;

Call make_call(std::uint64_t seed, std::uint64_t number);
// More chance for one side of a call.
Chance chance_of(std::uint64_t seed, std::uint64_t number, std::string_view side);

std::string hash_of(std::string_view bytes);

// What is wrong with how the call ended, nothing when all is well: it may end in the right answer,
// in an error of Usher's that this owner's act explains, or in an answer that shows that it was
// cut.
std::string complaint(const Call& call, const Response& response);

}  // namespace e2e::chaos
