#include "config/json_faults.h"

#include <algorithm>
#include <vector>

#include "base/bytes.h"

namespace usher::config {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

// Where the string that begins at `at` ends: at its quote, or at the text's end.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return std::min(at, text.size());
}

// The last byte before `offset` that is no space; NUL where there is none.
char before(std::string_view text, std::size_t offset) {
  const std::size_t at = text.substr(0, offset).find_last_not_of(kSpace);
  return at == std::string_view::npos ? '\0' : text[at];
}

bool ends_a_value(char c) {
  return c == '"' || c == '}' || c == ']' || is_digit(c) || (c >= 'a' && c <= 'z');
}

bool begins_a_value(char c) {
  return c == '"' || c == '{' || c == '[' || c == '-' || is_digit(c);
}

bool is_word(std::string_view text) {
  const char first = text.empty() ? '\0' : to_lower(text.front());
  return first >= 'a' && first <= 'z';
}

std::string explain_number(std::string_view token) {
  // By RFC 8259: no '+', no leading zeros, digits on both sides of a point.
  const std::size_t first = token.starts_with('-') ? 1 : 0;
  const bool leads = token.size() > first + 1 && token[first] == '0' && is_digit(token[first + 1]);
  if (leads) return "a number does not begin with 0 in JSON; leave that out";
  const bool whole = token.find_first_not_of("0123456789", first) == std::string_view::npos;
  const bool exponent = token.find_first_of("eE") != std::string_view::npos;
  if ((whole && token.size() > first) || exponent) {
    return "this number is too large for JSON's readers; none here is so large";
  }
  return "not a number as JSON writes them";
}

}  // namespace

std::optional<JsonFault> find_string_fault(std::string_view text) {
  for (std::size_t at = text.find('"'); at != std::string_view::npos; at = text.find('"', at + 1)) {
    const std::size_t end = end_of_string(text, at);
    const std::string_view inside = text.substr(at, end - at);
    const auto control = std::find_if(inside.begin(), inside.end(),
                                      [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (control != inside.end()) {
      return JsonFault{.offset = at + static_cast<std::size_t>(control - inside.begin()),
                       .message =
                           "a control character in a string; strings end on their line, "
                           "escapes are \\n, \\t, \\u0000"};
    }
    if (end == text.size()) {
      return JsonFault{.offset = at, .message = "this string does not end; a '\"' is missing"};
    }
    at = end;
  }
  return std::nullopt;
}

std::optional<JsonFault> find_bracket_fault(std::string_view text) {
  std::vector<std::size_t> open;
  for (std::size_t at = text.find_first_of("\"{}[]"); at != std::string_view::npos;
       at = text.find_first_of("\"{}[]", at + 1)) {
    const char c = text[at];
    if (c == '"') {
      at = end_of_string(text, at);
    } else if (c == '{' || c == '[') {
      open.push_back(at);
    } else if (open.empty()) {
      return std::nullopt;  // it stands behind the whole, which is said of all that does
    } else if (text[open.back()] != (c == '}' ? '{' : '[')) {
      return JsonFault{.offset = open.back(),
                       .message = std::string("this '") + text[open.back()] +
                                  "' is not closed before a '" + c + "' closes what is around it"};
    } else {
      open.pop_back();
    }
  }
  if (open.empty()) return std::nullopt;
  const char opened = text[open.back()];
  return JsonFault{.offset = open.back(),
                   .message = std::string("this '") + opened + "' is not closed; the file ends " +
                              "without its '" + (opened == '{' ? '}' : ']') + "'"};
}

std::string explain_token(std::string_view text, std::size_t offset) {
  const std::string_view token = text.substr(offset);
  const char c = token.empty() ? '\0' : token.front();
  const char last = before(text, offset);
  if (last == ',' && (c == '}' || c == ']')) {
    return "the comma before this is one too many; leave it out";
  }
  if (c == '/' || c == '#') return "JSON has no comments; leave this out";
  if (c == '\'') return "a string stands in double quotes in JSON";
  if (ends_a_value(last) && begins_a_value(c)) return "a comma or colon is missing before this";
  if (c == '-' || is_digit(c)) {
    return explain_number(token.substr(0, token.find_first_of(",]}: \t\r\n")));
  }
  if (is_word(token)) return "neither true, false nor null; a name or text stands in double quotes";
  if (!token.empty() && static_cast<unsigned char>(c) < 0x20) return "a control character";
  return "not valid JSON here; look for a comma, colon, quote or bracket too few or too many";
}

}  // namespace usher::config
