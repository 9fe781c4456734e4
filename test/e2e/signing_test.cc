// The schemes of the platform, each verified by its owner or by its formula; and that nobody but
// the sidecar says who calls.
#include <chrono>
#include <set>

#include "support/catalogue.h"
#include "support/platform.h"

namespace e2e {
namespace {

std::int64_t wall_ms() {
  using std::chrono::milliseconds;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<milliseconds>(now).count();
}

Json hmac_auth(const std::string& preset) {
  return {{"scheme", "hmac"}, {"preset", preset}, {"secret", {{"env", "INTERNAL_SERVICE_SECRET"}}}};
}

const Json kApiKeyAuth = {{"scheme", "api-key"}, {"key", {{"env", "INTERNAL_API_KEY"}}}};

// --- each scheme against the owner that enforces it
// ------------------------------------------------

struct SchemeCase {
  std::string name;  // at usher-owners
  std::string rows;  // what its tests prove
  Json auth;
};

void PrintTo(const SchemeCase& scheme, std::ostream* out) {
  *out << scheme.name;
}

const SchemeCase kSchemes[] = {
    {"ticket", "_M069", hmac_auth("ticket")},
    {"venue", "_M069_M047", hmac_auth("venue")},
    {"payment", "", hmac_auth("payment")},
    {"gateway", "", hmac_auth("gateway")},
    {"blockchain", "", hmac_auth("blockchain")},
    {"minting", "", hmac_auth("minting")},
    {"order-nonce", "", hmac_auth("order-nonce")},
    {"analytics", "", hmac_auth("analytics")},
    {"integration", "", hmac_auth("integration")},
    {"standard", "", hmac_auth("standard")},
    {"api-key", "_M071", kApiKeyAuth},
    {"none", "", {{"scheme", "none"}}},
};

class Scheme : public PlatformTest, public testing::WithParamInterface<SchemeCase> {
 protected:
  void SetUp() override {
    PlatformTest::SetUp();
    owners().set_scheme("ticket", GetParam().name);
  }
  // Bodies are not written as JSON.stringify would, which is what most of these hash.
  std::vector<Request> requests() const {
    const std::string pretty = path(R"({ "ticketIds": [ ")", seed::kTicket, R"(" ],
        "b": 1.0, "2": 1e3, "a": "\u00fc\/", "a": null })");
    return {get(path("/internal/tickets/", seed::kTicket, "/status?expand=a%20b&x=%C3%BC")),
            post("/internal/tickets/calculate-price", pretty),
            post("/internal/tickets/cancel-batch?dry=1", pretty)};
  }
  Sidecar sidecar(const Environment& more = {}) const {
    Config config;
    config.service("ticket-service")["auth"] = GetParam().auth;
    return Sidecar(config, "payment-service", more);
  }
};

TEST_P(Scheme, IsVerifiedByTheOwner) {
  const Sidecar with_scheme = sidecar();
  for (const Request& request : requests()) {
    const Response response = with_scheme.call(request);
    EXPECT_EQ(response.status, 200) << request.target << ": " << response.body;
  }
  const Json received = owners().requests("ticket", requests().size());
  EXPECT_EQ(received.size(), requests().size());
  for (const Json& request : received) EXPECT_EQ(request.at("verdict"), "served");
}

TEST_P(Scheme, IsRefusedOnceWithAnotherSecret) {
  owners().set_secrets({{"hmac", kWrongSecret}, {"apiKey", kWrongSecret}});
  const Sidecar with_scheme = sidecar();
  for (const Request& request : requests()) {
    const Response response = with_scheme.call(request);
    EXPECT_EQ(response.status, GetParam().name == "none" ? 200 : 401) << response.body;
    EXPECT_EQ(response.fields.one("Usher-Attempts"), "1");
  }
  EXPECT_EQ(owners().requests("ticket").size(), requests().size());
}

TEST_P(Scheme, ItsSecretIsChangedWithoutARefusedCall) {
  const bool has_hmac = GetParam().auth.at("scheme") == "hmac";
  const Sidecar before = sidecar();
  const Sidecar after = sidecar({{"INTERNAL_SERVICE_SECRET", std::string(kWrongSecret)}});
  owners().set_secrets({{"hmac", kWrongSecret}, {"previous", kServiceSecret}});
  for (const Request& request : requests()) {
    EXPECT_EQ(before.call(request).status, 200);
    EXPECT_EQ(after.call(request).status, 200);
  }
  owners().set_secrets({{"previous", ""}});
  for (const Request& request : requests()) {
    EXPECT_EQ(before.call(request).status, has_hmac ? 401 : 200);
    EXPECT_EQ(after.call(request).status, 200);
  }
}

INSTANTIATE_TEST_SUITE_P(Platform, Scheme, testing::ValuesIn(kSchemes), [](const auto& scheme) {
  return test_name(scheme.param.name) + scheme.param.rows;
});

// --- what exactly is signed ----------------------------------------------------------------------

using Signing = PlatformTest;

// The call's headers as an owner got them.
Message received_by_ticket_service(const Json& auth, const Request& request) {
  RawOwner owner;
  Config config;
  config.redirect("ticket-service", owner.address()).service("ticket-service")["auth"] = auth;
  EXPECT_EQ(Sidecar(config, "payment-service").call(request).status, 200);
  return owner.request();
}

TEST_F(Signing, SignaturesFollowTheFormulaInLowerCaseHexadecimal_M012) {
  const std::string target = "/internal/tickets/7xKX%2Fab%20c/status?expand=event&x=%C3%BC";
  const std::pair<const char*, const char*> forms[] = {{"ticket", ""}, {"venue", "GET:"}};
  for (const auto& [preset, method] : forms) {
    const Message received = received_by_ticket_service(hmac_auth(preset), get(target));
    const std::string payload =
        "payment-service:" + received.fields.one("x-internal-timestamp") + ":" + method + target;
    EXPECT_EQ(received.fields.one("x-internal-signature"),
              hmac_sha256_hex(kServiceSecret, payload));
  }
}

TEST_F(Signing, StandardFormHasNonceAndHashOfTheBodyAsJavaScriptWritesIt) {
  const std::string target = "/internal/tickets/calculate-price";
  const Message received = received_by_ticket_service(
      hmac_auth("standard"), post(target, R"({ "b": 1.0, "1": "\u00fc" })"));
  EXPECT_EQ(received.body, R"({ "b": 1.0, "1": "\u00fc" })") << "sent as it came";
  const std::string hash = sha256_hex(R"({"1":"ü","b":1})");
  EXPECT_EQ(received.fields.one("x-internal-body-hash"), hash);
  const std::string payload = "payment-service:" + received.fields.one("x-internal-timestamp") +
                              ":" + received.fields.one("x-internal-nonce") + ":POST:" + target +
                              ":" + hash;
  EXPECT_EQ(received.fields.one("x-internal-signature"), hmac_sha256_hex(kServiceSecret, payload));
  EXPECT_EQ(received.fields.one("x-internal-nonce").size(), 36U);
}

TEST_F(Signing, EveryAttemptHasItsOwnTimestampAndNonce_M011) {
  RawOwner owner([](Peer& peer) {
    if (!peer.read()) return;
    peer.answer();
    if (peer.number() > 0) return;
    peer.read();  // and closes: the sidecar has to repeat that call
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  });
  Config config;
  config.redirect("ticket-service", owner.address()).service("ticket-service")["auth"] =
      hmac_auth("standard");
  const Sidecar sidecar(config, "payment-service");
  const std::int64_t before = wall_ms();
  EXPECT_EQ(sidecar.call(get("/internal/tickets/1/status")).status, 200);
  const Response repeated = sidecar.call(get("/internal/tickets/2/status"));
  EXPECT_EQ(repeated.status, 200);
  EXPECT_EQ(repeated.fields.one("Usher-Attempts"), "2");

  std::set<std::string> nonces;
  std::vector<std::int64_t> timestamps;
  for (const Message& request : owner.requests(3)) {
    nonces.insert(request.fields.one("x-internal-nonce"));
    timestamps.push_back(std::stoll(request.fields.one("x-internal-timestamp")));
  }
  EXPECT_EQ(nonces.size(), 3U);
  EXPECT_GE(timestamps[0], before);
  EXPECT_GE(timestamps[2], timestamps[1] + 5) << "the second attempt was signed when it was made";
  EXPECT_LE(timestamps[2], wall_ms());
}

// --- the consumer does not say who calls
// ------------------------------------------------------------

// By which the platform's schemes, or owners, tell who calls.
const std::vector<std::string> kClaims = {"x-internal-service",   "x-internal-timestamp",
                                          "x-internal-signature", "x-internal-nonce",
                                          "x-internal-body-hash", "x-internal-auth",
                                          "x-internal-secret",    "x-internal-service-key",
                                          "x-internal-api-key",   "x-internal-anything",
                                          "x-service-token",      "x-calling-service",
                                          "x-service-name",       "x-request-timestamp",
                                          "x-request-nonce",      "x-request-signature",
                                          "x-timestamp",          "x-service-signature",
                                          "x-service-timestamp",  "x-webhook-timestamp",
                                          "x-webhook-nonce",      "x-service",
                                          "x-target-service",     "x-nonce",
                                          "x-signature"};

TEST_F(Signing, WhatTheConsumerClaimsNeverReachesTheOwner_M010_M014_M052) {
  Request request = get("/internal/tickets/1/status");
  for (std::string name : kClaims) {
    request = request.with(name, "temp-signature");
    name[0] = 'X';
    request = request.with(name, "temp-signature");
  }
  for (const char* preset : {"ticket", "standard", "order-nonce", "integration"}) {
    const Message received = received_by_ticket_service(hmac_auth(preset), request);
    EXPECT_EQ(received.head.find("temp-signature"), std::string::npos) << received.head;
    EXPECT_EQ(received.fields.one("X-Calling-Service"), "payment-service");
  }
  const Message signed_request = received_by_ticket_service(hmac_auth("ticket"), request);
  EXPECT_EQ(signed_request.fields.all("x-internal-service"),
            std::vector<std::string>{"payment-service"});
  EXPECT_EQ(signed_request.fields.count("x-internal-signature"), 1U);
  const Message with_key = received_by_ticket_service(kApiKeyAuth, request);
  EXPECT_EQ(with_key.fields.all("x-internal-service"), std::vector<std::string>{"true"});
  EXPECT_EQ(with_key.fields.all("x-internal-api-key"),
            std::vector<std::string>{std::string(kApiKey)});
}

// Owners that read '_' as '-' would take them for Usher's own; nobody sends them by accident.
TEST_F(Signing, ClaimsByUnderscoreAreRefused_M010_M014_M052) {
  RawOwner owner;
  const Sidecar sidecar(Config().redirect("ticket-service", owner.address()), "payment-service");
  const Request request = get("/internal/tickets/1/status");
  for (std::string name : kClaims) {
    std::replace(name.begin(), name.end(), '-', '_');
    EXPECT_EQ(sidecar.call(request.with(name, "temp-signature")).code(), "BAD_REQUEST") << name;
    name[0] = 'X';
    EXPECT_EQ(sidecar.call(request.with(name, "temp-signature")).code(), "BAD_REQUEST") << name;
  }
  EXPECT_EQ(sidecar.call(request).status, 200);
  EXPECT_EQ(owner.requests().size(), 1U);
}

TEST_F(Signing, WhatTheSchemeSignsWithMayNotComeLate) {
  RawOwner owner([](Peer& peer) {
    if (!peer.read_head()) return;
    std::string body;
    while (!body.ends_with("\r\n\r\n")) body += peer.read_some();
    peer.answer(Json(body).dump());
  });
  Config config;
  config.redirect("ticket-service", owner.address());
  Json& auth = config.service("ticket-service")["auth"] = hmac_auth("ticket");
  auth["headers"] = {{"signature", "Sealed-By"}};
  const Sidecar sidecar(config, "payment-service");
  const Request request =
      post("/internal/tickets/cancel-batch", "0\r\nsealed-by: me\r\nX-Sum: 1\r\n\r\n");
  EXPECT_EQ(sidecar.call(request.with("Transfer-Encoding", "chunked")).json().get<std::string>(),
            "0\r\nX-Sum: 1\r\n\r\n");
  EXPECT_EQ(owner.request().fields.one("Sealed-By").size(), 64U) << "the seal itself";
}

TEST_F(Signing, TheWordTrueIsSentInApiKeyModeOnly_M051) {
  const Request request = get("/internal/tickets/1/status").with("X-Internal-Service", "true");
  const Message by_key = received_by_ticket_service(kApiKeyAuth, request);
  EXPECT_EQ(by_key.fields.one("x-internal-service"), "true");
  for (const SchemeCase& scheme : kSchemes) {
    if (scheme.name == "api-key") continue;
    const Message received = received_by_ticket_service(scheme.auth, request);
    for (const std::string& value : received.fields.all("x-internal-service")) {
      EXPECT_EQ(value, "payment-service") << scheme.name;
    }
  }
}

TEST_F(Signing, TheUsersAuthorizationPassesBesideIt_M030) {
  const std::string user = "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2ln";
  const EndpointCase& endpoint = endpoint_case("user");
  const Response response =
      sidecar_of(endpoint.consumer).call(endpoint.request.with("Authorization", user));
  EXPECT_EQ(response.status, 200);
  const Json headers = owners().requests("auth", 1).at(0).at("headers");
  EXPECT_NE(headers.dump().find(R"(["Authorization",")" + user + "\"]"), std::string::npos);
  EXPECT_NE(headers.dump().find("x-service-token"), std::string::npos);
}

