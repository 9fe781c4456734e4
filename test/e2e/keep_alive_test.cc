// Connections are kept on both sides; one that the owner is just closing never costs a call, and
// never runs a mutation twice.
#include "support/catalogue.h"
#include "support/platform.h"

namespace e2e {
namespace {

using KeepAlive = PlatformTest;

const std::string kStatus = path("/internal/tickets/", seed::kTicket, "/status");
const std::string kTransfer = path("/internal/tickets/", seed::kTicket, "/transfer");

Request transfer() {
  return post(kTransfer, Json{{"fromUserId", seed::kAlice}, {"toUserId", seed::kBob}}.dump());
}

TEST_F(KeepAlive, ConsumersAndOwnersConnectionsAreReused) {
  const Sidecar sidecar(Config(), "payment-service");
  Client client(sidecar.port());
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.call(get(kStatus)).status, 200);
  EXPECT_EQ(sidecar.metric("usher_consumer_connections_opened_total"), 1);
  EXPECT_EQ(owners().stats("ticket").at("connections"), 1);
  EXPECT_EQ(owners().stats("ticket").at("requests"), 10);
}

TEST_F(KeepAlive, OwnersConnectionsAreSharedByConsumersConnections) {
  const Sidecar sidecar(Config(), "payment-service");
  for (int i = 0; i < 10; ++i) EXPECT_EQ(sidecar.call(get(kStatus)).status, 200);
  EXPECT_EQ(sidecar.metric("usher_consumer_connections_opened_total"), 10);
  EXPECT_EQ(owners().stats("ticket").at("connections"), 1);
}

TEST_F(KeepAlive, TheOwnersHintIsObeyed) {
  Owners hasty({"--keep-alive", "1"});
  const Sidecar sidecar(Config(), "payment-service", hasty.addresses());
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sidecar.call(get(kStatus)).status, 200);
  EXPECT_EQ(hasty.stats("ticket").at("connections"), 5) << "a second is too short to be kept";
}

TEST_F(KeepAlive, OwnersThatCloseAfterTheirAnswerNeverCostARead) {
  RawOwner owner([](Peer& peer) {
    if (peer.read()) peer.answer();  // says nothing of closing, and closes
  });
  const Sidecar sidecar(Config().redirect("ticket-service", owner.address()), "payment-service");
  Client client(sidecar.port());
  for (int i = 0; i < 200; ++i) ASSERT_EQ(client.call(get(kStatus)).status, 200);
  EXPECT_EQ(owner.requests().size(), 200U);
}

TEST_F(KeepAlive, ReadsThatMeetAClosingConnectionAreRepeatedOnce) {
  RawOwner owner([](Peer& peer) {
    if (!peer.read()) return;
    peer.answer();
    peer.read();  // heard, and not answered
  });
  const Sidecar sidecar(Config().redirect("ticket-service", owner.address()), "payment-service");
  EXPECT_EQ(sidecar.call(get(kStatus)).fields.one("Usher-Attempts"), "1");
  const Response repeated = sidecar.call(get(kStatus));
  EXPECT_EQ(repeated.status, 200);
  EXPECT_EQ(repeated.fields.one("Usher-Attempts"), "2");
  EXPECT_TRUE(repeated.fields.has("Proxy-Status"));
  EXPECT_EQ(sidecar.metric(R"(usher_stale_connections_total{service="ticket-service",)"
                           R"(endpoint="ticket-status"})"),
            1);
}

TEST_F(KeepAlive, MutationsThatMeetAClosingConnectionAreNotRepeated) {
  RawOwner owner([](Peer& peer) {
    if (!peer.read()) return;
    peer.answer();
    peer.read();  // executed, for all the sidecar knows
  });
  const Sidecar sidecar(Config().redirect("ticket-service", owner.address()), "transfer-service");
  EXPECT_EQ(sidecar.call(transfer()).status, 200);
  const Response response = sidecar.call(transfer());
  EXPECT_EQ(response.status, 502);
  EXPECT_EQ(response.code(), "UPSTREAM_RESET");
  EXPECT_EQ(response.fields.one("Usher-Retry-Safe"), "unknown");
  EXPECT_EQ(owner.requests(2).size(), 2U);
}

TEST_F(KeepAlive, FreshConnectionsThatCloseAreTriedAgainByRetriesAlone) {
  RawOwner owner([](Peer& peer) { peer.read(); });
  Config config;
  config.endpoint("ticket-service", "ticket-status")["retry"] = "none";
  const Sidecar sidecar(config.redirect("ticket-service", owner.address()), "payment-service");
  EXPECT_EQ(sidecar.call(get(kStatus)).code(), "UPSTREAM_RESET");
  EXPECT_EQ(owner.requests(1).size(), 1U);
}

TEST_F(KeepAlive, BytesBehindAnAnswerAreNeverTheNextAnswer) {
  RawOwner owner([](Peer& peer) {
    while (peer.read()) peer.send(ok_with("{}") + ok_with(R"({"smuggled":true})"));
  });
  const Sidecar sidecar(Config().redirect("ticket-service", owner.address()), "payment-service");
  for (int i = 0; i < 20; ++i) EXPECT_EQ(sidecar.call(get(kStatus)).body, "{}");
}

TEST_F(KeepAlive, ConnectionCloseOfTheOwnerIsObeyed) {
  RawOwner owner([](Peer& peer) {
    peer.read();
    peer.send(ok_with("{}", "Connection: close\r\n"));
    peer.wait_for_close();
  });
  const Sidecar sidecar(Config().redirect("ticket-service", owner.address()), "payment-service");
  Client client(sidecar.port());
  for (int i = 0; i < 3; ++i) {
    const Response response = client.call(get(kStatus));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.fields.one("Connection"), "keep-alive") << "it is the owner's connection";
  }
  EXPECT_EQ(owner.connections(), 3);
}

TEST_F(KeepAlive, ConsumersAreToldToCloseFirst) {
  Config config;
  config.usher()["outbound"]["idle_timeout"] = "30s";
  const Sidecar sidecar(config, "payment-service");
  for (const Request& request : {endpoint_case("ticket-status").request, get("/nowhere")}) {
    const Response response = sidecar.call(request);
    EXPECT_EQ(response.fields.one("Connection"), "keep-alive");
    EXPECT_EQ(response.fields.one("Keep-Alive"), "timeout=25");
    const Response last = sidecar.call(request.with("Connection", "close"));
    EXPECT_EQ(last.fields.one("Connection"), "close");
    EXPECT_FALSE(last.fields.has("Keep-Alive"));
  }
}

TEST_F(KeepAlive, IdleConsumersAreClosedAfterTheirTime) {
  Config config;
  config.usher()["outbound"]["idle_timeout"] = "100ms";
  const Sidecar sidecar(config, "payment-service");
  Client client(sidecar.port());
  EXPECT_EQ(client.call(get(kStatus)).status, 200);
  EXPECT_TRUE(client.closed_by_peer());
}

}  // namespace
}  // namespace e2e
