#include "proxy/local_reply.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "http/head_scanner.h"
#include "http/parser.h"

namespace usher::proxy {
namespace {

constexpr std::int64_t kWallMs = 1'768'210'800'123;

struct Reply {
  std::string text;
  http::ResponseHead head;
  std::string body;

  std::string field(std::string_view name) const {
    for (const http::Field& field : head.fields) {
      if (field.name == name) return std::string(field.value);
    }
    return "";
  }
  nlohmann::json json() const { return nlohmann::json::parse(body); }
};

template <typename Set>
std::unique_ptr<Reply> render(const Error& error, Set set) {
  ReplyFacts facts{};
  set(facts);
  auto reply = std::make_unique<Reply>();
  reply->text = render_error(error, facts, kWallMs);
  std::size_t scanned = 0;
  const Result<std::size_t> size = http::find_head_end(reply->text, scanned);
  EXPECT_TRUE(size && *size > 0);
  EXPECT_TRUE(http::parse_response_head(std::string_view(reply->text).substr(0, *size),
                                        http::Method::Get, {}, reply->head));
  reply->body = reply->text.substr(*size);
  return reply;
}

std::unique_ptr<Reply> render(const Error& error) {
  return render(error, [](ReplyFacts&) {});
}

// As the reference of errors has them.
TEST(LocalReply, TheTableOfErrors) {
  const struct {
    ErrorCode code;
    std::string_view name;
    int status;
    bool retryable;
  } kTable[] = {
      {ErrorCode::BadRequest, "BAD_REQUEST", 400, false},
      {ErrorCode::MissingTenantId, "MISSING_TENANT_ID", 400, false},
      {ErrorCode::InvalidTenantId, "INVALID_TENANT_ID", 400, false},
      {ErrorCode::InvalidUserId, "INVALID_USER_ID", 400, false},
      {ErrorCode::ConsumerNotAllowed, "CONSUMER_NOT_ALLOWED", 403, false},
      {ErrorCode::NoEndpoint, "NO_ENDPOINT", 404, false},
      {ErrorCode::MethodNotAllowed, "METHOD_NOT_ALLOWED", 405, false},
      {ErrorCode::RequestTimeout, "REQUEST_TIMEOUT", 408, true},
      {ErrorCode::BodyTooLarge, "BODY_TOO_LARGE", 413, false},
      {ErrorCode::HeadersTooLarge, "HEADERS_TOO_LARGE", 431, false},
      {ErrorCode::UpstreamConnectFailed, "UPSTREAM_CONNECT_FAILED", 502, true},
      {ErrorCode::UpstreamReset, "UPSTREAM_RESET", 502, true},
      {ErrorCode::UpstreamProtocol, "UPSTREAM_PROTOCOL", 502, true},
      {ErrorCode::CircuitOpen, "CIRCUIT_OPEN", 503, true},
      {ErrorCode::NoHealthyAddress, "NO_HEALTHY_ADDRESS", 503, true},
      {ErrorCode::Overloaded, "OVERLOADED", 503, true},
      {ErrorCode::Draining, "DRAINING", 503, true},
      {ErrorCode::UpstreamTimeout, "UPSTREAM_TIMEOUT", 504, true},
      {ErrorCode::DeadlineExceeded, "DEADLINE_EXCEEDED", 504, true},
      {ErrorCode::SigningFailed, "SIGNING_FAILED", 500, false},
      {ErrorCode::NotCached, "NOT_CACHED", 504, false},
      {ErrorCode::DestinationNotAllowed, "DESTINATION_NOT_ALLOWED", 403, false},
      {ErrorCode::LoopDetected, "LOOP_DETECTED", 508, false},
  };
  static_assert(std::size(kTable) == kErrorCodes);
  for (const auto& [code, name, status, retryable] : kTable) {
    const ErrorKind& kind = kind_of(code);
    EXPECT_EQ(kind.name, name);
    EXPECT_EQ(kind.status, status) << name;
    EXPECT_EQ(kind.retryable, retryable) << name;
    const auto reply = render({code, Retry::No, {}});
    EXPECT_EQ(reply->head.status, status) << name;
    EXPECT_EQ(reply->json()["code"], name);
    EXPECT_EQ(reply->json()["retryable"], retryable) << name;
    EXPECT_EQ(reply->json().contains("retryAfterMs"), status == 503) << name;
    EXPECT_EQ(reply->field("Retry-After"), status == 503 ? "1" : "") << name;
    EXPECT_EQ(reply->field("Proxy-Status"), "usher; error=" + std::string(kind.proxy_status));
    EXPECT_EQ(reply->field("Content-Length"), std::to_string(reply->body.size())) << name;
  }
}

TEST(LocalReply, LabelsAreTheNamesInLowerCase) {
  std::set<std::string_view> seen;
  for (int i = 0; i < kErrorCodes; ++i) {
    const ErrorKind& kind = kind_of(static_cast<ErrorCode>(i));
    std::string lower(kind.name);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    EXPECT_EQ(kind.label, lower);
    EXPECT_TRUE(seen.insert(kind.label).second);
  }
}

TEST(LocalReply, SaysWhatIsKnownOfTheCall) {
  const auto reply = render({ErrorCode::UpstreamTimeout, Retry::No, "the owner did not answer"},
                            [](ReplyFacts& facts) {
                              facts.service = "ticket-service";
                              facts.endpoint = "ticket-status";
                              facts.trace_id = "trace";
                              facts.span_id = "span";
                              facts.attempts = 2;
                              facts.close = true;
                            });
  const nlohmann::json body = reply->json();
  EXPECT_EQ(body["error"], "Gateway Timeout");
  EXPECT_EQ(body["message"], "ticket-service did not answer");
  EXPECT_EQ(body["service"], "ticket-service");
  EXPECT_EQ(body["endpoint"], "ticket-status");
  EXPECT_EQ(body["attempts"], 2);
  EXPECT_EQ(body["traceId"], "trace");
  EXPECT_EQ(reply->field("Content-Type"), "application/json");
  EXPECT_EQ(reply->field("Date"), "Mon, 12 Jan 2026 09:40:00 GMT");
  EXPECT_EQ(reply->field("Connection"), "close");
  EXPECT_EQ(reply->field("X-Trace-ID"), "trace");
  EXPECT_EQ(reply->field("X-Span-ID"), "span");
  EXPECT_EQ(reply->field("Usher-Endpoint"), "ticket-status");
  EXPECT_EQ(reply->field("Usher-Attempts"), "2");
}

TEST(LocalReply, LeavesOutWhatIsNot) {
  const auto reply = render({ErrorCode::NoEndpoint, Retry::No, {}},
                            [](ReplyFacts& facts) { facts.annotate = false; });
  EXPECT_EQ(reply->json(), nlohmann::json::parse(R"({"error":"Not Found","code":"NO_ENDPOINT",
    "message":"Not Found","attempts":0,"retryable":false})"));
  for (const char* name : {"Connection", "Allow", "X-Trace-ID", "Usher-Endpoint", "Usher-Attempts",
                           "Usher-Retry-Safe"}) {
    EXPECT_EQ(reply->field(name), "") << name;
  }
}

TEST(LocalReply, WhatWasSentIsRetryableOnlyWhereItMayBeRepeated) {
  const Error error{ErrorCode::UpstreamReset, Retry::No, {}};
  const auto fate = [&](bool sent, bool repeatable) {
    const auto reply = render(error, [&](ReplyFacts& facts) {
      facts.sent = sent;
      facts.repeatable = repeatable;
    });
    return reply->json()["retryable"].dump() + " " + reply->field("Usher-Retry-Safe");
  };
  EXPECT_EQ(fate(false, false), "true yes");
  EXPECT_EQ(fate(false, true), "true yes");
  EXPECT_EQ(fate(true, true), "true yes");
  EXPECT_EQ(fate(true, false), "false unknown");
}

TEST(LocalReply, ForHeadTheBodyIsLeftOut) {
  const auto whole = render({ErrorCode::NoEndpoint, Retry::No, {}});
  const auto head = render({ErrorCode::NoEndpoint, Retry::No, {}},
                           [](ReplyFacts& facts) { facts.head_only = true; });
  EXPECT_EQ(head->body, "");
  EXPECT_EQ(head->field("Content-Length"), std::to_string(whole->body.size()));
}

TEST(LocalReply, Allow) {
  const auto reply = render({ErrorCode::MethodNotAllowed, Retry::No, {}},
                            [](ReplyFacts& facts) { facts.allow = "GET, PUT"; });
  EXPECT_EQ(reply->field("Allow"), "GET, PUT");
}

TEST(LocalReply, StaysJsonWhateverTheNames) {
  std::string all;
  for (int c = 0; c < 256; ++c) all += static_cast<char>(c);
  const auto reply =
      render({ErrorCode::Overloaded, Retry::No, "\"\\\n"}, [&all](ReplyFacts& facts) {
        facts.service = all;
        facts.trace_id = "a\"b";
      });
  EXPECT_EQ(reply->json()["message"], "\"\\\n");
  EXPECT_EQ(reply->json()["traceId"], "a\"b");
}

}  // namespace
}  // namespace usher::proxy
