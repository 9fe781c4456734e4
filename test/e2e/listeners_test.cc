// Where consumers connect: workers that share a port, Unix sockets, both families, listeners and
// base paths of services.
#include <csignal>

#include "support/catalogue.h"
#include "support/platform.h"

namespace e2e {
namespace {

using Listeners = PlatformTest;

const Request& status_request() {
  return endpoint_case("ticket-status").request;
}

TEST_F(Listeners, WorkersShareThePort) {
  Config config;
  config.usher()["workers"] = 2;
  Sidecar sidecar(config, "payment-service");
  EXPECT_EQ(sidecar.ports().size(), 1U);
  for (int i = 0; i < 64; ++i) EXPECT_EQ(sidecar.call(status_request()).status, 200);
  const std::string served =
      R"(usher_requests_total{service="ticket-service",endpoint="ticket-status",outcome="2xx"})";
  EXPECT_TRUE(eventually([&] { return sidecar.metric(served) == 64; }));
  // Each worker has a pool of its own: of 64 connections both took some.
  EXPECT_EQ(owners().stats("ticket").at("connections"), 2);
  sidecar.process().signal(SIGTERM);
  EXPECT_EQ(sidecar.process().wait(), 0);
}

TEST_F(Listeners, UnixSocketsServeAsPortsDo) {
  const TemporaryDirectory directory;
  const std::string file = directory.path() / "usher.sock";
  for (const int workers : {1, 2}) {
    Config config;
    config.usher()["workers"] = workers;
    config.usher()["outbound"]["listen"] = {"unix:" + file, "127.0.0.1:0"};
    Sidecar sidecar(config, "payment-service");
    EXPECT_EQ(sidecar.outbound().front(), "unix:" + file);
    Client client(Socket::connect_unix(file));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(client.call(status_request()).status, 200);
    EXPECT_EQ(call(sidecar.ports().back(), status_request()).status, 200);
    sidecar.process().signal(SIGKILL);  // its socket file stays and must not stop the next
    sidecar.process().wait();
  }
}

TEST_F(Listeners, LocalhostIsBothFamilies) {
  Config config;
  config.usher()["outbound"]["listen"] = "localhost:0";
  const Sidecar sidecar(config, "payment-service");
  EXPECT_EQ(sidecar.call(status_request()).status, 200);
  if (sidecar.ports().size() == 1) GTEST_SKIP() << "this machine has no ::1";
  EXPECT_EQ(sidecar.ports().at(1), sidecar.port());
  Client client(sidecar.port(), "::1");
  EXPECT_EQ(client.call(status_request()).status, 200);
}

// Two owners with the same method and path.
Json analytics(const RawOwner& owner) {
  return {{"service", "analytics-service"},
          {"addresses", {owner.address()}},
          {"endpoints", {{{"name", "status"}, {"match", "GET /internal/tickets/{id}/status"}}}}};
}

TEST_F(Listeners, AServiceMayHaveAListenerOfItsOwn) {
  RawOwner owner;
  Config config;
  Json service = analytics(owner);
  service["listen"] = "127.0.0.1:0";
  config.services()["analytics-service"] = service;
  const Sidecar sidecar(config, "payment-service");
  ASSERT_EQ(sidecar.ports().size(), 2U);
  EXPECT_EQ(call(sidecar.ports()[0], status_request()).fields.one("Usher-Endpoint"),
            "ticket-status");
  EXPECT_EQ(call(sidecar.ports()[1], status_request()).fields.one("Usher-Endpoint"), "status");
  EXPECT_EQ(owner.request().start_line, "GET " + status_request().target + " HTTP/1.1");
  EXPECT_EQ(call(sidecar.ports()[1], endpoint_case("order").request).code(), "NO_ENDPOINT");
}

TEST_F(Listeners, ABasePathIsCutOffBeforeTheOwner) {
  RawOwner owner;
  Config config;
  Json service = analytics(owner);
  service["base_path"] = "/marketplace";
  config.services()["analytics-service"] = service;
  const Sidecar sidecar(config, "payment-service");
  Request request = status_request();
  EXPECT_EQ(sidecar.call(request).fields.one("Usher-Endpoint"), "ticket-status");
  request.target = "/marketplace" + request.target + "?a=1";
  EXPECT_EQ(sidecar.call(request).fields.one("Usher-Endpoint"), "status");
  EXPECT_EQ(owner.request().start_line, "GET " + status_request().target + "?a=1 HTTP/1.1");
}

}  // namespace
}  // namespace e2e
