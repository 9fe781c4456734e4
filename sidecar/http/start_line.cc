#include "http/start_line.h"

#include "base/bytes.h"
#include "http/grammar.h"
#include "http/target.h"

namespace usher::http {

namespace {

constexpr std::size_t kVersionBytes = 8;  // "HTTP/1.1"

tl::unexpected<Error> bad(std::string_view detail) {
  return fail(ErrorCode::BadRequest, detail);
}

std::string_view first_line(std::string_view bytes) {
  return bytes.substr(0, bytes.find('\r'));
}

Method method_of(std::string_view name) {
  for (const Method method : {Method::Get, Method::Post, Method::Put, Method::Delete, Method::Patch,
                              Method::Head, Method::Options, Method::Connect}) {
    if (name == to_string(method)) return method;
  }
  return Method::Other;
}

// Two spellings of one place: without case, ":80" or not.
bool same_authority(std::string_view a, std::string_view b) {
  const auto without_default_port = [](std::string_view text) {
    if (text.ends_with(":80")) text.remove_suffix(3);
    return text;
  };
  return equals_ignoring_case(without_default_port(a), without_default_port(b));
}

// At most one Host on HTTP/1.0 and exactly one on 1.1 (RFC 9112 §3.2).
Status read_host(RequestHead& head) {
  const Field* host = nullptr;
  for (const Field& field : head.fields) {
    if (field.id != FieldId::Host) continue;
    if (host != nullptr) return bad("two Host fields");
    host = &field;
  }
  if (host == nullptr) return head.http_1_0 ? Status{} : Status{bad("no Host")};
  if (!is_authority(host->value)) return bad("malformed Host");
  head.host = host->value;
  return {};
}

// "http://authority/path?query" becomes authority and origin-form.
Status read_absolute_form(RequestHead& head) {
  constexpr std::string_view kScheme = "http://";
  if (!equals_ignoring_case(head.target.substr(0, kScheme.size()), kScheme)) {
    return bad("target is neither a path nor an http URL");
  }
  const std::string_view rest = head.target.substr(kScheme.size());
  const std::size_t end = rest.find_first_of("/?#");
  head.authority = rest.substr(0, end);
  if (!is_authority(head.authority)) return bad("malformed authority in the target");
  if (!head.host.empty() && !same_authority(head.authority, head.host)) {
    return bad("target and Host disagree");
  }
  if (end != std::string_view::npos) {
    // With an empty path in front of a query the rest does not begin with '/', and is refused.
    head.target = rest.substr(end);
    return check_target(head.target);
  }
  head.asterisk = head.method == Method::Options;  // RFC 9112 §3.2.4
  head.target = head.asterisk ? "*" : "/";
  return {};
}

}  // namespace

Status read_request_line(std::string_view head_bytes, std::size_t target_bytes_max,
                         RequestHead& head) {
  std::string_view line = first_line(head_bytes);
  const bool http_1_1 = line.ends_with(" HTTP/1.1");
  if (!http_1_1 && !line.ends_with(" HTTP/1.0"))
    return bad("request line does not end in HTTP/1.x");
  line.remove_suffix(kVersionBytes + 1);
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return bad("request line without a target");

  head.http_1_0 = !http_1_1;
  head.method_name = line.substr(0, space);
  if (!is_token(head.method_name)) return bad("method is not a token");
  head.method = method_of(head.method_name);
  head.target = line.substr(space + 1);
  if (head.target.size() > target_bytes_max)
    return fail(ErrorCode::HeadersTooLarge, "target too long");
  if (head.target.empty() || head.target.find(' ') != std::string_view::npos) {
    return bad("request line is not of three parts");
  }
  return {};
}

Status read_target(RequestHead& head) {
  head.authority = {};
  head.host = {};
  head.asterisk = false;
  if (const Status host = read_host(head); !host) return host;
  if (head.method == Method::Connect) {
    head.authority = head.target;  // RFC 9112 §3.2.3
    return is_authority(head.authority) ? Status{} : Status{bad("malformed authority of CONNECT")};
  }
  if (head.target.starts_with('/')) return check_target(head.target);
  if (head.target == "*") {
    head.asterisk = head.method == Method::Options;
    return head.asterisk ? Status{} : Status{bad("'*' is a target for OPTIONS only")};
  }
  return read_absolute_form(head);
}

Status read_status_line(std::string_view head_bytes, ResponseHead& head) {
  constexpr std::size_t kStatusAt = kVersionBytes + 1;
  const std::string_view line = first_line(head_bytes);
  const bool http_1_1 = line.starts_with("HTTP/1.1 ");
  if (!http_1_1 && !line.starts_with("HTTP/1.0 "))
    return bad("status line does not begin with HTTP/1.x");
  const auto status = parse_decimal(line.substr(kStatusAt, 3));
  // The space behind the status is wanted even without a phrase, but many leave it out then.
  const bool whole =
      line.size() == kStatusAt + 3 || (line.size() > kStatusAt + 3 && line[kStatusAt + 3] == ' ');
  if (!status || !whole || *status < 100 || *status > 599) return bad("malformed status");
  if (*status == 101) return bad("upgrade that nobody asked for");
  head.status = static_cast<int>(*status);
  head.http_1_0 = !http_1_1;
  return {};
}

}  // namespace usher::http
