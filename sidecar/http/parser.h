// Heads: bytes → RequestHead or ResponseHead, strictly.
//
// Three steps, each of which refuses: find_head_end() checks every byte while it looks for the end
// of the head (http/head_scanner.h); llhttp in strict mode splits the head into spans; parser.cc
// then checks what llhttp does not (request line, Host, framing, Connection). A head that passes
// means one thing to every parser.
//
// Thread: any. Pure.
// Errors: BadRequest or HeadersTooLarge for requests, UpstreamProtocol for responses, each with a
//   constant detail.
// Source: RFC 9112 §2–§7, RFC 9110 §5–§7; the CVEs that made a rule stand beside it in the .cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace usher::http {

// Of llhttp, as compiled in.
std::string library_version();

struct HeadLimits {
  std::size_t head_bytes = 32 * 1024;   // request or status line and all fields
  std::size_t target_bytes = 8 * 1024;  // the request target
  std::size_t field_count = kMaxFields;
};

// What a head may ask for.
enum class Reading : std::uint8_t {
  Calls,       // CONNECT and upgrades to other protocols are refused
  Everything,  // they are read: CONNECT's target is `authority`
};

// Parses exactly one whole head, blank line included. `head` is overwritten; its views point into
// `bytes`. REQUIRES: find_head_end() passed and delimited `bytes`.
Status parse_request_head(std::string_view bytes, const HeadLimits& limits, RequestHead& head,
                          Reading reading = Reading::Calls);

// The same for a response; `request_method` decides whether a body follows (HEAD: RFC 9110 §9.3.2).
// An informational head (1xx) parses with Framing::None.
Status parse_response_head(std::string_view bytes, Method request_method, const HeadLimits& limits,
                           ResponseHead& head);

}  // namespace usher::http
