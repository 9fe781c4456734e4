#include "common/js_string.h"

#include <algorithm>
#include <charconv>

#include "common/utf8.h"

namespace usher::plugins {
namespace {

// The letter after the backslash in the short escapes of JSON.stringify; 0: there is none.
char short_escape(uint32_t c) {
  switch (c) {
    case '"':
    case '\\':
      return static_cast<char>(c);
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

// The UTF-16 units of a string as append_js_escaped escapes it.
std::u16string units_of(std::string_view quoted) {
  std::string text;
  for (size_t i = 1; i + 1 < quoted.size(); ++i) {
    if (quoted[i] != '\\') {
      text.push_back(quoted[i]);
      continue;
    }
    const char letter = quoted[++i];
    constexpr std::string_view kLetters = "bfnrt";
    constexpr std::string_view kControls = "\b\f\n\r\t";
    if (letter == 'u') {
      uint32_t unit = 0;
      std::from_chars(quoted.data() + i + 1, quoted.data() + i + 5, unit, 16);
      append_utf8(unit, text);
      i += 4;
    } else {
      const size_t at = kLetters.find(letter);
      text.push_back(at == std::string_view::npos ? letter : kControls[at]);
    }
  }
  return to_utf16(text);
}

bool is_plain(std::string_view quoted) {
  return std::none_of(quoted.begin(), quoted.end(),
                      [](char c) { return c == '\\' || static_cast<unsigned char>(c) >= 0x80; });
}

}  // namespace

void append_js_escaped(uint32_t code_point, std::string& out) {
  if (const char letter = short_escape(code_point); letter != 0) {
    out.push_back('\\');
    out.push_back(letter);
  } else if (code_point < 0x20 || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
    constexpr char kHex[] = "0123456789abcdef";
    out += "\\u";
    for (int shift = 12; shift >= 0; shift -= 4) out.push_back(kHex[code_point >> shift & 15]);
  } else {
    append_utf8(code_point, out);
  }
}

void append_js_string(std::string_view text, std::string& out) {
  out.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      append_js_escaped(byte, out);
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

uint32_t js_array_index(std::string_view quoted) {
  const std::string_view digits = quoted.substr(1, quoted.size() - 2);
  uint32_t value = 0;
  if (digits.empty() || digits[0] < '0' || digits[0] > '9' ||
      (digits[0] == '0' && digits.size() > 1)) {
    return kNoArrayIndex;
  }
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, value);
  return read.ec == std::errc() && read.ptr == end ? value : kNoArrayIndex;
}

bool js_less(std::string_view a, std::string_view b) {
  if (is_plain(a) && is_plain(b)) return a.substr(1, a.size() - 2) < b.substr(1, b.size() - 2);
  return units_of(a) < units_of(b);
}

}  // namespace usher::plugins
