#include "support/error_check.h"

#include <set>

namespace e2e {
namespace {

void expect_body(const Response& response, const ExpectedError& expected) {
  const Json body = response.json();
  EXPECT_EQ(body.at("code"), expected.code) << response.body;
  EXPECT_TRUE(body.at("error").is_string()) << "callers print it";
  EXPECT_FALSE(body.at("message").get<std::string>().empty());
  EXPECT_EQ(body.value("service", ""), expected.service) << response.body;
  EXPECT_EQ(body.value("endpoint", ""), expected.endpoint);
  EXPECT_EQ(body.at("attempts"), expected.attempts);
  EXPECT_EQ(body.at("retryable"), expected.retryable) << response.body;
  EXPECT_EQ(body.value("timeout", ""), expected.timeout) << response.body;
  EXPECT_EQ(body.at("traceId"), response.fields.one("X-Trace-ID"));
  EXPECT_EQ(body.contains("retryAfterMs"), expected.status == 503);
  const std::set<std::string> known = {"error",        "code",     "message",  "timeout",
                                       "service",      "endpoint", "attempts", "retryable",
                                       "retryAfterMs", "traceId"};
  for (const auto& [name, value] : body.items()) EXPECT_TRUE(known.contains(name)) << name;
}

}  // namespace

void expect_error(const Response& response, const ExpectedError& expected) {
  SCOPED_TRACE(expected.code);
  EXPECT_EQ(response.status, expected.status) << response.body;
  EXPECT_TRUE(response.complete);
  EXPECT_EQ(response.fields.one("Content-Type"), "application/json");
  EXPECT_EQ(response.fields.one("Content-Length"), std::to_string(response.body.size()));
  EXPECT_EQ(response.fields.one("Proxy-Status"), "usher; error=" + expected.proxy_status);
  EXPECT_EQ(response.fields.one("Usher-Attempts"), std::to_string(expected.attempts));
  EXPECT_EQ(response.fields.one("Usher-Retry-Safe"), expected.retry_safe);
  EXPECT_EQ(response.fields.count("Usher-Endpoint"), expected.endpoint.empty() ? 0U : 1U);
  EXPECT_EQ(response.fields.count("Retry-After"), expected.status == 503 ? 1U : 0U);
  EXPECT_EQ(response.fields.count("Allow"), expected.status == 405 ? 1U : 0U);
  expect_body(response, expected);
  for (const std::string_view hidden :
       {kServiceSecret, kApiKey, seed::kTenant, seed::kAliceEmail}) {
    EXPECT_EQ((response.head + response.body).find(hidden), std::string::npos);
  }
  EXPECT_EQ(response.body.find("/internal"), std::string::npos) << "paths hold personal data";
}

}  // namespace e2e
