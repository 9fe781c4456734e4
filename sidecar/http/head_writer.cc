#include "http/head_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "http/grammar.h"

namespace usher::http {

namespace {

constexpr std::size_t kDecimalDigits = 20;  // of 2^64 - 1

// RFC 9110 §15 and the registry's others, in order.
constexpr auto kPhrases = std::to_array<std::pair<int, std::string_view>>({
    {100, "Continue"},
    {101, "Switching Protocols"},
    {102, "Processing"},
    {103, "Early Hints"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {207, "Multi-Status"},
    {208, "Already Reported"},
    {226, "IM Used"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {305, "Use Proxy"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {424, "Failed Dependency"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {506, "Variant Also Negotiates"},
    {507, "Insufficient Storage"},
    {508, "Loop Detected"},
    {511, "Network Authentication Required"},
});

// Nothing that would end the target or the line early; check_target() is the grammar.
bool fits_request_line(std::string_view target) {
  if (target.empty() || !is_field_value(target)) return false;
  return target.find(' ') == std::string_view::npos && target.find('\t') == std::string_view::npos;
}

char* put(char* at, std::string_view text) {
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

}  // namespace

char* HeadWriter::reserve(std::size_t size) {
  if (!ok_ || buffer_.size() - size_ < size) {
    ok_ = false;
    return nullptr;
  }
  char* const at = buffer_.data() + size_;
  size_ += size;
  return at;
}

void HeadWriter::request_line(std::string_view method, std::string_view target, bool http_1_0) {
  if (!is_token(method) || !fits_request_line(target)) {
    ok_ = false;
    return;
  }
  constexpr std::string_view kVersion = " HTTP/1.1\r\n";
  constexpr std::string_view kOldVersion = " HTTP/1.0\r\n";
  char* at = reserve(method.size() + 1 + target.size() + kVersion.size());
  if (at == nullptr) return;
  at = put(at, method);
  *at++ = ' ';
  put(put(at, target), http_1_0 ? kOldVersion : kVersion);
}

void HeadWriter::status_line(int status) {
  if (status < 100 || status > 999) {
    ok_ = false;
    return;
  }
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  const std::string_view reason = reason_phrase(status);
  char* at = reserve(kVersion.size() + 4 + reason.size() + 2);
  if (at == nullptr) return;
  at = put(at, kVersion);
  at = std::to_chars(at, at + 3, status).ptr;
  *at++ = ' ';  // also in front of an empty phrase (RFC 9112 §4)
  put(put(at, reason), "\r\n");
}

void HeadWriter::field(std::string_view name, std::string_view value) {
  if (!is_field_value(value)) {
    ok_ = false;
    return;
  }
  trusted_field(name, value);
}

void HeadWriter::field(std::string_view name, std::uint64_t value) {
  char digits[kDecimalDigits];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value);
  trusted_field(name, {digits, static_cast<std::size_t>(end - digits)});
}

void HeadWriter::trusted_field(std::string_view name, std::string_view value) {
  char* at = reserve(name.size() + 2 + value.size() + 2);
  if (at == nullptr) return;
  at = put(at, name);
  *at++ = ':';
  *at++ = ' ';
  put(put(at, value), "\r\n");
}

void HeadWriter::trusted_lines(std::string_view lines) {
  char* out = reserve(lines.size());
  if (out != nullptr) std::memcpy(out, lines.data(), lines.size());
}

void HeadWriter::end() {
  if (char* const at = reserve(2)) put(at, "\r\n");
}

bool is_field_value(std::string_view value) {
  const char* const end = value.data() + value.size();
  return find_control(value.data(), end) == end;
}

std::size_t write_chunk_header(std::uint64_t size, char* buffer) {
  char* const end = std::to_chars(buffer, buffer + 16, size, 16).ptr;
  return static_cast<std::size_t>(put(end, "\r\n") - buffer);
}

std::string_view reason_phrase(int status) {
  const auto* const found =
      std::ranges::lower_bound(kPhrases, status, {}, &std::pair<int, std::string_view>::first);
  return found != kPhrases.end() && found->first == status ? found->second : std::string_view{};
}

}  // namespace usher::http
