// JSON.parse followed by JSON.stringify, as JavaScript does it.
//
// Several of the platform's schemes sign the text an owner gets by serialising the parsed body, not
// the bytes on the wire. So white space goes, 1.0 becomes 1, \u00fc becomes ü, integer-like keys
// come first in ascending order, and of a repeated key the first place and the last value stay.
// Source: ECMA-262 25.5.1 JSON.parse, 25.5.2 JSON.stringify, 10.1.11 OrdinaryOwnPropertyKeys,
// 6.1.6.1.20 Number::toString.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace owners {

// nullopt when JSON.parse would throw. Nesting is bounded at 256, where JavaScript has no bound.
std::optional<std::string> js_canonical_json(std::string_view text);

// Number.prototype.toString; NaN and the infinities give "null", as in JSON.stringify.
std::string js_number(double number);

}  // namespace owners
