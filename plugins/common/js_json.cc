#include "common/js_json.h"

#include <algorithm>
#include <charconv>

#include "common/js_number.h"
#include "common/js_string.h"
#include "common/utf8.h"

namespace usher::plugins {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_surrogate(uint32_t unit) {
  return unit >= 0xD800 && unit <= 0xDFFF;
}
bool is_low_surrogate(uint32_t unit) {
  return unit >= 0xDC00 && unit <= 0xDFFF;
}

}  // namespace

std::optional<JsKind> JsJson::rewrite(std::string_view text, JsKeyOrder order) {
  out_.clear();
  rewritten_.clear();
  nodes_.clear();
  members_.clear();
  if (text.size() > kMaxSize) return std::nullopt;
  source_ = text;
  if (!is_utf8(text)) {
    repair_utf8(text, repaired_);
    source_ = repaired_;
  }
  position_ = source_.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;

  if (!read_value({}, 0)) return std::nullopt;
  skip_space();
  if (position_ != source_.size()) return std::nullopt;

  write(0, order);
  if (nodes_[0].type != Type::Scalar) return JsKind::Truthy;
  // A number beyond the doubles is written "null", but it was rewritten: it is infinity.
  if (out_ == "null") return nodes_[0].text.rewritten ? JsKind::Truthy : JsKind::Null;
  const bool falsy = out_ == "false" || out_ == "0" || out_ == "\"\"";
  return falsy ? JsKind::Falsy : JsKind::Truthy;
}

// --- reading ----------------------------------------------------------------------------------

void JsJson::skip_space() {
  while (position_ < source_.size()) {
    const char c = source_[position_];
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') return;
    ++position_;
  }
}

bool JsJson::take(char c) {
  if (position_ == source_.size() || source_[position_] != c) return false;
  ++position_;
  return true;
}

bool JsJson::read_value(Span key, size_t depth) {
  skip_space();
  if (position_ == source_.size()) return false;
  const size_t index = nodes_.size();
  nodes_.push_back({key, {}, 0, Type::Scalar});
  Span text{};
  bool valid = false;
  switch (source_[position_]) {
    case '{':
      nodes_[index].type = Type::Object;
      valid = read_members(depth + 1);
      break;
    case '[':
      nodes_[index].type = Type::Array;
      valid = read_elements(depth + 1);
      break;
    case '"':
      valid = read_string(text);
      break;
    case 't':
      valid = read_word("true", text);
      break;
    case 'f':
      valid = read_word("false", text);
      break;
    case 'n':
      valid = read_word("null", text);
      break;
    default:
      valid = read_number(text);
  }
  nodes_[index].text = text;
  nodes_[index].end = static_cast<uint32_t>(nodes_.size());
  return valid;
}

bool JsJson::read_members(size_t depth) {
  ++position_;
  skip_space();
  if (take('}')) return true;
  if (depth > kMaxDepth) return false;
  do {
    skip_space();
    Span key{};
    if (position_ == source_.size() || source_[position_] != '"' || !read_string(key)) return false;
    skip_space();
    if (!take(':') || !read_value(key, depth)) return false;
    skip_space();
  } while (take(','));
  return take('}');
}

bool JsJson::read_elements(size_t depth) {
  ++position_;
  skip_space();
  if (take(']')) return true;
  if (depth > kMaxDepth) return false;
  do {
    if (!read_value({}, depth)) return false;
    skip_space();
  } while (take(','));
  return take(']');
}

bool JsJson::read_word(std::string_view word, Span& span) {
  if (source_.substr(position_, word.size()) != word) return false;
  span = {static_cast<uint32_t>(position_), static_cast<uint32_t>(word.size()), false};
  position_ += word.size();
  return true;
}

bool JsJson::read_number(Span& span) {
  const size_t begin = position_;
  const auto digits = [&] {
    const size_t first = position_;
    while (position_ < source_.size() && is_digit(source_[position_])) ++position_;
    return position_ > first;
  };
  const bool negative = take('-');
  const size_t whole = position_;
  if (!digits() || (source_[whole] == '0' && position_ - whole > 1)) return false;
  const bool starts_with_zero = source_[whole] == '0';
  const size_t whole_end = position_;
  if (take('.') && !digits()) return false;
  const bool integer = position_ == whole_end;
  const size_t mantissa_end = position_;
  if (take('e') || take('E')) {
    if (!take('-')) take('+');
    if (!digits()) return false;
  }
  const std::string_view number = source_.substr(begin, position_ - begin);
  // Up to 15 digits survive a double (IEEE 754 binary64), so a number that has no more, no
  // exponent, and no zeros to lose is written as it is.
  const bool exact = position_ == mantissa_end && position_ - whole <= 15;
  const bool shortest = integer ? !(negative && starts_with_zero)
                                : source_[position_ - 1] != '0' &&
                                      !(starts_with_zero && source_[whole_end + 1] == '0');
  if (exact && shortest) {
    span = {static_cast<uint32_t>(begin), static_cast<uint32_t>(number.size()), false};
    return true;
  }
  JsNumberBuffer buffer;
  const std::string_view text = js_number(number, buffer);
  span = {static_cast<uint32_t>(rewritten_.size()), static_cast<uint32_t>(text.size()), true};
  rewritten_ += text;
  return true;
}

