// A second opinion on HTTP/1.1: a small, slow reader that shares no line with sidecar/http.
//
// It reads whole messages out of whole bytes by the letter of RFC 9112, and where the RFC leaves a
// choice it takes the strict side, but for what Usher documents that it accepts (one empty line in
// front of a request, a status line without a phrase). So whatever Usher reads as a request must be
// one here as well, and whatever it writes must read the same here. Trailers that would frame or
// route their message make it malformed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace usher::fuzz {

enum class Verdict {
  Whole,
  Part,  // the bytes end before the message does
  Malformed,
};

using StrictFields = std::vector<std::pair<std::string, std::string>>;  // in their order

struct StrictMessage {
  std::string method;  // of a request
  std::string target;
  int status = 0;         // of a response
  int minor = 1;          // of the version 1.x
  bool has_head = false;  // false: the bytes end within the head
  StrictFields fields;
  std::string body;       // as far as it is there
  StrictFields trailers;  // of a whole message

  // The number of fields of that name, and the value of the first one.
  std::size_t count(std::string_view name) const;
  std::string value(std::string_view name) const;
  // Is it among what the Connection fields list?
  bool nominates(std::string_view name) const;
};

struct StrictReading {
  std::vector<StrictMessage> messages;  // the whole ones
  Verdict rest = Verdict::Whole;        // what follows them; Whole: nothing
  StrictMessage part;                   // of Verdict::Part
};

StrictReading read_requests(std::string_view bytes);

// `methods`: of the requests in their order, GET for those behind them. `ended`: the peer sent FIN
// behind the bytes. Interim answers are messages of their own.
StrictReading read_responses(std::string_view bytes, const std::vector<std::string>& methods,
                             bool ended);

struct StrictChunked {
  Verdict verdict = Verdict::Part;
  std::string body;
  StrictFields trailers;
  std::size_t size = 0;  // of Verdict::Whole: the bytes that were the body
};

// A chunked body at the front of `bytes`, trailers included.
StrictChunked read_chunked(std::string_view bytes);

bool same_name(std::string_view a, std::string_view b);
// True when '_' read as '-' makes `name` begin with `prefix`, without case.
bool begins_like(std::string_view name, std::string_view prefix);

// True where `some` are fields of `all`, in their order.
bool is_part_of(const StrictFields& some, const StrictFields& all);
// True where `passed` are some of the trailers of `sent`, in their order, and none of them ends at
// its Connection or may only come in a head: framing, routing, credentials, conditions, context,
// and what only Usher says.
bool are_passable_trailers(const StrictFields& passed, const StrictMessage& sent);

}  // namespace usher::fuzz
