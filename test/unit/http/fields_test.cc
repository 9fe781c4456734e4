// Field numbers, hop-by-hop rules, targets and authorities.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "http/field_id.h"
#include "http/hop_by_hop.h"
#include "http/target.h"

namespace usher::http {
namespace {

struct Known {
  const char* name;
  FieldId id;
};

const std::vector<Known> kKnown = {
    {"Connection", FieldId::Connection},
    {"Content-Length", FieldId::ContentLength},
    {"Expect", FieldId::Expect},
    {"Host", FieldId::Host},
    {"Keep-Alive", FieldId::KeepAlive},
    {"Proxy-Authenticate", FieldId::ProxyAuthenticate},
    {"Proxy-Authorization", FieldId::ProxyAuthorization},
    {"Proxy-Connection", FieldId::ProxyConnection},
    {"TE", FieldId::Te},
    {"Trailer", FieldId::Trailer},
    {"Transfer-Encoding", FieldId::TransferEncoding},
    {"Upgrade", FieldId::Upgrade},
    {"Content-Type", FieldId::ContentType},
    {"Date", FieldId::Date},
    {"Idempotency-Key", FieldId::IdempotencyKey},
    {"Retry-After", FieldId::RetryAfter},
    {"X-Tenant-ID", FieldId::TenantId},
    {"X-User-ID", FieldId::UserId},
    {"X-Trace-ID", FieldId::TraceId},
    {"X-Span-ID", FieldId::SpanId},
    {"traceparent", FieldId::Traceparent},
    {"X-Request-Timeout-Ms", FieldId::RequestTimeoutMs},
    {"X-Retry-Attempt", FieldId::RetryAttempt},
    {"X-Calling-Service", FieldId::CallingService},
    {"x-internal-service", FieldId::Protected},
    {"x-internal-", FieldId::Protected},
    {"X-Internal-API-Key", FieldId::Protected},
    {"x-internal-anything-that-somebody-may-think-of", FieldId::Protected},
    {"x-service-token", FieldId::Protected},
    {"x-service-name", FieldId::Protected},
    {"x-service-signature", FieldId::Protected},
    {"x-service-timestamp", FieldId::Protected},
    {"x-request-timestamp", FieldId::Protected},
    {"x-request-nonce", FieldId::Protected},
    {"x-request-signature", FieldId::Protected},
    {"x-timestamp", FieldId::Protected},
    {"x-webhook-timestamp", FieldId::Protected},
    {"x-webhook-nonce", FieldId::Protected},
    {"X-Service", FieldId::Protected},
    {"X-Target-Service", FieldId::Protected},
    {"X-Nonce", FieldId::Protected},
    {"X-Signature", FieldId::Protected},
    {"Accept-Encoding", FieldId::AcceptEncoding},
    {"Age", FieldId::Age},
    {"Authorization", FieldId::Authorization},
    {"Cache-Control", FieldId::CacheControl},
    {"Cache-Status", FieldId::CacheStatus},
    {"CDN-Cache-Control", FieldId::CdnCacheControl},
    {"Content-Encoding", FieldId::ContentEncoding},
    {"Content-Range", FieldId::ContentRange},
    {"Cookie", FieldId::Cookie},
    {"ETag", FieldId::Etag},
    {"Expires", FieldId::Expires},
    {"If-Match", FieldId::IfMatch},
    {"If-Modified-Since", FieldId::IfModifiedSince},
    {"If-None-Match", FieldId::IfNoneMatch},
    {"If-Range", FieldId::IfRange},
    {"If-Unmodified-Since", FieldId::IfUnmodifiedSince},
    {"Last-Modified", FieldId::LastModified},
    {"Pragma", FieldId::Pragma},
    {"Range", FieldId::Range},
    {"Set-Cookie", FieldId::SetCookie},
    {"Surrogate-Control", FieldId::SurrogateControl},
    {"Vary", FieldId::Vary},
};

TEST(FieldIdTest, NamesInAnyCase) {
  for (const Known& known : kKnown) {
    std::string upper = known.name;
    std::string lower = known.name;
    std::string folded = known.name;
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    for (char& c : lower) c = static_cast<char>(std::tolower(c));
    for (char& c : folded) c = c == '-' ? '_' : c;
    EXPECT_EQ(field_id(known.name), known.id) << known.name;
    EXPECT_EQ(field_id(upper), known.id) << known.name;
    EXPECT_EQ(field_id(lower), known.id) << known.name;
    EXPECT_EQ(field_id_folded(folded), known.id) << folded;
    EXPECT_EQ(field_id_folded(known.name), known.id) << known.name;
  }
}

// A name that differs in one byte is another name.
TEST(FieldIdTest, NothingElseIsKnown) {
  for (const Known& known : kKnown) {
    if (known.id == FieldId::Protected) continue;
    const std::string name = known.name;
    for (std::size_t i = 0; i < name.size(); ++i) {
      for (const char c : {'q', '_', '.', '0', '^', '~'}) {
        std::string other = name;
        if (usher::to_lower(name[i]) == c) continue;
        other[i] = c;
        EXPECT_EQ(field_id(other), FieldId::Other) << other;
      }
    }
    EXPECT_EQ(field_id(name + "x"), FieldId::Other) << name;
    EXPECT_EQ(field_id(name.substr(1)), FieldId::Other) << name;
  }
  EXPECT_EQ(field_id(""), FieldId::Other);
  EXPECT_EQ(field_id("x-internal"), FieldId::Other);
  EXPECT_EQ(field_id(std::string(300, 'x')), FieldId::Other);
}

// What caching reads is nobody's own: it passes, and its name with '_' is nothing to be refused.
TEST(FieldIdTest, PlainFields) {
  const auto is_caching = [](const Known& known) { return known.id >= FieldId::AcceptEncoding; };
  EXPECT_EQ(std::ranges::count_if(kKnown, is_caching), 22);
  for (const Known& known : kKnown) {
    EXPECT_EQ(is_plain(known.id), is_caching(known)) << known.name;
  }
  EXPECT_TRUE(is_plain(FieldId::Other));
}

Field field(std::string_view name, std::string_view value = "v") {
  return {name, value, field_id(name)};
}

ConnectionOptions options(const std::vector<std::string_view>& values) {
  Fields fields;
  for (const std::string_view value : values) fields.add(field("Connection", value));
  ConnectionOptions connection;
  EXPECT_TRUE(connection.read(fields).has_value());
  return connection;
}

TEST(ConnectionOptionsTest, ReadsLists) {
  const ConnectionOptions connection = options({"Close, X-Foo", ",, TE\t,", ""});
  EXPECT_TRUE(connection.close());
  EXPECT_FALSE(connection.keep_alive());
  EXPECT_FALSE(connection.empty());
  EXPECT_TRUE(connection.contains("x-foo"));
  EXPECT_TRUE(connection.contains("te"));
  EXPECT_FALSE(connection.contains("x-fo"));
  EXPECT_TRUE(options({"keep-alive"}).empty());
  EXPECT_TRUE(options({"keep-alive"}).keep_alive());
  EXPECT_TRUE(options({}).empty());
}

TEST(ConnectionOptionsTest, IsReadAnew) {
  ConnectionOptions connection = options({"close, x"});
  ASSERT_TRUE(connection.read(Fields{}).has_value());
  EXPECT_TRUE(connection.empty());
  EXPECT_FALSE(connection.close());
}

TEST(ConnectionOptionsTest, RefusesProtectedNames) {
  for (const std::string_view name : {"host",
                                      "content-length",
                                      "transfer-encoding",
                                      "authorization",
                                      "Cookie",
                                      "cache-control",
                                      "cdn-cache-control",
                                      "surrogate-control",
                                      "x-tenant-id",
                                      "X_USER_ID",
                                      "x-trace-id",
                                      "traceparent",
                                      "x-internal-service",
                                      "x_internal_x",
                                      "x-forwarded-for",
                                      "X-Forwarded-Proto",
                                      "x-calling-service",
                                      "x-service-token",
                                      "idempotency-key",
                                      "content-type",
                                      "a b",
                                      "a@b",
                                      "a\x80"}) {
    Fields fields;
    fields.add(field("Connection", name));
    ConnectionOptions connection;
    EXPECT_FALSE(connection.read(fields).has_value()) << name;
  }
}

TEST(ConnectionOptionsTest, IsBounded) {
  Fields fields;
  for (std::size_t i = 0; i < ConnectionOptions::kMax; ++i) fields.add(field("Connection", "x"));
  ConnectionOptions connection;
  EXPECT_TRUE(connection.read(fields).has_value());
  fields.add(field("Connection", ","));
  EXPECT_FALSE(connection.read(fields).has_value());
}

TEST(HopByHop, ToTheOwner) {
  const ConnectionOptions connection = options({"close, X-Foo"});
  for (const std::string_view name :
       {"Accept", "Content-Type", "Idempotency-Key", "X-Retry-Attempt", "tracestate",
        "Authorization", "Date", "X-Forwarded-For"}) {
    EXPECT_TRUE(passes_to_owner(field(name), connection)) << name;
  }
  for (const std::string_view name : {"Connection",
                                      "Keep-Alive",
                                      "Proxy-Connection",
                                      "Proxy-Authenticate",
                                      "Proxy-Authorization",
                                      "TE",
                                      "Trailer",
                                      "Transfer-Encoding",
                                      "Upgrade",
                                      "Host",
                                      "Content-Length",
                                      "Expect",
                                      "X-Tenant-ID",
                                      "X-User-ID",
                                      "X-Trace-ID",
                                      "X-Span-ID",
                                      "traceparent",
                                      "X-Request-Timeout-Ms",
                                      "X-Calling-Service",
                                      "x-internal-service",
                                      "X-Service-Token",
                                      "x-foo",
                                      "x_internal_service",
                                      "Transfer_Encoding",
                                      "some_name"}) {
    EXPECT_FALSE(passes_to_owner(field(name), connection)) << name;
  }
}

TEST(HopByHop, ToTheConsumer) {
  const ConnectionOptions connection = options({"X-Foo"});
  for (const std::string_view name : {"Content-Type", "Date", "Retry-After", "X-Trace-ID",
                                      "Set-Cookie", "Server", "some_name", "X-Request-ID"}) {
    EXPECT_TRUE(passes_to_consumer(field(name), connection)) << name;
  }
  for (const std::string_view name :
       {"Connection", "Keep-Alive", "Proxy-Authenticate", "Trailer", "Transfer-Encoding", "Upgrade",
        "Content-Length", "x-internal-signature", "x_internal_signature", "X-Service-Token",
        "X-Foo"}) {
    EXPECT_FALSE(passes_to_consumer(field(name), connection)) << name;
  }
}

TEST(TargetTest, Splits) {
  EXPECT_EQ(split_target("/a/b?c=d?e").path, "/a/b");
  EXPECT_EQ(split_target("/a/b?c=d?e").query, "c=d?e");
  EXPECT_EQ(split_target("/a/b").path, "/a/b");
  EXPECT_EQ(split_target("/a/b").query, "");
}

TEST(TargetTest, PassesWhatRfc3986Allows) {
  for (const std::string_view target :
       {"/", "/a/b/", "/a//b", "/-._~!$&'()*+,=:@", "/%41%fF?/?:@!$;", "/a.b/..c/.../%2e%2e%2e",
        "/a%2Fb", "/x?a[]=1&b[0]=2", "/x?../.."}) {
    EXPECT_TRUE(check_target(target).has_value()) << target;
  }
  for (const std::string_view target :
       {"", "a", "*", "/..", "/.", "/%2e", "/a/.%2E?x", "/%2f..", "/..%2f"}) {
    EXPECT_FALSE(check_target(target).has_value()) << target;
  }
}

TEST(TargetTest, EveryByte) {
  constexpr std::string_view kAllowed = "-._~!$&'()*+,=:@/?";
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const bool allowed =
        i < 128 && (std::isalnum(i) != 0 || kAllowed.find(c) != std::string_view::npos);
    EXPECT_EQ(check_target("/a" + std::string(1, c)).has_value(), allowed) << i;
    const bool allowed_in_query = allowed || c == ';' || c == '[' || c == ']';
    EXPECT_EQ(check_target("/a?" + std::string(1, c)).has_value(), allowed_in_query) << i;
  }
}

TEST(Authority, Forms) {
  for (const std::string_view text :
       {"a", "A.b-c_1", "127.0.0.1:80", "a:0", "a:65535", "[::1]", "[fe80::1]:1"}) {
    EXPECT_TRUE(is_authority(text)) << text;
  }
  for (const std::string_view text :
       {"",      ":80", "a:",    "a:65536", "a:000080", "a:b",
        "u@a",   "a/b", "a,b",   "a b",     "a\t",      "a#",
        "a?",    "::1", "[]",    "[::1",    "[::1]x",   "[::1]:",
        "[::g]", "[a]", "a:1:2", "a%41",    "\xe4",     "[::ffff:127.0.0.1%25lo]"}) {
    EXPECT_FALSE(is_authority(text)) << text;
  }
  EXPECT_FALSE(is_authority({"[::1\0x]", 7}));
}

}  // namespace
}  // namespace usher::http