bool JsJson::read_string(Span& span) {
  const size_t begin = position_++;
  for (; position_ < source_.size(); ++position_) {
    const char c = source_[position_];
    if (static_cast<unsigned char>(c) < 0x20) return false;
    if (c == '"') {
      ++position_;
      // Valid UTF-8 without escapes is what JSON.stringify would write.
      span = {static_cast<uint32_t>(begin), static_cast<uint32_t>(position_ - begin), false};
      return true;
    }
    if (c == '\\') break;
  }
  span.begin = static_cast<uint32_t>(rewritten_.size());
  span.rewritten = true;
  rewritten_ += source_.substr(begin, position_ - begin);
  if (!read_escapes()) return false;
  span.size = static_cast<uint32_t>(rewritten_.size()) - span.begin;
  return true;
}

bool JsJson::read_escapes() {
  while (position_ < source_.size()) {
    const char c = source_[position_++];
    if (static_cast<unsigned char>(c) < 0x20) return false;
    if (c == '\\') {
      if (!read_escape()) return false;
      continue;
    }
    rewritten_.push_back(c);
    if (c == '"') return true;
  }
  return false;
}

bool JsJson::read_escape() {
  if (position_ == source_.size()) return false;
  const char letter = source_[position_++];
  if (letter != 'u') {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const size_t at = kLetters.find(letter);
    if (at == std::string_view::npos) return false;
    append_js_escaped(static_cast<unsigned char>(kMeanings[at]), rewritten_);
    return true;
  }
  uint32_t unit = 0;
  if (!read_unit(unit)) return false;
  if (is_surrogate(unit) && !is_low_surrogate(unit) && source_.substr(position_, 2) == "\\u") {
    const size_t after_high = position_;
    uint32_t low = 0;
    position_ += 2;
    if (!read_unit(low)) return false;
    if (is_low_surrogate(low)) {
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    } else {
      position_ = after_high;
    }
  }
  append_js_escaped(unit, rewritten_);
  return true;
}

bool JsJson::read_unit(uint32_t& unit) {
  const std::string_view digits = source_.substr(position_, 4);
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, unit, 16);
  position_ += digits.size();
  return digits.size() == 4 && read.ec == std::errc() && read.ptr == end;
}

// --- writing ----------------------------------------------------------------------------------

std::string_view JsJson::text_of(Span span) const {
  const std::string_view text = span.rewritten ? std::string_view(rewritten_) : source_;
  return text.substr(span.begin, span.size);
}

void JsJson::write(uint32_t index, JsKeyOrder order) {
  switch (nodes_[index].type) {
    case Type::Scalar:
      out_ += text_of(nodes_[index].text);
      break;
    case Type::Array:
      write_array(index, order);
      break;
    case Type::Object:
      write_object(index, order);
      break;
  }
}

void JsJson::write_array(uint32_t index, JsKeyOrder order) {
  out_.push_back('[');
  for (uint32_t child = index + 1; child < nodes_[index].end; child = nodes_[child].end) {
    if (child != index + 1) out_.push_back(',');
    write(child, order);
  }
  out_.push_back(']');
}

void JsJson::write_object(uint32_t index, JsKeyOrder order) {
  const size_t base = members_.size();
  bool has_index = false;
  for (uint32_t child = index + 1; child < nodes_[index].end; child = nodes_[child].end) {
    const uint32_t key = js_array_index(text_of(nodes_[child].key));
    has_index |= key != kNoArrayIndex;
    members_.push_back({child, child, key});
  }
  if (has_duplicates(base)) drop_duplicates(base);
  if (has_index || order == JsKeyOrder::Sorted) sort_members(base, order);

  out_.push_back('{');
  for (size_t i = base; i < members_.size(); ++i) {
    if (i != base) out_.push_back(',');
    out_ += text_of(nodes_[members_[i].node].key);
    out_.push_back(':');
    write(members_[i].node, order);
  }
  out_.push_back('}');
  members_.resize(base);
}

// May say yes where there are none: comparing all pairs pays for few members only.
bool JsJson::has_duplicates(size_t base) const {
  constexpr size_t kFew = 24;
  if (members_.size() - base > kFew) return true;
  for (size_t i = base; i < members_.size(); ++i) {
    const std::string_view key = text_of(nodes_[members_[i].node].key);
    for (size_t j = base; j < i; ++j) {
      if (key == text_of(nodes_[members_[j].node].key)) return true;
    }
  }
  return false;
}

void JsJson::drop_duplicates(size_t base) {
  const auto begin = members_.begin() + static_cast<std::ptrdiff_t>(base);
  const auto key = [&](const Member& m) { return text_of(nodes_[m.node].key); };
  std::sort(begin, members_.end(), [&](const Member& a, const Member& b) {
    const int order = key(a).compare(key(b));
    return order != 0 ? order < 0 : a.rank < b.rank;
  });
  auto last = begin;
  for (auto member = begin + 1; member != members_.end(); ++member) {
    if (key(*last) == key(*member)) {
      last->node = member->node;  // the later value, at the first one's rank
    } else {
      *++last = *member;
    }
  }
  members_.erase(last + 1, members_.end());
  std::sort(begin, members_.end(),
            [](const Member& a, const Member& b) { return a.rank < b.rank; });
}

void JsJson::sort_members(size_t base, JsKeyOrder order) {
  const auto begin = members_.begin() + static_cast<std::ptrdiff_t>(base);
  std::sort(begin, members_.end(), [&](const Member& a, const Member& b) {
    if (a.index != b.index) return a.index < b.index;  // kNoArrayIndex is the largest
    if (order == JsKeyOrder::Insertion) return a.rank < b.rank;
    return js_less(text_of(nodes_[a.node].key), text_of(nodes_[b.node].key));
  });
}

}  // namespace usher::plugins
