#include "common/utf8.h"

#include <simdjson.h>

namespace usher::plugins {
namespace {

uint8_t byte_at(std::string_view text, size_t i) {
  return static_cast<uint8_t>(text[i]);
}

// What may follow a lead byte (Unicode table 3-7): how many bytes, and the range of the first.
struct Follow {
  size_t count;
  uint8_t low;
  uint8_t high;
};

Follow follow_of(uint8_t lead) {
  if (lead >= 0xC2 && lead <= 0xDF) return {1, 0x80, 0xBF};
  if (lead == 0xE0) return {2, 0xA0, 0xBF};
  if (lead == 0xED) return {2, 0x80, 0x9F};
  if (lead >= 0xE1 && lead <= 0xEF) return {2, 0x80, 0xBF};
  if (lead == 0xF0) return {3, 0x90, 0xBF};
  if (lead >= 0xF1 && lead <= 0xF3) return {3, 0x80, 0xBF};
  if (lead == 0xF4) return {3, 0x80, 0x8F};
  return {0, 0, 0};
}

}  // namespace

void append_utf8(uint32_t code_point, std::string& out) {
  const auto tail = [&](uint32_t shift) {
    out.push_back(static_cast<char>(0x80 | (code_point >> shift & 0x3F)));
  };
  if (code_point < 0x80) {
    out.push_back(static_cast<char>(code_point));
  } else if (code_point < 0x800) {
    out.push_back(static_cast<char>(0xC0 | code_point >> 6));
    tail(0);
  } else if (code_point < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | code_point >> 12));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xF0 | code_point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

void repair_utf8(std::string_view text, std::string& out) {
  out.clear();
  size_t i = 0;
  while (i < text.size()) {
    const size_t begin = i;
    const uint8_t lead = byte_at(text, i++);
    const Follow follow = follow_of(lead);
    size_t seen = 0;
    while (seen < follow.count && i < text.size()) {
      const uint8_t low = seen == 0 ? follow.low : 0x80;
      const uint8_t high = seen == 0 ? follow.high : 0xBF;
      if (byte_at(text, i) < low || byte_at(text, i) > high) break;
      ++seen;
      ++i;
    }
    const bool valid = lead < 0x80 || (follow.count > 0 && seen == follow.count);
    if (valid) {
      out.append(text.substr(begin, i - begin));
    } else {
      append_utf8(0xFFFD, out);
    }
  }
}

std::u16string to_utf16(std::string_view text) {
  std::u16string units;
  for (size_t i = 0; i < text.size();) {
    const uint8_t lead = byte_at(text, i);
    const size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    uint32_t code_point = size == 1 ? lead : lead & (0x7Fu >> size);
    for (size_t k = 1; k < size; ++k) code_point = code_point << 6 | (byte_at(text, i + k) & 0x3Fu);
    i += size;
    if (code_point < 0x10000) {
      units.push_back(static_cast<char16_t>(code_point));
    } else {
      units.push_back(static_cast<char16_t>(0xD7C0 + (code_point >> 10)));
      units.push_back(static_cast<char16_t>(0xDC00 + (code_point & 0x3FF)));
    }
  }
  return units;
}

}  // namespace usher::plugins
