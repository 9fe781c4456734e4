// The character classes that RFC 9110 and RFC 9112 build their grammar from.
//
// Thread: any. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace usher::http {

namespace grammar_detail {

constexpr std::array<bool, 256> make_token_table() {
  std::array<bool, 256> table{};
  for (unsigned char c = '0'; c <= '9'; ++c) table[c] = true;
  for (unsigned char c = 'A'; c <= 'Z'; ++c) table[c] = true;
  for (unsigned char c = 'a'; c <= 'z'; ++c) table[c] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
    table[static_cast<unsigned char>(c)] = true;
  }
  return table;
}
inline constexpr std::array<bool, 256> kTokenTable = make_token_table();

}  // namespace grammar_detail

// tchar of RFC 9110 §5.6.2.
constexpr bool is_token_char(char c) {
  return grammar_detail::kTokenTable[static_cast<unsigned char>(c)];
}

// token of RFC 9110 §5.6.2: field names, methods, connection options. Never empty.
constexpr bool is_token(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text) {
    if (!is_token_char(c)) return false;
  }
  return true;
}

// What a field name is made of.
enum class NameKind {
  NotAToken,
  Token,
  TokenWithUnderscore,  // one that many servers read as if its '_' were '-'
};
NameKind kind_of_name(std::string_view name);

// A byte that no field value may hold: a CTL other than tab, or DEL (RFC 9110 §5.5).
constexpr bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

// False when a byte is obs-text (RFC 9110 §5.5), which peers read in different character sets.
bool is_ascii(std::string_view text);

// The first is_control() byte of [begin, end), or `end`. The portable one is what other processors
// than x86-64 run, and what the tests hold the other against.
const char* find_control(const char* begin, const char* end);
const char* find_control_portable(const char* begin, const char* end);

}  // namespace usher::http
