// A consumer that knows nothing of Usher: it calls owners, the kernel's rules bring it here.
#include <csignal>

#include "intercept/pod.h"

namespace e2e {
namespace {

class InterceptTransparent : public RedirectedTest {
 protected:
  const std::string& address() const { return GetParam().address; }
};

INSTANTIATE_TEST_SUITE_P(Routes, InterceptTransparent, testing::ValuesIn(routes()), route_name);

TEST_P(InterceptTransparent, AnEndpointGetsItsPolicy) {
  Client client(connect(address(), kTicketPort));
  for (int i = 0; i < 3; ++i) expect_ticket_status(client.call(ticket_status()));
  EXPECT_EQ(seen(call(address(), kOrderPort, order())).value("owner", ""), "order");
}

TEST_P(InterceptTransparent, ACallMayComeInPieces) {
  Client client(connect(address(), kTicketPort));
  for (const char byte : ticket_status().text()) client.send(std::string(1, byte));
  expect_ticket_status(client.read());
}

TEST_P(InterceptTransparent, WhatIsNobodysEndpointGoesWhereItWasGoing) {
  Client client(connect(address(), kTicketPort));
  expect_passed_through(client.call(elsewhere()), "ticket");
  // One connection may carry both, in any order.
  expect_ticket_status(client.call(ticket_status()));
  expect_passed_through(client.call(elsewhere()), "ticket");
  const Response other = call(address(), kOrderPort, elsewhere("order-service:3005"));
  expect_passed_through(other, "order");
  EXPECT_EQ(seen(other).value("host", ""), "order-service:3005");
}

TEST_P(InterceptTransparent, AnInternalPathWithoutAnEndpointIsRefused) {
  const Response answer =
      call(address(), kTicketPort, get("/internal/secrets").with("Host", "ticket-service:3004"));
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.code(), "NO_ENDPOINT");
}

TEST_P(InterceptTransparent, HostAndDestinationHaveToAgree) {
  for (const std::string host : {"order-service:3005", "order-service:3004", "orders:3004"}) {
    for (const Request& request : {ticket_status(host), order(host), elsewhere(host)}) {
      const Response answer = call(address(), kTicketPort, request);
      EXPECT_EQ(answer.status, 400) << host << request.target << answer.body;
      EXPECT_EQ(answer.code(), "BAD_REQUEST") << host << request.target;
    }
  }
  // Neither service's port.
  const Service stranger(peer(), kEchoPort, http_owner("stranger"));
  EXPECT_EQ(call(address(), kEchoPort, ticket_status("ticket-service:7000")).status, 400);
  EXPECT_EQ(call(address(), kEchoPort, ticket_status()).status, 400);
}

TEST_P(InterceptTransparent, APortOfNoServiceIsPassedThrough) {
  const Service stranger(peer(), kEchoPort, http_owner("stranger"));
  expect_passed_through(call(address(), kEchoPort, elsewhere("stranger:7000")), "stranger");
}

class InterceptNames : public InterceptTest {
 protected:
  void SetUp() override {
    InterceptTest::SetUp();
    if (IsSkipped()) return;
    start_sidecar();
    rules_up();
  }
};

// As curl sends Host: with the address, or with the name that stands for it.
TEST_F(InterceptNames, AServiceIsKnownByNameByAddressAndByHosts) {
  const std::string target = ticket_status().target;
  for (const std::string& words : {
           "http://10.77.0.1:3004" + target,
           "http://[fd77::1]:3004" + target,
           "http://ticket-service:3004" + target + " --resolve ticket-service:3004:10.77.0.1",
           "http://ticket-service:3004" + target + " --resolve ticket-service:3004:[fd77::1]",
           "http://ticket-service:3004" + target + " --resolve ticket-service:3004:10.96.5.5",
           "http://TICKET-Service:3004" + target + " --resolve TICKET-Service:3004:10.96.5.5",
       }) {
    expect_ticket_status(curl(words));
  }
  for (const std::string host : {"orders:3005", "orders.internal:3005", "10.77.0.1:3005"}) {
    const Response answer = call(kPeer4, kOrderPort, order(host));
    EXPECT_EQ(answer.fields.one("Usher-Endpoint"), "order") << host << answer.body;
  }
}

TEST_F(InterceptNames, LocalhostIsRedirectedWhereLocalPortsAre) {
  for (const std::string host : {"localhost", "127.0.0.1", "127.0.0.5", "[::1]"}) {
    expect_ticket_status(
        curl("http://" + host + ":3004" + ticket_status().target + " -H Host:localhost:3004"));
  }
}

TEST_F(InterceptNames, AServerOnLocalhostIsReachedThroughTheSidecar) {
  const Service own(pod(), kTicketPort, http_owner("own"));
  for (const char* address : {"127.0.0.1", "127.0.0.5", "::1"}) {
    expect_passed_through(call(address, kTicketPort, elsewhere("localhost:3004")), "own");
    expect_ticket_status(call(address, kTicketPort, ticket_status("localhost:3004")));
  }
}

// What listens on the pod's own addresses is the pod's own.
TEST_F(InterceptNames, ThePodsOwnAddressesAreLeftAlone) {
  const Service own(pod(), kTicketPort, http_owner("own"));
  for (const char* address : {kPod4, kPod6}) {
    const Response answer = call(address, kTicketPort, elsewhere());
    EXPECT_EQ(seen(answer).value("owner", ""), "own");
  }
  EXPECT_EQ(metric("usher_consumer_connections_opened_total"), 0);
}

// The listener itself is a base URL, whatever the rules.
TEST_F(InterceptNames, ADirectCallIsNotMistakenForARedirectedOne) {
  for (const char* address : {"127.0.0.1", "::1"}) {
    expect_ticket_status(call(address, kOutboundPort, ticket_status("127.0.0.1:7401")));
    const Response answer = call(address, kOutboundPort, elsewhere("127.0.0.1:7401"));
    EXPECT_EQ(answer.status, 404) << answer.body;
    EXPECT_EQ(answer.code(), "NO_ENDPOINT");
  }
}

TEST_F(InterceptNames, AKilledSidecarRefusesAndItsSuccessorServes) {
  expect_ticket_status(call(kPeer4, kTicketPort, ticket_status()));
  kill_sidecar();
  for (const Route& route : routes()) {
    EXPECT_THROW(connect(route.address, kTicketPort), std::runtime_error) << route.name;
  }
  start_sidecar();
  for (const Route& route : routes()) {
    expect_ticket_status(call(route.address, kTicketPort, ticket_status()));
  }
}

TEST_F(InterceptNames, AnOpenConnectionDoesNotHoldUpTheEndForever) {
  Config config = pod_config();
  config.usher()["drain"]["timeout"] = "500ms";
  kill_sidecar();
  start_sidecar(config);
  const Service echoes(peer(), kEchoPort, echo);
  const Socket open = connect(kPeer4, kEchoPort);
  open.write("\x01");
  EXPECT_EQ(open.read(), "\x01");
  sidecar().process().signal(SIGTERM);
  EXPECT_EQ(sidecar().process().wait(), 0);
  EXPECT_EQ(open.read_to_end(), "");
}

}  // namespace
}  // namespace e2e
