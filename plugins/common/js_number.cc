#include "common/js_number.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace usher::plugins {
namespace {

// std::from_chars says "out of range" without saying at which end. The decimal exponent does: the
// ends of the doubles are some 600 powers of ten apart.
bool is_huge(std::string_view number) {
  const size_t e = std::min(number.find_first_of("eE"), number.size());
  const std::string_view mantissa = number.substr(0, e);
  const size_t lead = mantissa.find_first_of("123456789");
  if (lead == std::string_view::npos) return false;

  long long power = 0;
  if (e < number.size()) {
    std::string_view exponent = number.substr(e + 1);
    if (exponent.starts_with('+')) exponent.remove_prefix(1);
    const auto read = std::from_chars(exponent.data(), exponent.data() + exponent.size(), power);
    if (read.ec != std::errc()) return !exponent.starts_with('-');
  }
  const size_t point = std::min(mantissa.find('.'), mantissa.size());
  return power + static_cast<long long>(point) - static_cast<long long>(lead) > 0;
}

double parse(std::string_view number) {
  double value = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  if (read.ec == std::errc()) return value;
  return is_huge(number) ? std::numeric_limits<double>::infinity() : 0;
}

// Writes the digits (1 to 17 of them) of a positive number that is 0.digits times 10 to the
// `point`, the way Number::toString lays them out.
char* lay_out(std::string_view digits, int point, char* out) {
  const auto zeros = [&](int count) { out = std::fill_n(out, count, '0'); };
  const auto copy = [&](std::string_view text) { out = std::copy(text.begin(), text.end(), out); };
  const int count = static_cast<int>(digits.size());
  if (count <= point && point <= 21) {
    copy(digits);
    zeros(point - count);
  } else if (0 < point && point <= 21) {
    copy(digits.substr(0, static_cast<size_t>(point)));
    copy(".");
    copy(digits.substr(static_cast<size_t>(point)));
  } else if (-6 < point && point <= 0) {
    copy("0.");
    zeros(-point);
    copy(digits);
  } else {
    copy(digits.substr(0, 1));
    if (count > 1) copy(".");
    copy(digits.substr(1));
    copy(point > 0 ? "e+" : "e-");
    out = std::to_chars(out, out + 4, std::abs(point - 1)).ptr;
  }
  return out;
}

std::string_view write(double value, JsNumberBuffer& buffer) {
  // Scientific notation gives the shortest digits; the default would write large integers out.
  std::array<char, 32> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), std::abs(value),
                                 std::chars_format::scientific);
  char* const e = std::find(text.data(), end.ptr, 'e');
  int exponent = 0;
  std::from_chars(e[1] == '+' ? e + 2 : e + 1, end.ptr, exponent);
  char* const digits_end = std::remove(text.data(), e, '.');
  const std::string_view digits(text.data(), static_cast<size_t>(digits_end - text.data()));

  char* out = buffer.data();
  if (value < 0) *out++ = '-';
  out = lay_out(digits, exponent + 1, out);
  return {buffer.data(), static_cast<size_t>(out - buffer.data())};
}

}  // namespace

std::string_view js_number(std::string_view number, JsNumberBuffer& buffer) {
  const double value = parse(number);
  if (std::isinf(value)) return "null";
  if (value == 0) return "0";
  return write(value, buffer);
}

}  // namespace usher::plugins
