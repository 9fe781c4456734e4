// A reader of HTTP/1.1 that refuses whatever RFC 9110 and RFC 9112 do not allow. It is written from
// the grammar and shares nothing with sidecar/http, so that each can be held against the other.
#pragma once

#include <string>
#include <string_view>

#include "support/raw_http.h"

namespace e2e {

struct StrictMessage {
  std::string start_line;
  std::string method;  // of a request
  std::string target;  // of a request, as written
  int status = 0;      // of a response
  bool http_1_0 = false;
  Fields fields;
  Fields trailers;
  std::string body;
  std::size_t size = 0;    // of the whole message
  std::string fault = {};  // why it is malformed
};

enum class Reading { Incomplete, Whole, Malformed };

// The request at the front of `bytes`. One empty line in front of it is skipped (RFC 9112 §2.2).
Reading read_strict_request(std::string_view bytes, StrictMessage& request);

// The response at the front of `bytes`, to a request of this method. `ended`: nothing follows them,
// which ends a body without a length.
Reading read_strict_response(std::string_view bytes, std::string_view request_method, bool ended,
                             StrictMessage& response);

// The text that a message comes to when its framing is taken away: start line, fields, an empty
// line, the body's bytes, and the trailers in lines of "trailer NAME: VALUE". Without the fields
// named in `left_out`.
std::string normal_form(const StrictMessage& message, const std::vector<std::string>& left_out);

}  // namespace e2e
