// HeadWriter: heads as bytes, always generated from checked parts and never copied from what a peer
// sent.
//
// It appends to a buffer of the caller's, and remembers when that was too small: check ok() once,
// at the end. A value that could split a head (CR, LF, NUL, other CTLs) makes ok() false too,
// wherever it came from: the serialiser is the last place to catch an injection.
//
// Thread: the owner's. Allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "http/message.h"

namespace usher::http {

class HeadWriter {
 public:
  explicit HeadWriter(std::span<char> buffer) : buffer_(buffer) {}

  // "GET /path HTTP/1.1"
  void request_line(std::string_view method, std::string_view target, bool http_1_0 = false);
  // "HTTP/1.1 200 OK", with the reason phrase of RFC 9110 for the number (empty for one it does not
  // know).
  void status_line(int status);
  // One field. `trusted` parts were already checked by the parser and are not checked again.
  void field(std::string_view name, std::string_view value);
  void field(std::string_view name, std::uint64_t value);
  void trusted_field(std::string_view name, std::string_view value);
  // Whole lines, each with its CRLF, that were checked before.
  void trusted_lines(std::string_view lines);
  // The empty line.
  void end();

  bool ok() const { return ok_; }
  // What was written. REQUIRES: ok().
  std::string_view view() const { return {buffer_.data(), size_}; }

 private:
  // Room for `size` bytes more, or null.
  char* reserve(std::size_t size);

  std::span<char> buffer_;
  std::size_t size_ = 0;
  bool ok_ = true;
};

// "OK" for 200; empty for a status that RFC 9110 §15 (and the registry's common ones) does not
// name.
std::string_view reason_phrase(int status);

// True for a value that may stand in a field: no CTLs but tab (RFC 9110 §5.5).
bool is_field_value(std::string_view value);

// "1f40\r\n" for the chunk header in front of `size` bytes; at most 18 characters are written to
// `buffer`.
std::size_t write_chunk_header(std::uint64_t size, char* buffer);

}  // namespace usher::http
