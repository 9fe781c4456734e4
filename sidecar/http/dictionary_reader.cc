#include "http/dictionary_reader.h"

#include <algorithm>
#include <cstddef>

#include "base/bytes.h"
#include "http/grammar.h"

namespace usher::http {
namespace {

using Type = DictionaryMember::Type;

// §3.3.1, §3.3.2.
constexpr std::size_t kIntegerDigits = 15;
constexpr std::size_t kDecimalDigits = 12;
constexpr std::size_t kFractionDigits = 3;

constexpr bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}
constexpr bool is_alpha(char c) {
  return is_lower(c) || (c >= 'A' && c <= 'Z');
}
constexpr bool is_key_char(char c) {
  return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*';
}
constexpr bool is_base64_char(char c) {
  return is_alpha(c) || is_digit(c) || c == '+' || c == '/' || c == '=';
}

// The longest beginning of `text` that is of such characters, taken off it.
template <typename Is>
std::string_view take(std::string_view& text, Is is) {
  const auto end = std::find_if_not(text.begin(), text.end(), is);
  const std::string_view taken(text.begin(), end);
  text.remove_prefix(taken.size());
  return taken;
}

}  // namespace

DictionaryReader::DictionaryReader(std::string_view value) : rest_(trim(value)) {}

std::optional<DictionaryMember> DictionaryReader::next() {
  if (failed_ || rest_.empty()) return std::nullopt;
  DictionaryMember member;
  failed_ = !read_member(member) || !read_comma();
  if (failed_) return std::nullopt;
  return member;
}

bool DictionaryReader::skip(char c) {
  if (!rest_.starts_with(c)) return false;
  rest_.remove_prefix(1);
  return true;
}

void DictionaryReader::skip_spaces() {
  take(rest_, [](char c) { return c == ' '; });
}

bool DictionaryReader::read_member(DictionaryMember& member) {
  if (!read_key(member.key)) return false;
  if (skip('=')) {
    if (rest_.starts_with('(')) {
      member.type = Type::InnerList;
      if (!read_inner_list()) return false;
    } else if (!read_bare_item(member)) {
      return false;
    }
  }
  return read_parameters();
}

// Between two members; at the end there is none.
bool DictionaryReader::read_comma() {
  rest_ = trim(rest_);
  if (rest_.empty()) return true;
  if (!skip(',')) return false;
  rest_ = trim(rest_);
  return !rest_.empty();
}

bool DictionaryReader::read_key(std::string_view& key) {
  if (rest_.empty() || !(is_lower(rest_.front()) || rest_.front() == '*')) return false;
  key = take(rest_, is_key_char);
  return true;
}

bool DictionaryReader::read_parameters() {
  while (skip(';')) {
    skip_spaces();
    DictionaryMember parameter;
    if (!read_key(parameter.key)) return false;
    if (skip('=') && !read_bare_item(parameter)) return false;
  }
  return true;
}

// REQUIRES: it begins with "(".
bool DictionaryReader::read_inner_list() {
  skip('(');
  for (;;) {
    skip_spaces();
    if (skip(')')) return true;
    DictionaryMember element;
    if (!read_bare_item(element) || !read_parameters()) return false;
    if (!rest_.starts_with(' ') && !rest_.starts_with(')')) return false;
  }
}

bool DictionaryReader::read_bare_item(DictionaryMember& member) {
  if (rest_.empty()) return false;
  const char first = rest_.front();
  if (first == '-' || is_digit(first)) return read_number(member);
  if (first == '?') return read_boolean(member);
  member.type = first == '"' ? Type::String : first == ':' ? Type::Bytes : Type::Token;
  if (first == '"') return read_string();
  return first == ':' ? read_bytes() : read_token();
}

bool DictionaryReader::read_number(DictionaryMember& member) {
  const bool is_negative = skip('-');
  const std::string_view digits = take(rest_, is_digit);
  if (digits.empty()) return false;
  if (skip('.')) {
    member.type = Type::Decimal;
    const std::string_view fraction = take(rest_, is_digit);
    return digits.size() <= kDecimalDigits && !fraction.empty() &&
           fraction.size() <= kFractionDigits;
  }
  if (digits.size() > kIntegerDigits) return false;
  member.type = Type::Integer;
  const auto value = static_cast<std::int64_t>(parse_decimal(digits).value_or(0));
  member.integer = is_negative ? -value : value;
  return true;
}

bool DictionaryReader::read_string() {
  skip('"');
  while (!rest_.empty()) {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '"') return true;
    if (c < 0x20 || c > 0x7e) return false;
    if (c == '\\' && !skip('"') && !skip('\\')) return false;
  }
  return false;
}

bool DictionaryReader::read_token() {
  if (!is_alpha(rest_.front()) && rest_.front() != '*') return false;
  take(rest_, [](char c) { return is_token_char(c) || c == ':' || c == '/'; });
  return true;
}

bool DictionaryReader::read_bytes() {
  skip(':');
  take(rest_, is_base64_char);
  return skip(':');
}

bool DictionaryReader::read_boolean(DictionaryMember& member) {
  skip('?');
  member.type = Type::Boolean;
  member.boolean = skip('1');
  return member.boolean || skip('0');
}

}  // namespace usher::http
