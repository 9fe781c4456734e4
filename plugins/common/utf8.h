// UTF-8 as JavaScript sees it: bytes that are no UTF-8 become U+FFFD when a body is decoded, and
// strings are compared by their UTF-16 units. Pure functions, callable from any thread.
#ifndef USHER_PLUGINS_COMMON_UTF8_H
#define USHER_PLUGINS_COMMON_UTF8_H

#include <cstdint>
#include <string>
#include <string_view>

namespace usher::plugins {

// Appends one code point, lone surrogates included (they take three bytes, like any other below
// U+10000).
void append_utf8(uint32_t code_point, std::string& out);

bool is_utf8(std::string_view text);

// Every maximal part that is no UTF-8 becomes one U+FFFD (WHATWG Encoding, "UTF-8 decode", and
// Unicode 3.9 "U+FFFD Substitution of Maximal Subparts"), as Node's Buffer.toString does.
void repair_utf8(std::string_view text, std::string& out);

// The UTF-16 units of valid UTF-8; encoded lone surrogates are units of their own.
std::u16string to_utf16(std::string_view text);

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_COMMON_UTF8_H
