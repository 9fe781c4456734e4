#include "http/framing.h"

#include "base/bytes.h"

namespace usher::http {

namespace {

constexpr std::size_t kMaxDigits = 19;
// Above it JavaScript's numbers lose their unit, and with it owners and consumers their agreement.
constexpr std::uint64_t kMaxContentLength = (std::uint64_t{1} << 53) - 1;

}  // namespace

Result<BodyLength> read_body_length(const Fields& fields, bool http_1_0) {
  BodyLength body;
  for (const Field& field : fields) {
    if (field.id == FieldId::TransferEncoding) {
      // Also refuses the list "chunked" in two lines, and the empty value that llhttp reads as "no
      // body".
      if (!equals_ignoring_case(field.value, "chunked")) {
        return fail(ErrorCode::BadRequest, "Transfer-Encoding is not chunked");
      }
      // RFC 9112 §6.1; Pingora CVE-2026-2835.
      if (http_1_0) return fail(ErrorCode::BadRequest, "Transfer-Encoding on HTTP/1.0");
      if (body.framing != Framing::None) return fail(ErrorCode::BadRequest, "two body lengths");
      body.framing = Framing::Chunked;
    } else if (field.id == FieldId::ContentLength) {
      if (body.framing != Framing::None) return fail(ErrorCode::BadRequest, "two body lengths");
      const auto length = parse_decimal(field.value);
      if (!length || field.value.size() > kMaxDigits || *length > kMaxContentLength) {
        return fail(ErrorCode::BadRequest, "Content-Length is not a length");
      }
      body.framing = Framing::ContentLength;
      body.content_length = *length;
    }
  }
  return body;
}

bool status_has_body(int status) {
  return status_may_have_length(status) && status != 304;
}

bool status_may_have_length(int status) {
  return status >= 200 && status != 204;
}

}  // namespace usher::http
