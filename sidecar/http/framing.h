// How long a message's body is, as its fields say (RFC 9112 §6.3): the place where smuggling is
// stopped.
//
// Thread: any. Pure. Errors: BadRequest.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "http/message.h"

namespace usher::http {

struct BodyLength {
  Framing framing = Framing::None;  // never UntilClose: that is a response's reader's conclusion
  std::uint64_t content_length = 0;
};

// Refuses whatever two parsers could count differently: Transfer-Encoding other than exactly
// "chunked", or on HTTP/1.0, or beside a Content-Length; more than one of either; a Content-Length
// that is not 1 to 19 digits or above 2^53 - 1.
Result<BodyLength> read_body_length(const Fields& fields, bool http_1_0);

// False for 1xx, 204 and 304, whatever their fields say.
bool status_has_body(int status);

// False for 1xx and 204, whose heads may announce no length at all (RFC 9110 §8.6, RFC 9112 §6.1).
bool status_may_have_length(int status);

}  // namespace usher::http
