// Numbers as JavaScript reads and writes them: every number is an IEEE 754 double, written with the
// fewest digits that read back as the same double (ECMA-262 section 6.1.6.1.20, Number::toString).
// Pure functions, callable from any thread; no memory is allocated.
#ifndef USHER_PLUGINS_COMMON_JS_NUMBER_H
#define USHER_PLUGINS_COMMON_JS_NUMBER_H

#include <array>
#include <cstddef>
#include <string_view>

namespace usher::plugins {

using JsNumberBuffer = std::array<char, 32>;

// The text that JSON.stringify(JSON.parse(number)) gives, in `buffer`. `number` is a number by the
// grammar of JSON. Beyond the largest double that is "null", below the smallest "0", as is -0.
std::string_view js_number(std::string_view number, JsNumberBuffer& buffer);

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_COMMON_JS_NUMBER_H
