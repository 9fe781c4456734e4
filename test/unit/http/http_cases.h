// Helpers of the tests of sidecar/http: whole heads through scanner and parser, and a name for each
// case.
#pragma once

#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <string_view>

#include "http/head_scanner.h"
#include "http/parser.h"

namespace usher::http {

// A request's path through scanner and parser. `head` views the bytes.
inline Status read_request(std::string_view bytes, RequestHead& head,
                           const HeadLimits& limits = {}) {
  std::size_t scanned = 0;
  const Result<std::size_t> size = find_head_end(bytes, scanned);
  if (!size) return tl::unexpected(size.error());
  if (*size == 0) return fail(ErrorCode::RequestTimeout, "head is not whole");
  return parse_request_head(bytes.substr(0, *size), limits, head);
}

inline Status read_response(std::string_view bytes, Method method, ResponseHead& head,
                            const HeadLimits& limits = {}) {
  std::size_t scanned = 0;
  const Result<std::size_t> size = find_head_end(bytes, scanned);
  if (!size) return fail(ErrorCode::UpstreamProtocol, size.error().detail);
  if (*size == 0) return fail(ErrorCode::RequestTimeout, "head is not whole");
  return parse_response_head(bytes.substr(0, *size), method, limits, head);
}

// Text with NULs.
template <std::size_t N>
std::string bytes_of(const char (&text)[N]) {
  return std::string(text, N - 1);
}

// "two Host fields" as a test's name.
inline std::string test_name(std::string_view text) {
  std::string name;
  bool upper = true;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
      upper = true;
      continue;
    }
    name += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    upper = false;
  }
  return name;
}

}  // namespace usher::http
