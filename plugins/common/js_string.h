// Strings and keys as JSON.stringify writes them (ECMA-262 section 25.5.2.3, QuoteJSONString), and
// as JavaScript orders them. Pure functions, callable from any thread. A "quoted" string is one
// that these functions wrote, with its quotes.
#ifndef USHER_PLUGINS_COMMON_JS_STRING_H
#define USHER_PLUGINS_COMMON_JS_STRING_H

#include <cstdint>
#include <string>
#include <string_view>

namespace usher::plugins {

// Appends one code point of a string, escaped where it must be; lone surrogates must.
void append_js_escaped(uint32_t code_point, std::string& out);

// Appends valid UTF-8 as a whole string, quotes included.
void append_js_string(std::string_view text, std::string& out);

inline constexpr uint32_t kNoArrayIndex = 0xFFFFFFFF;

// The value of a quoted key that is an array index: 0 to 2^32 - 2, without leading zeros.
uint32_t js_array_index(std::string_view quoted);

// JavaScript's order of strings, by UTF-16 units, of two quoted strings.
bool js_less(std::string_view quoted_a, std::string_view quoted_b);

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_COMMON_JS_STRING_H
