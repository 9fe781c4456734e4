// One pass over arriving bytes that finds the end of a head and refuses every byte that may not
// stand in one: CTLs, NUL, DEL, a CR without LF, an LF without CR, a line that begins with space or
// tab (obs-fold). It makes the head's safety independent of the parser behind it.
//
// Thread: any. Pure.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.h"

namespace usher::http {

// One empty line in front of the head passes (RFC 9112 §2.2: old user agents sent one behind a
// body) and counts as part of it; parse_request_head() skips it and parse_response_head() refuses
// it.
//
// Resumable: `scanned` is how many bytes of `bytes` an earlier call has passed (0 at first), and is
// updated, so that a head that arrives byte by byte is scanned once.
// Returns the head's length, blank line included; 0 when the bytes end before the head does.
// Errors: BadRequest with what is wrong. (For a response the caller maps the code.)
Result<std::size_t> find_head_end(std::string_view bytes, std::size_t& scanned);

}  // namespace usher::http
