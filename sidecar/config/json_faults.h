// What is wrong with a text that is not JSON, in words; the parser knows little more than where.
//
// Thread: any. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace usher::config {

struct JsonFault {
  std::size_t offset = 0;
  std::string message;
};

// A string that does not end, or a control character in one.
std::optional<JsonFault> find_string_fault(std::string_view text);

// A bracket without its other one. REQUIRES: no string fault.
std::optional<JsonFault> find_bracket_fault(std::string_view text);

// What is wrong with the token at `offset`, at which a parser stopped. REQUIRES: no string fault.
std::string explain_token(std::string_view text, std::size_t offset);

}  // namespace usher::config
