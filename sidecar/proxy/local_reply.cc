#include "proxy/local_reply.h"

#include <array>

#include "base/log.h"
#include "http/framing.h"
#include "http/head_writer.h"
#include "http/http_date.h"

namespace usher::proxy {
namespace {

// In the order of ErrorCode.
constexpr std::array<ErrorKind, kErrorCodes> kKinds = {{
    {"BAD_REQUEST", 400, "bad_request", "http_request_error", false},
    {"MISSING_TENANT_ID", 400, "missing_tenant_id", "http_request_denied", false},
    {"INVALID_TENANT_ID", 400, "invalid_tenant_id", "http_request_denied", false},
    {"INVALID_USER_ID", 400, "invalid_user_id", "http_request_denied", false},
    {"CONSUMER_NOT_ALLOWED", 403, "consumer_not_allowed", "http_request_denied", false},
    {"NO_ENDPOINT", 404, "no_endpoint", "destination_not_found", false},
    {"METHOD_NOT_ALLOWED", 405, "method_not_allowed", "http_request_denied", false},
    {"REQUEST_TIMEOUT", 408, "request_timeout", "http_request_error", true},
    {"BODY_TOO_LARGE", 413, "body_too_large", "http_request_error", false},
    {"HEADERS_TOO_LARGE", 431, "headers_too_large", "http_request_error", false},
    {"UPSTREAM_CONNECT_FAILED", 502, "upstream_connect_failed", "connection_refused", true},
    {"UPSTREAM_RESET", 502, "upstream_reset", "connection_terminated", true},
    {"UPSTREAM_PROTOCOL", 502, "upstream_protocol", "http_protocol_error", true},
    {"CIRCUIT_OPEN", 503, "circuit_open", "destination_unavailable", true},
    {"NO_HEALTHY_ADDRESS", 503, "no_healthy_address", "dns_error", true},
    {"OVERLOADED", 503, "overloaded", "connection_limit_reached", true},
    {"DRAINING", 503, "draining", "proxy_internal_response", true},
    {"UPSTREAM_TIMEOUT", 504, "upstream_timeout", "connection_read_timeout", true},
    {"DEADLINE_EXCEEDED", 504, "deadline_exceeded", "http_response_timeout", true},
    {"SIGNING_FAILED", 500, "signing_failed", "proxy_configuration_error", false},
    {"NOT_CACHED", 504, "not_cached", "http_request_denied", false},
    {"DESTINATION_NOT_ALLOWED", 403, "destination_not_allowed", "destination_ip_prohibited", false},
    {"LOOP_DETECTED", 508, "loop_detected", "proxy_loop_detected", false},
}};

// How long a consumer should wait with what is refused without a call (design: 503 + Retry-After),
// unless it is known better.
constexpr Duration kRetryAfter = std::chrono::seconds(1);

Duration retry_in(const ReplyFacts& facts) {
  return facts.retry_in > Duration::zero() ? facts.retry_in : kRetryAfter;
}

std::int64_t seconds_up(Duration duration) {
  return std::chrono::ceil<std::chrono::seconds>(duration).count();
}

void member(std::string& body, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  body += ",\"";
  body += name;
  body += "\":\"";
  append_json_escaped(body, text);
  body += '"';
}

// Details speak of "the owner"; the consumer knows it by name.
std::string message_of(const Error& error, const ErrorKind& kind, const ReplyFacts& facts) {
  constexpr std::string_view kTheOwner = "the owner";
  const bool names_owner = error.detail.substr(0, kTheOwner.size()) == kTheOwner;
  if (error.detail.empty()) return std::string(http::reason_phrase(kind.status));
  if (!names_owner || facts.service.empty()) return std::string(error.detail);
  std::string message = std::string(facts.service).append(error.detail.substr(kTheOwner.size()));
  if (error.code == ErrorCode::CircuitOpen) {
    message += "; next try in " + std::to_string(seconds_up(retry_in(facts))) + " s";
  }
  return message;
}

std::string render_body(const Error& error, const ErrorKind& kind, const ReplyFacts& facts,
                        bool retryable) {
  std::string body = "{\"error\":\"";
  body += http::reason_phrase(kind.status);
  body += "\",\"code\":\"";
  body += kind.name;
  body += '"';
  member(body, "message", message_of(error, kind, facts));
  member(body, "timeout", name_of(error.timeout));
  member(body, "service", facts.service);
  member(body, "endpoint", facts.endpoint);
  body += ",\"attempts\":" + std::to_string(facts.attempts);
  body += retryable ? ",\"retryable\":true" : ",\"retryable\":false";
  if (kind.status == 503) {
    body += ",\"retryAfterMs\":" + std::to_string(to_milliseconds(retry_in(facts)));
  }
  member(body, "traceId", facts.trace_id);
  body += "}";
  return body;
}

std::string_view retry_safe(const ReplyFacts& facts) {
  if (!facts.sent || facts.repeatable) return "yes";
  return "unknown";
}

std::string_view proxy_status(const Error& error) {
  if (error.timeout == Timeout::Connect) return "connection_timeout";
  return kind_of(error.code).proxy_status;
}

// The fields that every answer of Usher's own may have.
void write_facts(http::HeadWriter& head, const ReplyFacts& facts) {
  if (!facts.allow.empty()) head.trusted_field("Allow", facts.allow);
  if (facts.close) {
    head.trusted_field("Connection", "close");
  } else if (!facts.keep_alive.empty()) {
    head.trusted_field("Connection", "keep-alive");
    head.trusted_field("Keep-Alive", facts.keep_alive);
  }
  if (!facts.trace_id.empty()) {
    head.trusted_field("X-Trace-ID", facts.trace_id);
    head.trusted_field("X-Span-ID", facts.span_id);
  }
  if (!facts.annotate) return;
  if (!facts.endpoint.empty()) head.field("Usher-Endpoint", facts.endpoint);
  head.field("Usher-Attempts", static_cast<std::uint64_t>(facts.attempts));
}

}  // namespace

const ErrorKind& kind_of(ErrorCode code) {
  return kKinds[static_cast<std::size_t>(code)];
}

std::string_view name_of(Timeout timeout) {
  constexpr std::array<std::string_view, kTimeouts> kNames = {
      "",        "request_head", "idle",        "request_body", "answer_write",
      "connect", "first_byte",   "answer_body", "call"};
  return kNames[static_cast<std::size_t>(timeout)];
}

std::string render_error(const Error& error, const ReplyFacts& facts, std::int64_t wall_ms) {
  const ErrorKind& kind = kind_of(error.code);
  const bool retryable = kind.retryable && (!facts.sent || facts.repeatable);
  const std::string body = render_body(error, kind, facts, retryable);
  std::array<char, 4096> buffer;  // NOLINT: written by HeadWriter as far as it is sent
  http::HeadWriter head(buffer);
  head.status_line(kind.status);
  head.trusted_field("Content-Type", "application/json");
  head.field("Content-Length", body.size());
  head.field("Date", http::HttpDate(wall_ms).text());
  head.trusted_field("Proxy-Status", std::string("usher; error=") += proxy_status(error));
  if (kind.status == 503)
    head.field("Retry-After", static_cast<std::uint64_t>(seconds_up(retry_in(facts))));
  write_facts(head, facts);
  if (facts.annotate) head.trusted_field("Usher-Retry-Safe", retry_safe(facts));
  head.end();
  std::string answer(head.view());
  if (!facts.head_only) answer += body;
  return answer;
}

std::string render_fallback(const policy::Fallback& fallback, const ReplyFacts& facts,
                            std::int64_t wall_ms) {
  std::array<char, 2048> buffer;  // NOLINT: written by HeadWriter as far as it is sent
  http::HeadWriter head(buffer);
  head.status_line(fallback.status);
  if (!fallback.body.empty()) head.field("Content-Type", fallback.content_type);
  if (http::status_has_body(fallback.status)) head.field("Content-Length", fallback.body.size());
  head.field("Date", http::HttpDate(wall_ms).text());
  head.trusted_field("Proxy-Status", "usher; details=\"fallback\"");
  write_facts(head, facts);
  head.end();
  std::string answer(head.view());
  if (!facts.head_only && http::status_has_body(fallback.status)) answer += fallback.body;
  return answer;
}

std::string render_options(const ReplyFacts& facts, std::int64_t wall_ms) {
  std::array<char, 1024> buffer;  // NOLINT: written by HeadWriter as far as it is sent
  http::HeadWriter head(buffer);
  head.status_line(204);
  head.field("Date", http::HttpDate(wall_ms).text());
  write_facts(head, facts);
  head.end();
  return std::string(head.view());
}

}  // namespace usher::proxy