// --- the scheme is a field -----------------------------------------------------------------------

TEST_F(Signing, OrderServiceChangesItsSchemeWithoutItsConsumers_M036_M037_M072_M090) {
  const std::pair<const char*, Json> schemes[] = {{"none", {{"scheme", "none"}}},
                                                  {"api-key", kApiKeyAuth},
                                                  {"ticket", hmac_auth("ticket")},
                                                  {"order-nonce", hmac_auth("order-nonce")},
                                                  {"standard", hmac_auth("standard")}};
  const EndpointCase& endpoint = endpoint_case("order");
  for (const auto& [name, auth] : schemes) {
    Config config;
    config.endpoint("order-service", "order")["auth"] = auth;
    owners().set_scheme("order", name);
    const Sidecar sidecar(config, "payment-service");
    const Response response = sidecar.call(endpoint.request);
    EXPECT_EQ(response.status, 200) << name << ": " << response.body;
    // The others of the service keep theirs.
    EXPECT_EQ(
        Sidecar(config, "blockchain-service").call(endpoint_case("order-items").request).status,
        std::string(name) == "none" || std::string(name) == "ticket" ? 200
        : std::string(name) == "api-key"                             ? 403
                                                                     : 401);
  }
}

TEST_F(Signing, EachOwnerMayHaveASecretOfItsOwn_M048) {
  Config config;
  config.service("venue-service")["auth"]["secret"] = {{"env", "VENUE_SECRET"}};
  const Sidecar sidecar(config, "blockchain-service",
                        {{"VENUE_SECRET", std::string(kWrongSecret)}});
  EXPECT_EQ(sidecar.call(endpoint_case("order-items").request).status, 200);
  EXPECT_EQ(sidecar.call(endpoint_case("venue").request).status, 401);
  owners().set_secrets({{"hmac", kWrongSecret}});
  EXPECT_EQ(sidecar.call(endpoint_case("order-items").request).status, 401);
  EXPECT_EQ(sidecar.call(endpoint_case("venue").request).status, 200);
}

TEST_F(Signing, ASignedBodyIsHeldUpToItsLimit) {
  Config config;
  config.service("ticket-service")["auth"] = hmac_auth("standard");
  config.usher()["limits"]["signed_body"] = "64KiB";
  owners().set_scheme("ticket", "standard");
  const Sidecar sidecar(config, "payment-service");
  const auto of_size = [](std::size_t size) {
    Json body = {{"ticketIds", {seed::kTicket}}, {"padding", ""}};
    body["padding"] = std::string(size - body.dump().size(), 'x');
    return post("/internal/tickets/calculate-price", body.dump());
  };
  EXPECT_EQ(sidecar.call(of_size(65536)).status, 200);
  EXPECT_EQ(sidecar.call(of_size(65537)).code(), "BODY_TOO_LARGE");
}

}  // namespace
}  // namespace e2e
