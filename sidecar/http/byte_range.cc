#include "http/byte_range.h"

#include <algorithm>
#include <charconv>

#include "base/bytes.h"

namespace usher::http {

std::optional<ByteSlice> ByteRange::of(std::size_t size) const {
  if (!first) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(last.value_or(0), size));
    if (count == 0) return std::nullopt;
    return ByteSlice{size - count, count};
  }
  if (*first >= size) return std::nullopt;
  const std::uint64_t end = std::min<std::uint64_t>(last.value_or(size - 1), size - 1);
  const auto begin = static_cast<std::size_t>(*first);
  return ByteSlice{begin, static_cast<std::size_t>(end - *first) + 1};
}

std::optional<ByteRange> parse_byte_range(std::string_view value) {
  constexpr std::string_view kUnit = "bytes=";
  if (!equals_ignoring_case(value.substr(0, kUnit.size()), kUnit)) return std::nullopt;
  value.remove_prefix(kUnit.size());
  const std::size_t dash = value.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view first = value.substr(0, dash);
  const std::string_view last = value.substr(dash + 1);
  const ByteRange range{parse_decimal(first), parse_decimal(last)};
  const bool is_readable = range.first.has_value() == !first.empty() &&
                           range.last.has_value() == !last.empty() && (range.first || range.last);
  if (!is_readable || (range.first && range.last && *range.last < *range.first)) {
    return std::nullopt;
  }
  return range;
}

ContentRange::ContentRange(ByteSlice slice, std::size_t whole) {
  add("bytes ");
  add(slice.begin);
  add("-");
  add(slice.begin + slice.size - 1);
  add("/");
  add(whole);
}

ContentRange::ContentRange(std::size_t whole) {
  add("bytes */");
  add(whole);
}

void ContentRange::add(std::string_view text) {
  size_ += text.copy(text_.data() + size_, text_.size() - size_);
}

void ContentRange::add(std::size_t number) {
  char* const begin = text_.data() + size_;
  size_ += static_cast<std::size_t>(std::to_chars(begin, text_.data() + text_.size(), number).ptr -
                                    begin);
}

}  // namespace usher::http
