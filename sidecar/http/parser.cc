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

// What llhttp's callbacks fill.
struct Spans {
  Fields& fields;
  std::size_t field_count;  // at most
  std::string_view name{};  // of the field whose value comes next
  bool too_many = false;
  bool complete = false;
};

constexpr int kStop = -1;

int on_name(llhttp_t* parser, const char* at, std::size_t size) {
  auto& spans = *static_cast<Spans*>(parser->data);
  spans.name = {at, size};
  return 0;
}

int on_value(llhttp_t* parser, const char* at, std::size_t size) {
  auto& spans = *static_cast<Spans*>(parser->data);
  // llhttp before 9.2 lets an empty name pass (the class of HAProxy CVE-2023-25725); otherwise
  // names are tokens.
  if (spans.name.empty()) return kStop;
  const std::string_view value = trim({at, size});
  spans.too_many = spans.fields.size() >= spans.field_count ||
                   !spans.fields.add(spans.name, value, field_id(spans.name));
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
  fields.clear();
  Spans spans{fields, field_count};
  llhttp_t parser;
  llhttp_init(&parser, type, &kSettings);
  parser.data = &spans;
  const llhttp_errno_t result = llhttp_execute(&parser, bytes.data(), bytes.size());
  if (spans.too_many) return fail(ErrorCode::HeadersTooLarge, "too many fields");
  // Upgrade and CONNECT pause behind the head; neither is granted here.
  if (!spans.complete || (result != HPE_OK && result != HPE_PAUSED_UPGRADE)) {
    return fail(ErrorCode::BadRequest, "malformed head");
  }
  return {};
}

// The message asks for the connection to be kept (RFC 9112 §9.3).
Result<bool> read_keep_alive(const Fields& fields, bool http_1_0) {
  ConnectionOptions connection;
  if (const Status read = connection.read(fields); !read) return tl::unexpected(read.error());
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
  const Result<bool> keep_alive = read_keep_alive(head.fields, head.http_1_0);
  if (!keep_alive) return tl::unexpected(keep_alive.error());

  head.framing = body->framing;
  head.content_length = body->content_length;
  head.has_content_length = body->framing == Framing::ContentLength;
  head.keep_alive = *keep_alive;
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

Status parse_request_head(std::string_view bytes, const HeadLimits& limits, RequestHead& head) {
  if (bytes.size() > limits.head_bytes) return fail(ErrorCode::HeadersTooLarge, "head too large");
  if (bytes.starts_with("\r\n")) bytes.remove_prefix(2);  // RFC 9112 §2.2
  if (const Status line = read_request_line(bytes, limits.target_bytes, head); !line) return line;
  if (const Status fields = split(bytes, HTTP_REQUEST, limits.field_count, head.fields); !fields) {
    return fields;
  }
  if (const Status target = read_target(head); !target) return target;
  bool expects_continue = false;
  if (const Status known = check_known_fields(head.fields, expects_continue); !known) return known;
  const Result<BodyLength> body = read_body_length(head.fields, head.http_1_0);
  if (!body) return tl::unexpected(body.error());
  const Result<bool> keep_alive = read_keep_alive(head.fields, head.http_1_0);
  if (!keep_alive) return tl::unexpected(keep_alive.error());

  head.framing = body->framing;
  head.content_length = body->content_length;
  // What follows a CONNECT is not HTTP, so nothing behind it is read.
  head.keep_alive = *keep_alive && head.method != Method::Connect;
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
