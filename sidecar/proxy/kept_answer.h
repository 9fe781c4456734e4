// A kept answer on its way to a consumer: its head, with what is said anew of it.
//
// Thread: worker. Allocates nothing.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/result.h"
#include "cache/entry.h"
#include "proxy/response_writer.h"

namespace usher::proxy {

// `not_modified`: 304 instead, without what describes the body (RFC 9110 §15.4.5).
// Errors: UpstreamProtocol when it does not fit.
Result<std::string_view> write_kept_head(const cache::Entry& entry, const AnswerFacts& facts,
                                         bool not_modified, std::int64_t wall_ms,
                                         std::span<char> buffer);

}  // namespace usher::proxy
