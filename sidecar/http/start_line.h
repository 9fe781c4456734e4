// The first line of a head, read from the raw bytes: llhttp takes "GET /x RTSP/1.0" for HTTP/1.0, a
// line without a version for HTTP/0.9 and two spaces for one.
//
// Thread: any. Pure. Errors: BadRequest, HeadersTooLarge.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"
#include "http/message.h"

namespace usher::http {

// Sets method, method_name, http_1_0 and, as it stands in the line, target. REQUIRES: a CRLF in
// `head_bytes`.
Status read_request_line(std::string_view head_bytes, std::size_t target_bytes_max,
                         RequestHead& head);

// Checks the target by its form (RFC 9112 §3.2) and the Host fields (RFC 9110 §7.2), which must
// agree. Sets target, authority, host and asterisk. REQUIRES: read_request_line() and the fields.
Status read_target(RequestHead& head);

// Sets status and http_1_0. 101 is refused: nothing here asks for an upgrade. REQUIRES: a CRLF in
// `head_bytes`.
Status read_status_line(std::string_view head_bytes, ResponseHead& head);

}  // namespace usher::http
