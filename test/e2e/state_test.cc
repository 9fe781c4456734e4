// What a call changes stays changed, tenants never see each other, and nothing private is written
// down.
#include <csignal>

#include "support/catalogue.h"
#include "support/platform.h"

namespace e2e {
namespace {

using State = PlatformTest;

const std::string kStatus = path("/internal/tickets/", seed::kTicket, "/status");

TEST_F(State, ATransferChangesTheOwner) {
  const Response transfer =
      sidecar_of("transfer-service").call(endpoint_case("ticket-transfer").request);
  EXPECT_EQ(transfer.status, 200);
  const Json status = sidecar_of("payment-service").call(get(kStatus)).json();
  EXPECT_EQ(status.at("userId"), seed::kBob);
  EXPECT_EQ(status.at("status"), "TRANSFERRED");
  EXPECT_EQ(status.at("hasBeenTransferred"), true);
  EXPECT_EQ(status.at("canRefund"), false);
  const Json by_token =
      sidecar_of("blockchain-indexer").call(endpoint_case("ticket-by-token").request).json();
  EXPECT_EQ(by_token.at("ticket").at("userId"), seed::kBob);
}

TEST_F(State, ACancelledTicketStaysCancelled) {
  const Sidecar& sidecar = sidecar_of("payment-service");
  EXPECT_EQ(sidecar.call(get(kStatus)).json().at("status"), "SOLD");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(sidecar.call(endpoint_case("cancel-batch").request).status, 200);
    EXPECT_EQ(sidecar.call(get(kStatus)).json().at("status"), "CANCELLED");
  }
  const Response transfer =
      sidecar_of("transfer-service").call(endpoint_case("ticket-transfer").request);
  EXPECT_GE(transfer.status, 400);
  EXPECT_EQ(sidecar.call(get(kStatus)).json().at("userId"), seed::kAlice);
}

TEST_F(State, TenantsNeverSeeEachOther) {
  for (const EndpointCase& endpoint : catalogue()) {
    if (endpoint.name == "auth-health") continue;
    owners().reset();
    const Request foreign = endpoint.request.without("X-Tenant-ID")
                                .with("X-Tenant-ID", std::string(seed::kOtherTenant));
    const Response response = sidecar_of(endpoint.consumer).call(foreign);
    EXPECT_FALSE(response.status == 200 && contains(response.json(), endpoint.expected))
        << endpoint.name << ": " << response.body;
    EXPECT_EQ(response.body.find(seed::kAliceEmail), std::string::npos);
  }
}

// --- nothing private is written down
// ----------------------------------------------------------------

class Privacy : public PlatformTest {
 protected:
  static Config talkative() {
    Config config;
    config.usher()["log"] = {{"level", "debug"}, {"access", "all"}};
    return config;
  }
  // Log, metrics and all that was answered.
  std::string written(Sidecar& sidecar) {
    EXPECT_TRUE(sidecar.logs("\"msg\":\"call\""));
    const std::string metrics = sidecar.metrics();
    sidecar.process().signal(SIGTERM);
    sidecar.process().wait();
    return sidecar.process().stderr_text() + metrics + answers_;
  }
  Response call(const Sidecar& sidecar, const Request& request) {
    Response response = sidecar.call(request);
    answers_ += response.head;
    if (!response.code().empty()) answers_ += response.body;
    return response;
  }

  std::string answers_;
};

TEST_F(Privacy, SecretsAreInNoLogMetricOrError) {
  Config config = talkative();
  config.service("order-service")["auth"] = {{"scheme", "api-key"},
                                             {"key", {{"env", "INTERNAL_API_KEY"}}}};
  Sidecar sidecar(config, "payment-service");
  for (const char* name : {"ticket-status", "cancel-batch", "user", "order", "event"}) {
    call(sidecar, endpoint_case(name).request.with("Authorization", "Bearer user-token-xyz"));
  }
  owners().add_fault({{"kind", "reset"}});
  for (const char* name : {"ticket-status", "user", "order"}) {
    call(sidecar, endpoint_case(name).request);
  }
  call(sidecar, get("/nowhere").with("x-internal-api-key", "consumers-own-key"));
  const std::string text = written(sidecar);
  const std::string key = service_keys().private_pem;
  const std::string hidden[] = {std::string(kServiceSecret),
                                std::string(kApiKey),
                                key.substr(key.find('\n') + 1, 60),
                                "user-token-xyz",
                                "consumers-own-key",
                                "PRIVATE KEY"};
  for (const std::string& secret : hidden) {
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
  }
}

TEST_F(Privacy, AddressesInPathsAreWrittenNowhereAndNoAnswerIsKept_M034_M085) {
  Sidecar sidecar(talkative(), "transfer-service");
  const EndpointCase& endpoint = endpoint_case("user-by-email");
  EXPECT_EQ(call(sidecar, endpoint.request).status, 200);
  const Request unknown = get("/internal/users/by-email/stranger%40example.com");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(call(sidecar, unknown).json(), Json({{"user", nullptr}, {"found", false}}));
  }
  EXPECT_EQ(owners().requests("auth").size(), 3U) << "an account may be made a moment later";
  const Request too_long =
      get("/internal/users/by-email/" + std::string(100, 'a') + "%40example.com");
  EXPECT_EQ(call(sidecar, too_long).status, 414);
  EXPECT_EQ(call(sidecar, unknown.without("X-Tenant-ID")).code(), "MISSING_TENANT_ID");
  for (const Json& received : owners().requests("auth")) {
    EXPECT_EQ(received.at("headers").dump().find("example.com"), std::string::npos) << "a trace";
  }
  const std::string text = written(sidecar);
  for (const char* part : {"example.com", "stranger", "vip", "by-email/", "aaaaaaaaaa"}) {
    EXPECT_EQ(text.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace e2e
