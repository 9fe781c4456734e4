#include "http/parser.h"

#include <llhttp.h>

#include "base/bytes.h"
#include "http/framing.h"
#include "http/grammar.h"
#include "http/hop_by_hop.h"
#include "http/start_line.h"

#if LLHTTP_VERSION_MAJOR < 9 && !LLHTTP_STRICT_MODE
#error "compile llhttp and everything that includes it with LLHTTP_STRICT_MODE=1"
#endif

namespace usher::http {

namespace {

// What llhttp's callbacks fill. Its spans are held against the bytes that the scanner has passed:
// every field line is a token, a colon at once behind it, and all that stands before the line's
// end. So nothing hangs on what a version of llhttp skips, folds or strips.
struct Spans {
  Fields& fields;
  std::size_t field_count;  // at most
  const char* line;         // where the next field line begins
  std::string_view name{};  // of the field whose value comes next
  bool aliases = false;     // a name is one of Usher's own but for a '_'
  bool too_many = false;
  bool complete = false;
};

constexpr int kStop = -1;

int on_name(llhttp_t* parser, const char* at, std::size_t size) {
  auto& spans = *static_cast<Spans*>(parser->data);
  spans.name = {at, size};
  return at == spans.line ? 0 : kStop;
}

int on_value(llhttp_t* parser, const char* at, std::size_t size) {
  auto& spans = *static_cast<Spans*>(parser->data);
  const NameKind kind = kind_of_name(spans.name);
  const char* const colon = spans.name.data() + spans.name.size();
  if (kind == NameKind::NotAToken || *colon != ':') return kStop;
  // An empty value's span may lie anywhere behind it.
  const char* end = size == 0 ? colon + 1 : at + size;
  while (*end == ' ' || *end == '\t') ++end;
  if (*end != '\r') return kStop;
  spans.line = end + 2;

  const FieldId id = field_id(spans.name);
  if (kind == NameKind::TokenWithUnderscore && id == FieldId::Other) {
    spans.aliases = spans.aliases || !is_plain(field_id_folded(spans.name));
  }
  const std::string_view value = trim({colon + 1, static_cast<std::size_t>(end - colon) - 1});
  spans.too_many =
      spans.fields.size() >= spans.field_count || !spans.fields.add(spans.name, value, id);
  return spans.too_many ? kStop : 0;
}

// Ends the message here: bodies are ours (http/body_decoder.h). 1 is llhttp's word for "no body".
int on_headers_complete(llhttp_t* parser) {
  static_cast<Spans*>(parser->data)->complete = true;
  return 1;
}

const llhttp_settings_t kSettings = [] {
  llhttp_settings_t settings;
  llhttp_settings_init(&settings);
  settings.on_header_field = on_name;
  settings.on_header_value = on_value;
  settings.on_headers_complete = on_headers_complete;
  return settings;
}();

Status split(std::string_view bytes, llhttp_type_t type, std::size_t field_count, Fields& fields) {
  constexpr std::string_view kLineEnd = "\r\n";
  fields.clear();
  Spans spans{fields, field_count, bytes.data() + bytes.find(kLineEnd) + kLineEnd.size()};
  llhttp_t parser;
  llhttp_init(&parser, type, &kSettings);
  parser.data = &spans;
  const llhttp_errno_t result = llhttp_execute(&parser, bytes.data(), bytes.size());
  if (spans.too_many) return fail(ErrorCode::HeadersTooLarge, "too many fields");
  // Upgrade pauses behind the head; it is not granted here.
  if (!spans.complete || (result != HPE_OK && result != HPE_PAUSED_UPGRADE) ||
      spans.line + kLineEnd.size() != bytes.data() + bytes.size()) {
    return fail(ErrorCode::BadRequest, "malformed head");
  }
  // Servers that read '_' as '-' would see a field that Usher did not (and refuse, frame or sign by
  // it). An owner's answer may have such names; they end in hop_by_hop.cc.
  if (spans.aliases && type == HTTP_REQUEST) {
    return fail(ErrorCode::BadRequest, "field name with '_' for '-'");
  }
  return {};
}

// The message asks for the connection to be kept (RFC 9112 §9.3).
bool keeps_alive(const ConnectionOptions& connection, bool http_1_0) {
  return !connection.close() && (!http_1_0 || connection.keep_alive());
}

bool is_identity(FieldId id) {
  return id == FieldId::TenantId || id == FieldId::UserId || id == FieldId::TraceId ||
         id == FieldId::SpanId || id == FieldId::Traceparent;
}

// Fields that Usher reads and whose meaning must not hang on a character set; and expectations (RFC
// 9110 §10.1.1).
Status check_known_fields(const Fields& fields, bool& expects_continue) {
  expects_continue = false;
  for (const Field& field : fields) {
    if (is_identity(field.id) && !is_ascii(field.value)) {
      return fail(ErrorCode::BadRequest, "context field is not ASCII");
    }
    if (field.id != FieldId::Expect) continue;
    if (!equals_ignoring_case(field.value, "100-continue")) {
      return fail(ErrorCode::BadRequest, "unknown expectation");
    }
    expects_continue = true;
  }
  return {};
}

Status parse_response(std::string_view bytes, Method request_method, const HeadLimits& limits,
                      ResponseHead& head) {
  if (bytes.size() > limits.head_bytes) return fail(ErrorCode::HeadersTooLarge, "head too large");
  if (const Status line = read_status_line(bytes, head); !line) return line;
  if (const Status fields = split(bytes, HTTP_RESPONSE, limits.field_count, head.fields); !fields) {
    return fields;
  }
  const Result<BodyLength> body = read_body_length(head.fields, head.http_1_0);
  if (!body) return tl::unexpected(body.error());
  ConnectionOptions connection;
  if (const Status read = connection.read(head.fields); !read) return read;

  head.framing = body->framing;
  head.content_length = body->content_length;
  head.has_content_length = body->framing == Framing::ContentLength;
  head.keep_alive = keeps_alive(connection, head.http_1_0);
  if (!status_may_have_length(head.status)) {
    // Whatever it announces does not exist to us and does not go on. An owner that does send it
    // would have its bytes stand before the next answer on this connection.
    if (head.framing == Framing::Chunked || head.content_length > 0) head.keep_alive = false;
    head.content_length = 0;
    head.has_content_length = false;
  }
  if (request_method == Method::Head || !status_has_body(head.status)) {
    head.framing = Framing::None;
  } else if (head.framing == Framing::None) {
    head.framing = Framing::UntilClose;
    head.keep_alive = false;
  }
  return {};
}

}  // namespace

std::string library_version() {
  return std::to_string(LLHTTP_VERSION_MAJOR) + "." + std::to_string(LLHTTP_VERSION_MINOR) + "." +
         std::to_string(LLHTTP_VERSION_PATCH);
}

Status parse_request_head(std::string_view bytes, const HeadLimits& limits, RequestHead& head,
                          Reading reading) {
  if (bytes.size() > limits.head_bytes) return fail(ErrorCode::HeadersTooLarge, "head too large");
  if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);  // RFC 9112 §2.2
  if (const Status line = read_request_line(bytes, limits.target_bytes, head); !line) return line;
  // What follows it would not be HTTP (RFC 9110 §9.3.6).
  if (head.method == Method::Connect && reading == Reading::Calls) {
    return fail(ErrorCode::BadRequest, "CONNECT asks for a tunnel, and there is none");
  }
  if (const Status fields = split(bytes, HTTP_REQUEST, limits.field_count, head.fields); !fields) {
    return fields;
  }
  if (const Status target = read_target(head); !target) return target;
  bool expects_continue = false;
  if (const Status known = check_known_fields(head.fields, expects_continue); !known) return known;
  const Result<BodyLength> body = read_body_length(head.fields, head.http_1_0);
  if (!body) return tl::unexpected(body.error());
  ConnectionOptions connection;
  if (const Status read = connection.read(head.fields); !read) return read;
  const Status upgrade = check_upgrade(head, connection);
  head.upgrade = !upgrade;
  if (head.upgrade && reading == Reading::Calls) return upgrade;

  head.framing = body->framing;
  head.content_length = body->content_length;
  head.keep_alive = keeps_alive(connection, head.http_1_0);
  const bool has_body = head.framing == Framing::Chunked || head.content_length > 0;
  head.expect_continue = expects_continue && has_body && !head.http_1_0;
  return {};
}

Status parse_response_head(std::string_view bytes, Method request_method, const HeadLimits& limits,
                           ResponseHead& head) {
  Status status = parse_response(bytes, request_method, limits, head);
  if (!status) status.error().code = ErrorCode::UpstreamProtocol;
  return status;
}

}  // namespace usher::http
