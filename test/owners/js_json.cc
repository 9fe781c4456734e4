#include "js_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <utility>
#include <vector>

#include "text.h"

namespace owners {
namespace {

constexpr int kDepthMax = 256;

void append_utf8(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0 | (code >> 6)));
    out.push_back(static_cast<char>(0x80 | (code & 63)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | (code >> 12)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 63)));
    out.push_back(static_cast<char>(0x80 | (code & 63)));
  } else {
    out.push_back(static_cast<char>(0xF0 | (code >> 18)));
    out.push_back(static_cast<char>(0x80 | ((code >> 12) & 63)));
    out.push_back(static_cast<char>(0x80 | ((code >> 6) & 63)));
    out.push_back(static_cast<char>(0x80 | (code & 63)));
  }
}

void append_escape(std::string& out, std::uint32_t unit) {
  static constexpr char kDigits[] = "0123456789abcdef";
  out += "\\u";
  for (const int shift : {12, 8, 4, 0}) out.push_back(kDigits[(unit >> shift) & 15]);
}

// Strings are kept already quoted: escapes in their shortest form, all else as UTF-8. Lone
// surrogates have no UTF-8 and stay escapes, as JSON.stringify leaves them.
void append_code(std::string& out, std::uint32_t code) {
  switch (code) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const bool surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < 0x20 || surrogate) return append_escape(out, code);
  append_utf8(out, code);
}

// An array index: "0" or digits without a leading zero, below 2^32 - 1.
std::optional<std::uint32_t> integer_key(std::string_view quoted) {
  const std::string_view key = quoted.substr(1, quoted.size() - 2);
  if (key.empty() || (key.size() > 1 && key.front() == '0')) return std::nullopt;
  std::uint32_t index = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index);
  if (error != std::errc{} || end != key.data() + key.size() || index == UINT32_MAX) {
    return std::nullopt;
  }
  return index;
}

using Members = std::vector<std::pair<std::string, std::string>>;  // quoted key, canonical value

std::string join_members(Members members) {
  std::stable_sort(members.begin(), members.end(), [](const auto& left, const auto& right) {
    const auto l = integer_key(left.first);
    const auto r = integer_key(right.first);
    return l && (!r || *l < *r);
  });
  std::string out = "{";
  for (const auto& [key, value] : members) {
    if (out.size() > 1) out.push_back(',');
    out.append(key).append(":").append(value);
  }
  return out + "}";
}

