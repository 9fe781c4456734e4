// Heads of requests and responses: whatever passes must be clean, must read the same however it
// arrives, must read the same again once it is written anew, and must read the same to a second,
// naive reader. Any input that breaks this aborts.
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "fuzz/support/strict_http.h"
#include "http/grammar.h"
#include "http/head_scanner.h"
#include "http/head_writer.h"
#include "http/hop_by_hop.h"
#include "http/parser.h"
#include "http/target.h"

namespace {

using namespace usher::http;
using namespace usher::fuzz;

// Byte by byte the scanner must say what it says of the whole.
void check_resumption(std::string_view bytes, const usher::Result<std::size_t>& whole) {
  std::size_t scanned = 0;
  usher::Result<std::size_t> verdict = std::size_t{0};
  for (std::size_t size = 0; size <= bytes.size() && verdict && *verdict == 0; ++size) {
    verdict = find_head_end(bytes.substr(0, size), scanned);
  }
  USHER_CHECK(verdict.has_value() == whole.has_value());
  USHER_CHECK(!verdict || *verdict == *whole);
}

void check_same_fields(const Fields& a, const Fields& b) {
  USHER_CHECK(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    const Field& field = a.begin()[i];
    USHER_CHECK(is_token(field.name) && is_field_value(field.value));
    USHER_CHECK(field.name == b.begin()[i].name && field.value == b.begin()[i].value);
    USHER_CHECK(field_id(field.name) == field.id);
  }
}

void write_fields(HeadWriter& writer, const Fields& fields) {
  for (const Field& field : fields) writer.field(field.name, field.value);
  writer.end();
}

// The naive reader's message is the same, or there was none.
void check_same_message(const Fields& fields, Framing framing, const StrictMessage& naive) {
  USHER_CHECK(naive.has_head && naive.fields.size() == fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    USHER_CHECK(fields.begin()[i].name == naive.fields[i].first);
    USHER_CHECK(fields.begin()[i].value == naive.fields[i].second);
  }
  USHER_CHECK(framing != Framing::Chunked || naive.count("transfer-encoding") == 1);
  USHER_CHECK(framing != Framing::ContentLength || naive.count("content-length") == 1);
}

void check_against_naive(std::string_view bytes, const RequestHead& head) {
  const StrictReading reading = read_requests(bytes);
  USHER_CHECK(reading.rest != Verdict::Malformed);
  const StrictMessage& naive = reading.messages.empty() ? reading.part : reading.messages.front();
  USHER_CHECK(naive.method == head.method_name && naive.minor == (head.http_1_0 ? 0 : 1));
  USHER_CHECK(head.asterisk || naive.target.ends_with(head.target) || head.target == "/");
  USHER_CHECK(naive.value("host") == head.host);
  const bool has_body = head.framing != Framing::None && head.content_length > 0;
  USHER_CHECK(!has_body || reading.rest == Verdict::Part);
  check_same_message(head.fields, head.framing, naive);
}

void check_against_naive(std::string_view bytes, const ResponseHead& head,
                         const std::string& method) {
  const StrictReading reading = read_responses(bytes, {method}, false);
  USHER_CHECK(reading.rest != Verdict::Malformed);
  const StrictMessage& naive = reading.messages.empty() ? reading.part : reading.messages.front();
  USHER_CHECK(naive.status == head.status && naive.minor == (head.http_1_0 ? 0 : 1));
  const bool has_body = head.framing != Framing::None;
  const bool is_empty = head.framing == Framing::ContentLength && head.content_length == 0;
  USHER_CHECK((reading.rest == Verdict::Part) == (has_body && !is_empty));
  check_same_message(head.fields, head.framing, naive);
}

void check_request(std::string_view bytes) {
  static RequestHead head;
  static RequestHead again;
  if (!parse_request_head(bytes, HeadLimits{}, head)) return;
  check_against_naive(bytes, head);
  if (head.target.empty()) return;  // CONNECT
  USHER_CHECK(head.asterisk || check_target(head.target).has_value());
  std::string buffer(2 * bytes.size() + 64, '\0');
  HeadWriter writer(buffer);
  writer.request_line(head.method_name, head.target);
  if (head.http_1_0 && head.host.empty()) writer.field("Host", "a");
  write_fields(writer, head.fields);
  USHER_CHECK(writer.ok());
  std::size_t scanned = 0;
  const auto size = find_head_end(writer.view(), scanned);
  USHER_CHECK(size.has_value() && *size == writer.view().size());
  HeadLimits limits;
  limits.head_bytes = buffer.size();
  if (!parse_request_head(writer.view(), limits, again)) {
    // One field too many with the Host above; or, written as HTTP/1.1, an upgrade that HTTP/1.0
    // has none of (RFC 9110 §7.8).
    const bool ignored_upgrade = head.http_1_0 && head.fields.find(FieldId::Upgrade) != nullptr;
    USHER_CHECK(head.fields.size() == kMaxFields || ignored_upgrade);
    return;
  }
  USHER_CHECK(again.method == head.method && again.target == head.target);
  USHER_CHECK(again.framing == head.framing && again.content_length == head.content_length);
  if (!head.host.empty()) check_same_fields(head.fields, again.fields);
}

void check_response(std::string_view bytes, Method method) {
  static ResponseHead head;
  static ResponseHead again;
  if (!parse_response_head(bytes, method, HeadLimits{}, head)) return;
  USHER_CHECK(head.status >= 100 && head.status <= 599 && head.status != 101);
  check_against_naive(bytes, head, std::string(to_string(method)));
  std::string buffer(2 * bytes.size() + 64, '\0');
  HeadWriter writer(buffer);
  writer.status_line(head.status);
  write_fields(writer, head.fields);
  USHER_CHECK(writer.ok());
  HeadLimits limits;
  limits.head_bytes = buffer.size();
  USHER_CHECK(parse_response_head(writer.view(), method, limits, again).has_value());
  USHER_CHECK(again.status == head.status && again.framing == head.framing);
  check_same_fields(head.fields, again.fields);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  std::size_t scanned = 0;
  const auto end = find_head_end(bytes, scanned);
  check_resumption(bytes, end);
  if (!end || *end == 0) return 0;
  check_request(bytes.substr(0, *end));
  check_response(bytes.substr(0, *end), Method::Get);
  check_response(bytes.substr(0, *end), Method::Head);
  return 0;
}
