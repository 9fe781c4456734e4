// What HTTP allows as a header's name and value (RFC 9110 sections 5.5 and 5.6.2).
#ifndef USHER_PLUGINS_COMMON_HTTP_TEXT_H
#define USHER_PLUGINS_COMMON_HTTP_TEXT_H

#include <algorithm>
#include <string_view>

namespace usher::plugins {

// A token: at least one character, letters, digits and !#$%&'*+-.^_`|~ only.
inline bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kMarks.find(c) != std::string_view::npos;
  });
}

// A value that arrives as it was sent: no control characters, no space at either end.
inline bool is_field_value(std::string_view text) {
  if (text.empty() || text.front() == ' ' || text.back() == ' ') return false;
  return std::none_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

// Header names are compared without regard to case.
inline bool same_name(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace usher::plugins

#endif  // USHER_PLUGINS_COMMON_HTTP_TEXT_H
