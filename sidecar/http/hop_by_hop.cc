#include "http/hop_by_hop.h"

#include "base/bytes.h"
#include "http/grammar.h"
#include "http/list.h"

namespace usher::http {

namespace {

constexpr std::string_view kForwardedPrefix = "x-forwarded-";

// False for a field that a security or framing decision rests on: a Connection that names one would
// have a proxy delete it for a peer that may not (Apache CVE-2022-31813, Fabio CVE-2025-48865).
bool is_nominable(std::string_view name) {
  switch (field_id_folded(name)) {
    case FieldId::ContentLength:
    case FieldId::Host:
    case FieldId::TransferEncoding:
    case FieldId::ContentType:
    case FieldId::IdempotencyKey:
    case FieldId::TenantId:
    case FieldId::UserId:
    case FieldId::TraceId:
    case FieldId::SpanId:
    case FieldId::Traceparent:
    case FieldId::RequestTimeoutMs:
    case FieldId::RetryAttempt:
    case FieldId::CallingService:
    case FieldId::Protected:
    case FieldId::Authorization:
    case FieldId::CacheControl:
    case FieldId::CdnCacheControl:
    case FieldId::Cookie:
    case FieldId::SurrogateControl:
      return false;
    case FieldId::Connection:
    case FieldId::Date:
    case FieldId::Expect:
    case FieldId::KeepAlive:
    case FieldId::ProxyAuthenticate:
    case FieldId::ProxyAuthorization:
    case FieldId::ProxyConnection:
    case FieldId::RetryAfter:
    case FieldId::Te:
    case FieldId::Trailer:
    case FieldId::Upgrade:
    case FieldId::AcceptEncoding:
    case FieldId::Age:
    case FieldId::CacheStatus:
    case FieldId::ContentEncoding:
    case FieldId::ContentRange:
    case FieldId::Etag:
    case FieldId::Expires:
    case FieldId::IfMatch:
    case FieldId::IfModifiedSince:
    case FieldId::IfNoneMatch:
    case FieldId::IfRange:
    case FieldId::IfUnmodifiedSince:
    case FieldId::LastModified:
    case FieldId::Pragma:
    case FieldId::Range:
    case FieldId::SetCookie:
    case FieldId::Vary:
      return true;
    case FieldId::Other:
      break;
  }
  return !equals_ignoring_case(name.substr(0, kForwardedPrefix.size()), kForwardedPrefix);
}

// Ends at this connection, or is written anew by us, in either direction.
bool ends_here(FieldId id) {
  switch (id) {
    case FieldId::Connection:
    case FieldId::ContentLength:
    case FieldId::Expect:
    case FieldId::Host:
    case FieldId::KeepAlive:
    case FieldId::ProxyAuthenticate:
    case FieldId::ProxyAuthorization:
    case FieldId::ProxyConnection:
    case FieldId::Te:
    case FieldId::Trailer:
    case FieldId::TransferEncoding:
    case FieldId::Upgrade:
    case FieldId::CallingService:
    case FieldId::Protected:
      return true;
    case FieldId::Other:
    case FieldId::ContentType:
    case FieldId::Date:
    case FieldId::IdempotencyKey:
    case FieldId::RetryAfter:
    case FieldId::TenantId:
    case FieldId::UserId:
    case FieldId::TraceId:
    case FieldId::SpanId:
    case FieldId::Traceparent:
    case FieldId::RequestTimeoutMs:
    case FieldId::RetryAttempt:
    case FieldId::AcceptEncoding:
    case FieldId::Age:
    case FieldId::Authorization:
    case FieldId::CacheControl:
    case FieldId::CacheStatus:
    case FieldId::CdnCacheControl:
    case FieldId::ContentEncoding:
    case FieldId::ContentRange:
    case FieldId::Cookie:
    case FieldId::Etag:
    case FieldId::Expires:
    case FieldId::IfMatch:
    case FieldId::IfModifiedSince:
    case FieldId::IfNoneMatch:
    case FieldId::IfRange:
    case FieldId::IfUnmodifiedSince:
    case FieldId::LastModified:
    case FieldId::Pragma:
    case FieldId::Range:
    case FieldId::SetCookie:
    case FieldId::SurrogateControl:
    case FieldId::Vary:
      return false;
  }
  return true;
}

// protocol-name ["/" protocol-version] (RFC 9110 §7.8), of those that may be passed over.
bool is_http_by_another_name(std::string_view protocol) {
  const std::string_view name = protocol.substr(0, protocol.find('/'));
  return equals_ignoring_case(name, "h2c") || equals_ignoring_case(name, "HTTP") ||
         equals_ignoring_case(name, "TLS");
}

bool is_context(FieldId id) {
  return id == FieldId::TenantId || id == FieldId::UserId || id == FieldId::TraceId ||
         id == FieldId::SpanId || id == FieldId::Traceparent || id == FieldId::RequestTimeoutMs;
}

}  // namespace

Status ConnectionOptions::read(const Fields& fields) {
  size_ = 0;
  close_ = false;
  keep_alive_ = false;
  std::size_t elements = 0;
  for (const Field& field : fields) {
    if (field.id != FieldId::Connection) continue;
    for (const std::string_view name : List(field.value)) {
      // Empty elements are no error but count (RFC 9110 §5.6.1.2).
      if (++elements > kMax) return fail(ErrorCode::BadRequest, "too many connection options");
      if (name.empty()) continue;
      if (const Status added = add(name); !added) return added;
    }
  }
  return {};
}

Status ConnectionOptions::add(std::string_view name) {
  if (equals_ignoring_case(name, "close")) {
    close_ = true;
  } else if (equals_ignoring_case(name, "keep-alive")) {
    keep_alive_ = true;
  } else if (!is_token(name)) {
    return fail(ErrorCode::BadRequest, "connection option is not a token");
  } else if (is_nominable(name)) {
    names_[size_++] = {name.data(), name.size()};
  } else {
    return fail(ErrorCode::BadRequest, "Connection names a field that must not be dropped");
  }
  return {};
}

bool ConnectionOptions::contains(std::string_view name) const {
  for (std::size_t i = 0; i < size_; ++i) {
    if (equals_ignoring_case((*this)[i], name)) return true;
  }
  return false;
}

Status check_upgrade(const RequestHead& head, const ConnectionOptions& connection) {
  // HTTP/1.0 knows no upgrade; there the field is to be ignored.
  if (head.http_1_0 || !connection.contains("upgrade")) return {};
  for (const Field& field : head.fields) {
    if (field.id != FieldId::Upgrade) continue;
    for (const std::string_view protocol : List(field.value)) {
      if (!protocol.empty() && !is_http_by_another_name(protocol)) {
        return fail(ErrorCode::BadRequest, "upgrades to other protocols are not supported");
      }
    }
  }
  return {};
}

bool passes_to_owner(const Field& field, const ConnectionOptions& connection) {
  if (ends_here(field.id) || is_context(field.id)) return false;
  if (field.name.find('_') != std::string_view::npos) return false;
  return !connection.contains(field.name);
}

bool passes_to_consumer(const Field& field, const ConnectionOptions& connection) {
  if (ends_here(field.id) || ends_here(field_id_folded(field.name))) return false;
  return !connection.contains(field.name);
}

}  // namespace usher::http
