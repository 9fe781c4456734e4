// Each of the nineteen endpoints through the sidecar of a service that calls it.
#include "support/catalogue.h"
#include "support/platform.h"

namespace e2e {
namespace {

class Endpoint : public PlatformTest, public testing::WithParamInterface<EndpointCase> {};

std::string name_with_rows(const testing::TestParamInfo<EndpointCase>& info) {
  return test_name(info.param.name) + info.param.rows;
}

TEST_P(Endpoint, IsServedByAnOwnerThatCheckedTheSignature_M105) {
  const EndpointCase& endpoint = GetParam();
  const Response response = sidecar_of(endpoint.consumer).call(endpoint.request);
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(contains(response.json(), endpoint.expected)) << response.body;
  EXPECT_EQ(response.fields.one("Usher-Endpoint"), endpoint.name);
  const Json received = owners().requests(endpoint.owner, 1).at(0);
  EXPECT_EQ(received.at("target"), endpoint.owner_target);
  EXPECT_EQ(received.at("verdict"), "served");
  EXPECT_EQ(received.at("caller"), endpoint.consumer);
}

TEST_P(Endpoint, IsRefusedByTheOwnerWhenTheSecretIsAnother) {
  const EndpointCase& endpoint = GetParam();
  std::unique_ptr<Sidecar> stranger;
  if (endpoint.owner == "auth") {
    stranger = std::make_unique<Sidecar>(
        Config(), endpoint.consumer, Environment{{"S2S_PRIVATE_KEY", stranger_keys().private_pem}});
  } else {
    owners().set_secrets({{"hmac", kWrongSecret}});
  }
  const Sidecar& sidecar = stranger ? *stranger : sidecar_of(endpoint.consumer);
  const Response response = sidecar.call(endpoint.request);
  EXPECT_EQ(response.status, 401) << response.body;
  EXPECT_EQ(response.code(), "") << "the owner's own answer";
  EXPECT_EQ(owners().requests(endpoint.owner, 1).at(0).at("verdict"), "auth");
}

INSTANTIATE_TEST_SUITE_P(Plan, Endpoint, testing::ValuesIn(catalogue()), name_with_rows);

using Services = PlatformTest;

void expect_served(const Sidecar& sidecar, const EndpointCase& endpoint) {
  PlatformTest::owners().reset();
  const Response response = sidecar.call(endpoint.request);
  EXPECT_EQ(response.status, 200) << endpoint.name << ": " << response.body;
  const Json received = PlatformTest::owners().requests(endpoint.owner, 1).at(0);
  EXPECT_EQ(received.at("target"), endpoint.owner_target);
  EXPECT_EQ(received.at("verdict"), "served");
}

TEST_F(Services, TicketServiceIsServedWithBothItsSchemesByConfigurationAlone_M001_M015_M094) {
  Config standard;
  standard.service("ticket-service")["auth"]["preset"] = "standard";
  for (const EndpointCase& endpoint : endpoints_of("ticket")) {
    expect_served(sidecar_of(endpoint.consumer), endpoint);
    const Sidecar sidecar(standard, endpoint.consumer);
    owners().reset();
    owners().set_scheme("ticket", "standard");
    const Response response = sidecar.call(endpoint.request);
    EXPECT_EQ(response.status, 200) << endpoint.name << ": " << response.body;
    EXPECT_TRUE(contains(response.json(), endpoint.expected)) << response.body;
  }
}

TEST_F(Services, AuthServiceIsReachedBelowItsPrefixWithAToken_M002_M032) {
  const std::vector<EndpointCase> endpoints = endpoints_of("auth");
  ASSERT_EQ(endpoints.size(), 7U);
  for (const EndpointCase& endpoint : endpoints) {
    EXPECT_TRUE(endpoint.owner_target.starts_with("/auth/internal/"));
    expect_served(sidecar_of(endpoint.consumer), endpoint);
  }
}

TEST_F(Services, OrderServicesMissingRouteIsToldFromAMissingOrder_M003_M038) {
  for (const EndpointCase& endpoint : endpoints_of("order")) {
    expect_served(sidecar_of(endpoint.consumer), endpoint);
  }
  Config unregistered;
  unregistered.endpoint("order-service", "order")["rewrite"] = "/api/v1/orders/{orderId}";
  const Sidecar sidecar(unregistered, "payment-service");
  const Response route = sidecar.call(get(path("/internal/orders/", seed::kOrder)));
  EXPECT_EQ(route.status, 404);
  EXPECT_TRUE(route.json().at("message").get<std::string>().starts_with("Route GET:/api/v1/"));
  const Response order =
      sidecar_of("payment-service").call(get(path("/internal/orders/", seed::kUnknownId)));
  EXPECT_EQ(order.status, 404);
  EXPECT_EQ(order.json(), Json({{"error", "Order not found"}}));
  const Response unknown = sidecar.call(get("/internal/orders"));
  EXPECT_EQ(unknown.status, 404);
  EXPECT_EQ(unknown.code(), "NO_ENDPOINT");
}

TEST_F(Services, EventServicesPrefixIsConfigured_M004) {
  expect_served(sidecar_of("minting-service"), endpoint_case("event"));
  RawOwner owner;
  Config config;
  config.redirect("event-service", owner.address()).service("event-service")["prefix"] = "/v2";
  const Sidecar sidecar(config, "minting-service");
  EXPECT_EQ(sidecar.call(endpoint_case("event").request).status, 200);
  EXPECT_EQ(owner.request().start_line,
            path("GET /v2/internal/events/", seed::kEvent, " HTTP/1.1"));
}

TEST_F(Services, VenueServiceIsServedWithTheMethodSigned_M005) {
  for (const EndpointCase& endpoint : endpoints_of("venue")) {
    expect_served(sidecar_of(endpoint.consumer), endpoint);
    owners().reset();
    owners().set_scheme("venue", "ticket");
    EXPECT_EQ(sidecar_of(endpoint.consumer).call(endpoint.request).status, 401);
  }
}

TEST_F(Services, ANewEndpointNeedsConfigurationAlone_M045) {
  RawOwner owner;
  Config config;
  config.redirect("event-service", owner.address());
  config.service("event-service")["endpoints"].push_back(
      {{"name", "event-blockchain"}, {"match", "GET /events/{eventId}/blockchain"}});
  const Sidecar sidecar(config, "minting-service");
  const Response response = sidecar.call(get("/events/7/blockchain"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.fields.one("Usher-Endpoint"), "event-blockchain");
  const Message received = owner.request();
  EXPECT_EQ(received.start_line, "GET /api/v1/events/7/blockchain HTTP/1.1");
  EXPECT_EQ(received.fields.one("x-internal-service"), "minting-service");
}

TEST_F(Services, ValidatingATicketIsNeverCachedAndGivesUpEarly_M046) {
  const EndpointCase& endpoint = endpoint_case("validate-ticket");
  const Sidecar& sidecar = sidecar_of(endpoint.consumer);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(sidecar.call(endpoint.request).status, 200);
  EXPECT_EQ(owners().requests("venue", 3).size(), 3U);
  owners().add_fault({{"owner", "venue"}, {"kind", "hang"}});
  const Response response = sidecar.call(endpoint.request);
  EXPECT_EQ(response.status, 504);
  EXPECT_EQ(response.code(), "DEADLINE_EXCEEDED") << "three tries of 1 s do not fit into 3 s";
}

TEST_F(Services, ReadOnlyPostsMayBeRepeatedAndTheirAnswersAreUntouched_M009_M021_M022) {
  const auto same_as_owners = [](const Response& response, int status, const Json& body) {
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.json(), body);
  };
  same_as_owners(sidecar_of("payment-service")
                     .call(post("/internal/tickets/calculate-price",
                                Json{{"ticketIds", {seed::kTicket, seed::kUnknownId}}}.dump())),
                 404, {{"error", "Some tickets not found"}, {"missingIds", {seed::kUnknownId}}});
  same_as_owners(sidecar_of("ticket-service")
                     .call(post("/internal/validate-permissions",
                                Json{{"userId", seed::kUnknownId}, {"permissions", {"x"}}}.dump())),
                 200, {{"valid", false}, {"reason", "User not found"}});
  const Json too_many = {{"userIds", std::vector<std::string>(101, std::string(seed::kAlice))}};
  same_as_owners(sidecar_of("api-gateway").call(post("/internal/validate-users", too_many.dump())),
                 400, {{"error", "Maximum 100 users per request"}});

  owners().add_fault({{"kind", "reset"}});
  for (const char* name : {"calculate-price", "validate-permissions", "validate-users"}) {
    const EndpointCase& endpoint = endpoint_case(name);
    const Response response = sidecar_of(endpoint.consumer).call(endpoint.request);
    EXPECT_EQ(response.fields.one("Usher-Retry-Safe"), "yes") << name;
  }
  const EndpointCase& mutation = endpoint_case("cancel-batch");
  const Response response = sidecar_of(mutation.consumer).call(mutation.request);
  EXPECT_EQ(response.fields.one("Usher-Retry-Safe"), "unknown");
}

TEST_F(Services, PublicPathsOfEventServiceAreRefusedByTheirOwnCode_M042) {
  for (const char* target : {"/api/v1/events", "/api/v1/events/1", "/events", "/health", "/"}) {
    const Response response = sidecar_of("minting-service").call(get(target));
    EXPECT_EQ(response.status, 404) << target;
    EXPECT_EQ(response.code(), "NO_ENDPOINT") << target;
  }
  EXPECT_EQ(owners().requests("event").size(), 0U);
}

}  // namespace
}  // namespace e2e
