// Which errors of Usher's own an endpoint can be answered with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "openapi/error_texts.h"
#include "openapi/exported_answers.h"
#include "proxy/local_reply.h"
#include "unit/openapi/support.h"

namespace usher::openapi::test {
namespace {

using Names = std::set<std::string>;

const Names kAlways = {
    "BAD_REQUEST",     "MISSING_TENANT_ID", "INVALID_TENANT_ID",  "INVALID_USER_ID",
    "REQUEST_TIMEOUT", "HEADERS_TOO_LARGE", "NO_HEALTHY_ADDRESS", "UPSTREAM_CONNECT_FAILED",
    "UPSTREAM_RESET",  "UPSTREAM_PROTOCOL", "CIRCUIT_OPEN",       "OVERLOADED",
    "DRAINING",        "UPSTREAM_TIMEOUT",  "DEADLINE_EXCEEDED"};

Names errors(const std::string& method, const std::string& members, const std::string& more = "") {
  config::test::Environment environment;
  environment.set("SECRET", config::test::kSecret);
  const auto snapshot =
      load_endpoints(R"({"name": "a", "match": ")" + method + R"( /a/{x}")" + members + "}", more);
  Names names;
  if (snapshot == nullptr) return names;
  for (const ErrorCode code : errors_of(*snapshot->endpoints.front(), *snapshot)) {
    names.emplace(proxy::kind_of(code).name);
  }
  return names;
}

Names with(Names names, const std::string& name) {
  names.insert(name);
  return names;
}

Names without(Names names, const std::string& name) {
  names.erase(name);
  return names;
}

TEST(Errors, FollowThePolicy) {
  EXPECT_EQ(errors("GET", ""), kAlways);
  EXPECT_EQ(errors("GET", R"(, "tenant": "optional")"), without(kAlways, "MISSING_TENANT_ID"));
  EXPECT_EQ(errors("GET", R"(, "breaker": false)"), without(kAlways, "CIRCUIT_OPEN"));
  EXPECT_EQ(errors("GET", R"(, "cache": {"ttl": "1s"})"), with(kAlways, "NOT_CACHED"));
  EXPECT_EQ(errors("POST", R"(, "invalidates": ["a:{request:/a}"])"),
            with(kAlways, "BODY_TOO_LARGE"));
  EXPECT_EQ(errors("POST", R"(, "invalidates": ["a:{x}"])"), kAlways);
}

TEST(Errors, FollowTheScheme) {
  const auto auth = [](const std::string& preset) {
    return R"("auth": {"scheme": "hmac", "preset": ")" + preset +
           R"(", "secret": {"env": "SECRET"}}, )";
  };
  EXPECT_EQ(errors("GET", "", auth("ticket")), with(kAlways, "SIGNING_FAILED"));
  EXPECT_EQ(errors("POST", "", auth("standard")),
            with(with(kAlways, "SIGNING_FAILED"), "BODY_TOO_LARGE"));
}

TEST(Errors, AreFewWhereTheAllowlistRefuses) {
  EXPECT_EQ(errors("GET", R"(, "consumers": ["other"])"),
            (Names{"BAD_REQUEST", "CONSUMER_NOT_ALLOWED", "REQUEST_TIMEOUT", "HEADERS_TOO_LARGE",
                   "OVERLOADED"}));
}

TEST(Errors, AllHaveTexts) {
  for (int code = 0; code < kErrorCodes; ++code) {
    const ErrorText text = text_of(static_cast<ErrorCode>(code));
    EXPECT_FALSE(text.when.empty()) << code;
    EXPECT_FALSE(text.detail.empty()) << code;
  }
}

}  // namespace
}  // namespace usher::openapi::test
