#include "common/encoding.h"

#include <algorithm>

namespace usher::plugins {
namespace {

constexpr char kHex[] = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

char* write_hex(std::span<const uint8_t> bytes, char* out) {
  for (const uint8_t byte : bytes) {
    *out++ = kHex[byte >> 4];
    *out++ = kHex[byte & 15];
  }
  return out;
}

char* write_base64(std::span<const uint8_t> bytes, char* out) {
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t left = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = static_cast<uint32_t>(bytes[i]) << 16;
    if (left > 1) group |= static_cast<uint32_t>(bytes[i + 1]) << 8;
    if (left > 2) group |= bytes[i + 2];
    *out++ = kBase64[group >> 18];
    *out++ = kBase64[group >> 12 & 63];
    *out++ = left > 1 ? kBase64[group >> 6 & 63] : '=';
    *out++ = left > 2 ? kBase64[group & 63] : '=';
  }
  return out;
}

std::string base64url(std::span<const uint8_t> bytes) {
  std::string text((bytes.size() + 2) / 3 * 4, '\0');
  write_base64(bytes, text.data());
  text.erase(std::min(text.find('='), text.size()));
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  return text;
}

std::optional<std::string> base64_decode(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 3);  // never moved: what is decoded may be a secret
  uint32_t group = 0;
  size_t digits = 0;
  size_t padding = 0;
  for (const char c : text) {
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const size_t value = kBase64.find(c);
    if (value == std::string_view::npos || padding > 0) return std::nullopt;
    group = group << 6 | static_cast<uint32_t>(value);
    ++digits;
    if (digits % 4 == 1) continue;
    const uint32_t unused_bits = 6 - 2 * ((digits - 1) % 4);
    bytes.push_back(static_cast<char>(group >> (unused_bits % 6) & 0xff));
  }
  if (digits % 4 == 1 || padding > 2) return std::nullopt;
  return bytes;
}

}  // namespace usher::plugins