// Reads one value and gives its canonical text at once; no tree is built.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  std::optional<std::string> document() {
    std::string out;
    if (!value(out, 0)) return std::nullopt;
    skip_space();
    if (!rest_.empty()) return std::nullopt;
    return out;
  }

 private:
  void skip_space() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size()));
  }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  bool take_after_space(std::string_view word) {
    skip_space();
    return take(word);
  }

  bool value(std::string& out, int depth) {
    skip_space();
    if (rest_.empty() || depth > kDepthMax) return false;
    switch (rest_.front()) {
      case '{':
        return object(out, depth);
      case '[':
        return array(out, depth);
      case '"':
        return string(out);
      default:
        break;
    }
    for (const std::string_view word : {"true", "false", "null"}) {
      if (!take(word)) continue;
      out += word;
      return true;
    }
    return number(out);
  }

  bool object(std::string& out, int depth) {
    take("{");
    Members members;
    if (!take_after_space("}")) {
      do {
        skip_space();
        std::string key, text;
        if (!string(key) || !take_after_space(":") || !value(text, depth + 1)) return false;
        const auto same = std::find_if(members.begin(), members.end(),
                                       [&](const auto& member) { return member.first == key; });
        if (same != members.end()) {
          same->second = std::move(text);
        } else {
          members.emplace_back(std::move(key), std::move(text));
        }
      } while (take_after_space(","));
      if (!take("}")) return false;
    }
    out += join_members(std::move(members));
    return true;
  }

  bool array(std::string& out, int depth) {
    take("[");
    out.push_back('[');
    if (!take_after_space("]")) {
      for (;;) {
        if (!value(out, depth + 1)) return false;
        if (take_after_space("]")) break;
        if (!take(",")) return false;
        out.push_back(',');
      }
    }
    out.push_back(']');
    return true;
  }

  bool string(std::string& out) {
    if (!take("\"")) return false;
    out.push_back('"');
    while (!rest_.empty() && rest_.front() != '"') {
      const auto byte = static_cast<unsigned char>(rest_.front());
      if (byte < 0x20) return false;
      if (byte == '\\') {
        if (!escape(out)) return false;
      } else {
        out.push_back(rest_.front());
        rest_.remove_prefix(1);
      }
    }
    out.push_back('"');
    return take("\"");
  }

  bool escape(std::string& out) {
    static constexpr std::string_view kNames = "\"\\/bfnrt";
    static constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
    if (rest_.size() < 2) return false;
    if (rest_[1] != 'u') {
      const auto index = kNames.find(rest_[1]);
      if (index == kNames.npos) return false;
      append_code(out, static_cast<unsigned char>(kValues[index]));
      rest_.remove_prefix(2);
      return true;
    }
    std::uint32_t unit = 0;
    if (!code_unit(unit)) return false;
    std::uint32_t low = 0;
    const std::string_view before = rest_;
    if (unit >= 0xD800 && unit <= 0xDBFF && code_unit(low) && low >= 0xDC00 && low <= 0xDFFF) {
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
    } else {
      rest_ = before;
    }
    append_code(out, unit);
    return true;
  }

  bool code_unit(std::uint32_t& unit) {
    if (rest_.size() < 6 || !rest_.starts_with("\\u")) return false;
    const char* first = rest_.data() + 2;
    const auto [end, error] = std::from_chars(first, first + 4, unit, 16);
    if (error != std::errc{} || end != first + 4) return false;
    rest_.remove_prefix(6);
    return true;
  }

  std::size_t digits_at(std::size_t from) const {
    const auto end = rest_.find_first_not_of("0123456789", from);
    return std::min(end, rest_.size()) - std::min(from, rest_.size());
  }

  // -?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?
  bool number(std::string& out) {
    std::size_t end = rest_.starts_with('-') ? 1 : 0;
    const std::size_t whole = digits_at(end);
    if (whole == 0 || (whole > 1 && rest_[end] == '0')) return false;
    end += whole;
    if (end < rest_.size() && rest_[end] == '.') {
      const std::size_t fraction = digits_at(end + 1);
      if (fraction == 0) return false;
      end += 1 + fraction;
    }
    if (end < rest_.size() && (rest_[end] == 'e' || rest_[end] == 'E')) {
      ++end;
      if (end < rest_.size() && (rest_[end] == '+' || rest_[end] == '-')) ++end;
      const std::size_t exponent = digits_at(end);
      if (exponent == 0) return false;
      end += exponent;
    }
    // strtod, as from_chars leaves the value untouched when it is too large or too small.
    out += js_number(std::strtod(std::string(rest_.substr(0, end)).c_str(), nullptr));
    rest_.remove_prefix(end);
    return true;
  }

  std::string_view rest_;
};

}  // namespace

std::string js_number(double number) {
  if (!std::isfinite(number)) return "null";
  if (number == 0) return "0";  // -0 as well
  char text[40];
  const auto written =
      std::to_chars(text, text + sizeof text, std::abs(number), std::chars_format::scientific);
  const std::string_view shortest(text, static_cast<std::size_t>(written.ptr - text));
  const auto mark = shortest.find('e');
  std::string digits(shortest.substr(0, 1));
  if (mark > 2) digits += shortest.substr(2, mark - 2);
  const int exponent = std::stoi(std::string(shortest.substr(mark + 1)));
  const int point = exponent + 1;  // where the decimal point stands, counted in digits
  const int count = static_cast<int>(digits.size());
  const auto at = static_cast<std::size_t>(point);
  std::string out;
  if (point >= count && point <= 21) {
    out = digits + std::string(static_cast<std::size_t>(point - count), '0');
  } else if (point > 0 && point <= 21) {
    out = digits.substr(0, at) + "." + digits.substr(at);
  } else if (point > -6 && point <= 0) {
    out = "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  } else {
    out = digits.substr(0, 1);
    if (count > 1) out += "." + digits.substr(1);
    out += exponent < 0 ? "e-" : "e+";
    out += std::to_string(std::abs(exponent));
  }
  return number < 0 ? "-" + out : out;
}

std::optional<std::string> js_canonical_json(std::string_view text) {
  if (!is_utf8(text)) return std::nullopt;
  return Reader(text).document();
}

}  // namespace owners
