// FieldId: the header fields that Usher itself reads or writes, by number, so that no policy
// compares strings.
#pragma once

#include <cstdint>
#include <string_view>

namespace usher::http {

enum class FieldId : std::uint8_t {
  Other,  // a field that Usher only passes on
  // Framing and routing: never passed on as they came.
  Connection,
  ContentLength,
  Expect,
  Host,
  KeepAlive,
  ProxyAuthenticate,
  ProxyAuthorization,
  ProxyConnection,
  Te,
  Trailer,
  TransferEncoding,
  Upgrade,
  // End to end.
  ContentType,
  Date,
  IdempotencyKey,
  RetryAfter,
  // Context that consumers send and owners read.
  TenantId,
  UserId,
  TraceId,
  SpanId,
  Traceparent,
  RequestTimeoutMs,
  RetryAttempt,
  // What only Usher may say: dropped from consumers (http/hop_by_hop.h).
  CallingService,
  Protected,
  // What caching reads. They pass on like Other (is_plain()).
  AcceptEncoding,
  Age,
  Authorization,
  CacheControl,
  CacheStatus,
  CdnCacheControl,
  ContentEncoding,
  ContentRange,
  Cookie,
  Etag,
  Expires,
  IfMatch,
  IfModifiedSince,
  IfNoneMatch,
  IfRange,
  IfUnmodifiedSince,
  LastModified,
  Pragma,
  Range,
  SetCookie,
  SurrogateControl,
  Vary,
};

// A field that is nothing of Usher's own: it passes between consumer and owner, whether it has a
// number or not.
constexpr bool is_plain(FieldId id) {
  return id == FieldId::Other || id >= FieldId::AcceptEncoding;
}

// The field's number; names are compared without case. "x-internal-" anything is Protected, and so
// is every name by which a signing scheme of the platform proves an identity.
FieldId field_id(std::string_view name);

// Also with '_' read as '-': many servers make one name of both (CGI's habit), so a consumer could
// forge a protected field by an underscore (oauth2-proxy CVE-2025-64484).
FieldId field_id_folded(std::string_view name);

}  // namespace usher::http
