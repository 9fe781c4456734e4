// Bytes as text: hexadecimal and base64 (RFC 4648). Pure functions, callable from any thread.
#ifndef USHER_PLUGINS_COMMON_ENCODING_H
#define USHER_PLUGINS_COMMON_ENCODING_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace usher::plugins {

// Writes 2 * bytes.size() lower-case digits to `out` and returns where they end.
char* write_hex(std::span<const uint8_t> bytes, char* out);

// Writes standard base64 with padding, 4 * ceil(size / 3) characters, to `out` and returns where
// they end.
char* write_base64(std::span<const uint8_t> bytes, char* out);

// base64url without padding (RFC 4648 section 5), as JSON Web Tokens use it.
std::string base64url(std::span<const uint8_t> bytes);

// Standard base64, padded or not; white space anywhere is skipped, since keys are often wrapped.
// Nothing when any other character turns up or the length is impossible.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_COMMON_ENCODING_H
