// What a redirected connection carries, by its first bytes: HTTP/1.x, which Usher reads, or
// anything else, which it only carries: TLS, a database's protocol, HTTP/2 without TLS.
//
// Thread: any. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace usher::proxy {

enum class Protocol : std::uint8_t { Unknown, Http, Raw };

// `bytes`: all that has come so far. Unknown: more must come, which may be only as far as
// `line_max` without a line's end.
Protocol sniff(std::string_view bytes, std::size_t line_max);

}  // namespace usher::proxy
