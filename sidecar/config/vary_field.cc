#include "config/vary_field.h"

#include "base/bytes.h"
#include "http/field_id.h"
#include "http/grammar.h"

namespace usher::config {
namespace {

using http::FieldId;

constexpr std::string_view kNotSentOn = "does not reach the owner; leave it out";
constexpr std::string_view kUshersOwn =
    "is Usher's own to say, the consumer's does not reach the owner; leave it out";
constexpr std::string_view kEachItsOwn =
    "is another one in each call, so that nothing would ever be found; leave it out";
constexpr std::string_view kCredential =
    "is a credential: what is answered to it is not kept unless the owner says that it is for "
    "everybody; leave it out";
constexpr std::string_view kAnswered = "is what the cache itself goes by; leave it out";

struct Numbered {
  FieldId id;
  std::string_view why;
};
constexpr Numbered kNumbered[] = {
    {FieldId::Connection, kNotSentOn},
    {FieldId::ContentLength, kNotSentOn},
    {FieldId::Expect, kNotSentOn},
    {FieldId::KeepAlive, kNotSentOn},
    {FieldId::ProxyAuthenticate, kNotSentOn},
    {FieldId::ProxyAuthorization, kNotSentOn},
    {FieldId::ProxyConnection, kNotSentOn},
    {FieldId::Te, kNotSentOn},
    {FieldId::Trailer, kNotSentOn},
    {FieldId::TransferEncoding, kNotSentOn},
    {FieldId::Upgrade, kNotSentOn},
    {FieldId::ContentType, kNotSentOn},  // of a call without a body
    {FieldId::Host, kUshersOwn},
    {FieldId::CallingService, kUshersOwn},
    {FieldId::Protected, kUshersOwn},
    {FieldId::TenantId, R"(is part of the key by "scope"; leave it out)"},
    {FieldId::UserId, R"(is part of the key by "scope": "user"; write "user")"},
    {FieldId::IdempotencyKey, kEachItsOwn},
    {FieldId::TraceId, kEachItsOwn},
    {FieldId::SpanId, kEachItsOwn},
    {FieldId::Traceparent, kEachItsOwn},
    {FieldId::RequestTimeoutMs, kEachItsOwn},
    {FieldId::RetryAttempt, kEachItsOwn},
};

struct Named {
  std::string_view name;
  std::string_view why;
};
constexpr Named kNamed[] = {
    {"authorization", kCredential},
    {"cookie", kCredential},
    {"tracestate", kEachItsOwn},
    {"x-request-id", kEachItsOwn},
    {"x-correlation-id", kEachItsOwn},
    {"cache-control", kAnswered},
    {"pragma", kAnswered},
    {"range", kAnswered},
    {"if-match", kAnswered},
    {"if-none-match", kAnswered},
    {"if-modified-since", kAnswered},
    {"if-unmodified-since", kAnswered},
    {"if-range", kAnswered},
};

}  // namespace

std::string_view why_not_in_key(std::string_view name) {
  const http::NameKind kind = http::kind_of_name(name);
  if (kind == http::NameKind::NotAToken) {
    return "is not a header's name; write it as in \"Accept-Language\"";
  }
  if (kind == http::NameKind::TokenWithUnderscore) {
    return "has an underscore, and such headers do not reach the owner; leave it out";
  }
  const FieldId id = http::field_id(name);
  for (const Numbered& field : kNumbered) {
    if (field.id == id) return field.why;
  }
  for (const Named& field : kNamed) {
    if (equals_ignoring_case(field.name, name)) return field.why;
  }
  return "";
}

}  // namespace usher::config
