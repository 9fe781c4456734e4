#include "explain/signing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/explain/support.h"

namespace usher::explain::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

class SigningTest : public ExplainTest {
 protected:
  SigningTest() { environment_.set("USHER_TEST_SECRET", config::test::kSecret); }

  Signing signing(const std::string& auth, const std::string& method,
                  const std::string& endpoint = "") {
    load(R"({"consumer": "payment-service"})", "\"auth\": " + auth + ",",
         "{\"name\": \"e\", \"match\": \"" + method + " /a/{id}\"" + endpoint + "}");
    return explain(method, "/a/7?b=1").matched->signing;
  }
  std::string payload(const std::string& preset, const std::string& method) {
    const Signing all =
        signing(R"({"scheme": "hmac", "secret": {"env": "USHER_TEST_SECRET"}, "preset": ")" +
                    preset + "\"}",
                method);
    EXPECT_EQ(all.scheme, "hmac");
    EXPECT_THAT(all.secrets, ElementsAre(Pair("secret", "environment variable USHER_TEST_SECRET")));
    return all.texts.size() == 1 && all.texts[0].first == "payload" ? all.texts[0].second : "?";
  }
};

TEST_F(SigningTest, PayloadOfEachFormOfThePlatform) {
  const std::string s = "payment-service:{timestamp}:";
  EXPECT_EQ(payload("ticket", "GET"), s + "/a/7?b=1");
  EXPECT_EQ(payload("venue", "GET"), s + "GET:/a/7?b=1");
  EXPECT_EQ(payload("payment", "GET"), s + "GET:/a/7?b=1:undefined");
  EXPECT_EQ(payload("payment", "POST"), s + "POST:/a/7?b=1:{body}");
  EXPECT_EQ(payload("gateway", "DELETE"), s + "DELETE:/a/7:{}");
  EXPECT_EQ(payload("gateway", "PUT"), s + "PUT:/a/7:{body}");
  EXPECT_EQ(payload("blockchain", "GET"), s + "{}");
  EXPECT_EQ(payload("minting", "GET"), s + "undefined");
  EXPECT_EQ(payload("minting", "PATCH"), s + "{body}");
  EXPECT_EQ(payload("order-nonce", "GET"), s + "{nonce}:GET:/a/7?b=1");
  EXPECT_EQ(payload("analytics", "GET"), s + "GET:/a/7?b=1:");
  EXPECT_EQ(payload("integration", "GET"), s + "GET:/a/7?b=1");
  EXPECT_EQ(payload("webhook", "POST"), "{timestamp}:{nonce}:{body}");
  EXPECT_EQ(payload("standard", "GET"), s + "{nonce}:GET:/a/7?b=1:");
  EXPECT_EQ(payload("standard", "POST"), s + "{nonce}:POST:/a/7?b=1:{bodyHash}");
}

TEST_F(SigningTest, WhatTheOwnerSeesIsSigned) {
  const std::string auth = R"({"scheme": "hmac", "secret": {"env": "USHER_TEST_SECRET"},
      "payload": "{target} {tenant}"})";
  EXPECT_EQ(signing(auth, "GET", R"(, "rewrite": "/x/{id}")").texts[0].second,
            "/x/7?b=1 3f2a8c1e-0b4d-4e6f-9a7b-1c2d3e4f5a6b");
}

TEST_F(SigningTest, OtherSchemesNameTheirHeaders) {
  const Signing key =
      signing(R"({"scheme": "api-key", "key": {"env": "USHER_TEST_SECRET"}})", "GET");
  EXPECT_EQ(key.scheme, "api-key");
  EXPECT_THAT(key.headers, ElementsAre("x-internal-service", "x-internal-api-key"));
  EXPECT_THAT(key.texts, IsEmpty());
  EXPECT_THAT(key.secrets, ElementsAre(Pair("key", "environment variable USHER_TEST_SECRET")));
  directory_.write("token", "a.b.c");
  const Signing token = signing(R"({"scheme": "service-jwt", "token": {"file": "token"}})", "GET");
  EXPECT_THAT(token.headers, ElementsAre("x-service-token"));
  EXPECT_THAT(token.secrets, ElementsAre(Pair("token", "file token")));
  const Signing none = signing(R"({"scheme": "none"})", "GET");
  EXPECT_EQ(none.scheme, "none");
  EXPECT_THAT(none.headers, IsEmpty());
  EXPECT_EQ(none.note, "");
}

TEST_F(SigningTest, SaysWhyThereIsLess) {
  const std::string auth =
      R"({"scheme": "hmac", "preset": "ticket", "secret": {"env": "USHER_TEST_SECRET"}})";
  EXPECT_EQ(signing(auth, "GET", R"(, "consumers": ["q"])").note,
            "not opened, since payment-service may not call");
  EXPECT_EQ(signing(auth, "GET").note, "");
  const CallExplanation other = explain_call(
      *snapshot_, {.method = "GET", .url = "/a/7", .consumer = "q", .headers = {kTenant}});
  EXPECT_EQ(other.matched->signing.note, "this sidecar signs as payment-service alone");
  EXPECT_THAT(other.matched->signing.texts, IsEmpty());
  ::unsetenv("USHER_TEST_SECRET");
  snapshot_ =
      config::load({directory_.path()}, 0, {.consumer = {}, .needs_secrets = false}).snapshot;
  const Signing missing = explain("GET", "/a/7").matched->signing;
  EXPECT_EQ(missing.note, "the secret is missing here");
  EXPECT_EQ(missing.texts.at(0).second, "payment-service:{timestamp}:/a/7");
}

}  // namespace
}  // namespace usher::explain::test
