// The service token: minted, cached, renewed ahead of its end, or handed out.
#include <csignal>
#include <ctime>

#include "support/catalogue.h"
#include "support/error_check.h"
#include "support/platform.h"

namespace e2e {
namespace {

using ServiceToken = PlatformTest;

struct Token {
  std::string text;
  Json head;
  Json claims;
};

Token decode(const std::string& text) {
  const auto first = text.find('.');
  const auto second = text.find('.', first + 1);
  return {text, Json::parse(decode_base64url(text.substr(0, first))),
          Json::parse(decode_base64url(text.substr(first + 1, second - first - 1)))};
}

// The token of the newest call that auth-service has received.
Token newest_token() {
  const Json received = PlatformTest::owners().requests("auth", 1);
  for (const Json& field : received.back().at("headers")) {
    if (field.at(0) == "x-service-token") return decode(field.at(1));
  }
  throw std::runtime_error("a call without a token");
}

const Request& user_request() {
  return endpoint_case("user").request;
}

TEST_F(ServiceToken, IsWhatTheOwnersVerifierAccepts_M025_M027_M070) {
  EXPECT_EQ(sidecar_of("payment-service").call(user_request()).status, 200);
  const Token token = newest_token();
  EXPECT_EQ(token.head, Json({{"alg", "RS256"}, {"typ", "JWT"}}));
  EXPECT_EQ(token.claims.size(), 4U);
  EXPECT_EQ(token.claims.at("sub"), "payment-service");
  EXPECT_EQ(token.claims.at("type"), "service");
  EXPECT_EQ(token.claims.at("exp").get<std::int64_t>(),
            token.claims.at("iat").get<std::int64_t>() + 86'400);
  EXPECT_EQ(owners().requests("auth").back().at("caller"), "payment-service");
}

TEST_F(ServiceToken, IsMintedOnceForManyCalls) {
  const Sidecar& sidecar = sidecar_of("payment-service");
  EXPECT_EQ(sidecar.call(user_request()).status, 200);
  const std::string first = newest_token().text;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sidecar.call(user_request()).status, 200);
  EXPECT_EQ(newest_token().text, first);
}

TEST_F(ServiceToken, IsRenewedBeforeItEnds) {
  Config config;
  config.service("auth-service")["auth"]["expires_in"] = "2s";
  const Sidecar sidecar(config, "payment-service");
  EXPECT_EQ(sidecar.call(user_request()).status, 200);
  const Token first = newest_token();
  Token second = first;
  EXPECT_TRUE(eventually([&] {
    const Response response = sidecar.call(user_request());
    EXPECT_EQ(response.status, 200) << response.body;
    second = newest_token();
    return second.text != first.text || response.status != 200;
  }));
  EXPECT_LT(second.claims.at("iat").get<std::int64_t>(),
            first.claims.at("exp").get<std::int64_t>());
  EXPECT_EQ(sidecar.call(user_request()).status, 200);
}

// A process that was stopped past its token's end has nothing to sign with until it has renewed.
// Who comes first, the call or the renewal, is open; so it is stopped until the call does.
TEST_F(ServiceToken, WithoutAValidTokenNothingIsSent) {
  Config config;
  config.service("auth-service")["auth"]["expires_in"] = "1s";
  Sidecar sidecar(config, "payment-service");
  Client client(sidecar.port());
  Response response = client.call(user_request());
  for (int i = 0; i < 20 && response.status == 200; ++i) {
    const std::int64_t end = newest_token().claims.at("exp");
    sidecar.process().signal(SIGSTOP);
    client.send(user_request());
    EXPECT_TRUE(eventually([end] { return std::time(nullptr) > end; }));
    sidecar.process().signal(SIGCONT);
    response = client.read();
  }
  expect_error(response, {.code = "SIGNING_FAILED",
                          .status = 500,
                          .proxy_status = "proxy_configuration_error",
                          .service = "auth-service",
                          .endpoint = "user",
                          .attempts = 1});
  for (const Json& received : owners().requests("auth")) EXPECT_EQ(received.at("status"), 200);
  EXPECT_TRUE(eventually([&] { return client.call(user_request()).status == 200; }));
}

TEST_F(ServiceToken, KeyIsPemOrBase64FromEnvironmentOrFile_M026) {
  const std::string pem = service_keys().private_pem;
  const TemporaryDirectory directory;
  for (const std::string& text : {pem, base64(pem)}) {
    const Sidecar from_environment(Config(), "payment-service", {{"S2S_PRIVATE_KEY", text}});
    EXPECT_EQ(from_environment.call(user_request()).status, 200);
    Config config;
    config.service("auth-service")["auth"]["key"] = {{"file", directory.write("key", text)}};
    const Sidecar from_file(config, "payment-service", {{"S2S_PRIVATE_KEY", ""}});
    EXPECT_EQ(from_file.call(user_request()).status, 200);
  }
  // The key of the users' tokens is not taken instead.
  Environment environment = sidecar_environment("payment-service");
  environment.erase("S2S_PRIVATE_KEY");
  environment["JWT_PRIVATE_KEY"] = pem;
  const StartFailure failure = start_and_fail(Config(), environment);
  EXPECT_EQ(failure.status, 1);
  EXPECT_NE(failure.message.find("S2S_PRIVATE_KEY"), std::string::npos) << failure.message;
}

TEST_F(ServiceToken, OneThatWasHandedOutIsSentAsItIs) {
  EXPECT_EQ(sidecar_of("payment-service").call(user_request()).status, 200);
  const std::string handed_out = newest_token().text;
  Config config;
  config.service("auth-service")["auth"] = {{"scheme", "service-jwt"},
                                            {"token", {{"env", "SERVICE_TOKEN"}}}};
  const Sidecar sidecar(config, "compliance-service", {{"SERVICE_TOKEN", handed_out}});
  EXPECT_EQ(sidecar.call(user_request()).status, 200);
  EXPECT_EQ(newest_token().text, handed_out);
  EXPECT_EQ(owners().requests("auth").back().at("caller"), "payment-service");

  const Sidecar refused(config, "compliance-service", {{"SERVICE_TOKEN", "no.token.atall"}});
  const Response response = refused.call(user_request());
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(response.json().at("code"), "INVALID_SERVICE_TOKEN");
}

TEST_F(ServiceToken, OwnersAllowlistAnswersForItself) {
  Config config;
  config.endpoint("auth-service", "user").erase("consumers");
  const Response response = Sidecar(config, "event-service").call(user_request());
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.json().at("code"), "SERVICE_NOT_ALLOWED");
  EXPECT_EQ(response.code(), "") << "the owner's own answer";
}

TEST_F(ServiceToken, UnusableKeysStopTheStart) {
  const std::pair<std::string, std::string> keys[] = {{"not a key", "PEM"},
                                                      {make_rsa_keys(1024).private_pem, "2048"},
                                                      {service_keys().public_pem, "private"}};
  for (const auto& [key, complaint] : keys) {
    Environment environment = sidecar_environment("payment-service");
    environment["S2S_PRIVATE_KEY"] = key;
    const StartFailure failure = start_and_fail(Config(), environment);
    EXPECT_EQ(failure.status, 1);
    EXPECT_NE(failure.message.find("auth-service.json:"), std::string::npos) << failure.message;
    EXPECT_NE(failure.message.find(complaint), std::string::npos) << failure.message;
  }
}

}  // namespace
}  // namespace e2e
