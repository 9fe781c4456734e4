// Appendix A of the plan: what each service read from another's database, now through its sidecar.
// And the clients of 7.3.
#include "support/catalogue.h"
#include "support/platform.h"

namespace e2e {
namespace {

struct Row {
  std::string test;  // with its rows
  std::string consumer;
  std::string endpoint;
};

void PrintTo(const Row& row, std::ostream* out) {
  *out << row.test;
}

const Row kRows[] = {
    {"auth_tickets_M116", "auth-service", "events-attended"},
    {"payment_tickets_M117", "payment-service", "order-tickets"},
    {"payment_events_M118", "payment-service", "event"},
    {"payment_orders_M119", "payment-service", "order"},
    {"payment_users_M120", "payment-service", "user"},
    {"blockchain_tickets_M121", "blockchain-service", "order-tickets"},
    {"blockchain_venues_M122", "blockchain-service", "venue"},
    {"blockchain_order_items_M123", "blockchain-service", "order-items"},
    {"blockchain_indexer_tickets_M124", "blockchain-indexer", "ticket-by-token"},
    {"minting_events_M125", "minting-service", "event"},
    {"transfer_tickets_M126", "transfer-service", "ticket-transfer"},
    {"transfer_users_M127", "transfer-service", "user-by-email"},
    {"compliance_venues_M128", "compliance-service", "venue"},
    {"compliance_users_M129", "compliance-service", "admins"},
};

Fields fields_of(const Json& received) {
  Fields fields;
  for (const Json& field : received.at("headers")) {
    fields.emplace_back(field.at(0).get<std::string>(), field.at(1).get<std::string>());
  }
  return fields;
}

class AppendixA : public PlatformTest, public testing::WithParamInterface<Row> {};

TEST_P(AppendixA, IsAnsweredThroughTheConsumersSidecarAndFailsClearly_M006_M104) {
  const EndpointCase& endpoint = endpoint_case(GetParam().endpoint);
  const std::string trace = "appendix-" + GetParam().endpoint;
  const Request request = endpoint.request.with("X-Trace-ID", trace);

  const Response response = sidecar_of(GetParam().consumer).call(request);
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(contains(response.json(), endpoint.expected)) << response.body;
  EXPECT_EQ(response.fields.one("X-Trace-ID"), trace);
  const Json received = owners().requests(endpoint.owner, 1).at(0);
  EXPECT_EQ(received.at("target"), endpoint.owner_target);
  EXPECT_EQ(received.at("verdict"), "served");
  EXPECT_EQ(received.at("caller"), GetParam().consumer);
  const Fields fields = fields_of(received);
  EXPECT_EQ(fields.one("X-Tenant-ID"), seed::kTenant);
  EXPECT_EQ(fields.one("X-Trace-ID"), trace);
  EXPECT_EQ(fields.one("X-Calling-Service"), GetParam().consumer);

  const DeadPort dead;
  Config config;
  config.redirect(endpoint.service(), "http://127.0.0.1:" + std::to_string(dead.port()));
  const Response failure = Sidecar(config, GetParam().consumer).call(request);
  EXPECT_EQ(failure.status, 502);
  EXPECT_EQ(failure.code(), "UPSTREAM_CONNECT_FAILED");
  EXPECT_EQ(failure.json().at("service"), endpoint.service());
  EXPECT_EQ(failure.fields.one("X-Trace-ID"), trace);
}

INSTANTIATE_TEST_SUITE_P(Row, AppendixA, testing::ValuesIn(kRows),
                         [](const auto& row) { return row.param.test; });

// The clients of 7.3: a consumer and what it calls at one owner.
struct ClientCase {
  std::string test;
  std::string consumer;
  std::vector<std::string> endpoints;
};

void PrintTo(const ClientCase& client, std::ostream* out) {
  *out << client.test;
}

const ClientCase kClients[] = {
    {"payment_ticket_M077",
     "payment-service",
     {"ticket-status", "cancel-batch", "calculate-price", "order-tickets"}},
    {"payment_auth_M078", "payment-service", {"user", "validate-permissions"}},
    {"payment_order_M079", "payment-service", {"order"}},
    {"blockchain_ticket_M081", "blockchain-service", {"order-tickets"}},
    {"blockchain_venue_M082", "blockchain-service", {"venue"}},
    {"compliance_auth", "compliance-service", {"user", "admins"}},
    {"compliance_venue_M087", "compliance-service", {"venue"}},
    {"transfer_auth", "transfer-service", {"user", "user-by-email"}},
};

class Clients : public PlatformTest, public testing::WithParamInterface<ClientCase> {};

TEST_P(Clients, CallAllTheyNeedFromOneSidecar) {
  Client connection(sidecar_of(GetParam().consumer).port());
  for (const std::string& name : GetParam().endpoints) {
    const EndpointCase& endpoint = endpoint_case(name);
    const Response response = connection.call(endpoint.request);
    EXPECT_EQ(response.status, 200) << name;
    EXPECT_TRUE(contains(response.json(), endpoint.expected)) << response.body;
    EXPECT_EQ(owners().requests(endpoint.owner, 1).back().at("caller"), GetParam().consumer);
  }
}

INSTANTIATE_TEST_SUITE_P(Plan, Clients, testing::ValuesIn(kClients),
                         [](const auto& row) { return row.param.test; });

using Client73 = PlatformTest;

TEST_F(Client73, PaymentReachesFourOwnersWithThreeSchemesFromOneConnection_M080_M076) {
  Config config;
  config.service("order-service")["auth"] = {{"scheme", "api-key"},
                                             {"key", {{"env", "INTERNAL_API_KEY"}}}};
  owners().set_scheme("order", "api-key");
  const Sidecar sidecar(config, "payment-service");
  Client connection(sidecar.port());
  for (const char* name : {"ticket-status", "user", "order", "event"}) {
    const EndpointCase& endpoint = endpoint_case(name);
    EXPECT_EQ(connection.call(endpoint.request).status, 200) << name;
    EXPECT_EQ(owners().requests(endpoint.owner, 1).at(0).at("verdict"), "served");
  }
}

// The very bytes of the platform's shared client: axios with the headers that BaseServiceClient
// adds.
Request axios(Request request) {
  const bool has_body = request.body.has_value();
  request.fields = {{"Accept", "application/json, text/plain, */*"},
                    {"Content-Type", "application/json"},
                    {"X-Tenant-ID", std::string(seed::kTenant)},
                    {"X-Internal-Service", "true"},
                    {"X-Internal-API-Key", "the-clients-own-key"},
                    {"X-User-ID", std::string(seed::kAlice)},
                    {"X-Trace-ID", "mkcl9a3v-0f8e7d6c5b4a3928"},
                    {"X-Span-ID", "1a2b3c4d5e6f7081"},
                    {"User-Agent", "axios/1.6.2"},
                    {"Accept-Encoding", "gzip, compress, deflate, br"},
                    {"Connection", "keep-alive"}};
  if (has_body) request = request.with("Idempotency-Key", "ticket-service-post-1x9k2z");
  return request;
}

TEST_F(Client73, TheSharedClientWorksWithItsBaseUrlOnTheSidecar_M063_M089_M093_M111) {
  for (const EndpointCase& endpoint : catalogue()) {
    owners().reset();
    const Response response = sidecar_of(endpoint.consumer).call(axios(endpoint.request));
    EXPECT_EQ(response.status, 200) << endpoint.name << ": " << response.body;
    EXPECT_EQ(response.fields.one("X-Trace-ID"), "mkcl9a3v-0f8e7d6c5b4a3928");
    const Fields received = fields_of(owners().requests(endpoint.owner, 1).at(0));
    EXPECT_EQ(received.one("X-Trace-ID"), "mkcl9a3v-0f8e7d6c5b4a3928");
    EXPECT_EQ(received.one("X-User-ID"), seed::kAlice);
    EXPECT_EQ(received.count("Idempotency-Key"), endpoint.request.body ? 1U : 0U);
    EXPECT_EQ(received.count("Content-Type"), endpoint.request.body ? 1U : 0U);
  }
}

}  // namespace
}  // namespace e2e
