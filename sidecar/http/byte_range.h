// A part of an answer, by bytes (RFC 9110 §14).
//
// Thread: any. Pure. No arithmetic here can overflow, whatever a Range says (nginx CVE-2017-7529).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace usher::http {

// `size` bytes from `begin` on, never beyond the whole that it is of.
struct ByteSlice {
  std::size_t begin = 0;
  std::size_t size = 0;
  bool operator==(const ByteSlice&) const = default;
};

struct ByteRange {
  std::optional<std::uint64_t> first;  // nothing: the last `last` bytes
  std::optional<std::uint64_t> last;   // with itself; nothing: to the end

  // Of a whole of `size` bytes; nothing: there is not one byte of it (§14.1.2).
  std::optional<ByteSlice> of(std::size_t size) const;
  bool operator==(const ByteRange&) const = default;
};

// Of a Range field's value: "bytes=0-4", "bytes=5-", "bytes=-5". Nothing for several ranges,
// another unit, one that ends before it begins, and one whose numbers do not fit into 64 bits.
std::optional<ByteRange> parse_byte_range(std::string_view value);

// The value of Content-Range (§14.4): "bytes 0-4/10".
class ContentRange {
 public:
  // REQUIRES: slice.size > 0.
  ContentRange(ByteSlice slice, std::size_t whole);
  // Of an answer that says that there is no such part: "bytes */10".
  explicit ContentRange(std::size_t whole);

  std::string_view text() const { return {text_.data(), size_}; }

 private:
  void add(std::string_view text);
  void add(std::size_t number);

  std::array<char, 72> text_;  // NOLINT: written as far as it is used
  std::size_t size_ = 0;
};

}  // namespace usher::http
