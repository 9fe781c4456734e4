// Bytes as lower-case hexadecimal digits, and back.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace usher::cache {

inline void append_hex(std::string& out, std::span<const unsigned char> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const unsigned char byte : bytes) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
}

// Sixteen digits, the highest first.
inline void append_hex(std::string& out, std::uint64_t number) {
  std::array<unsigned char, 8> bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<unsigned char>(number >> (8 * (bytes.size() - 1 - i)));
  }
  append_hex(out, bytes);
}

// False unless `text` is two digits for each of `bytes`, and nothing else.
inline bool parse_hex(std::string_view text, std::span<unsigned char> bytes) {
  if (text.size() != 2 * bytes.size()) return false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char high = text[2 * i];
    const char low = text[2 * i + 1];
    if (!is_hex_digit(high) || !is_hex_digit(low)) return false;
    bytes[i] = static_cast<unsigned char>(hex_value(high) * 16 + hex_value(low));
  }
  return true;
}

// Sixteen digits.
inline std::optional<std::uint64_t> parse_hex(std::string_view text) {
  std::array<unsigned char, 8> bytes;
  if (!parse_hex(text, bytes)) return std::nullopt;
  std::uint64_t number = 0;
  for (const unsigned char byte : bytes) number = number << 8 | byte;
  return number;
}

}  // namespace usher::cache
