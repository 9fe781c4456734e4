// Owners that are down, slow or hanging: circuit breakers, bulkheads, hedges and fallbacks.
#include <atomic>
#include <future>
#include <list>

#include "support/error_check.h"
#include "support/platform.h"

namespace e2e {
namespace {

const std::string kStatus = path("/internal/tickets/", seed::kTicket, "/status");
const std::string kTickets = path("/internal/orders/", seed::kOrder, "/tickets");
const ExpectedError kOpen = {.code = "CIRCUIT_OPEN",
                             .status = 503,
                             .proxy_status = "destination_unavailable",
                             .service = "ticket-service",
                             .endpoint = "ticket-status",
                             .retryable = true};

// One attempt a call; the breaker of the platform, but for its time.
class Breaker : public PlatformTest {
 protected:
  Breaker() {
    Json& service = config_.service("ticket-service");
    service["retry"] = "none";
    service["breaker"] = {
        {"failure_threshold", 5}, {"reset_timeout", "300ms"}, {"reset_timeout_max", "300ms"}};
    config_.endpoint("ticket-service", "ticket-status").erase("retry");
    config_.redirect("ticket-service", owner_.address());
  }
  // The entry of a breaker; of the shared one with "".
  static Json breaker(const Sidecar& sidecar, const std::string& endpoint = "ticket-status") {
    const Json page = sidecar.admin("/breakers").json();
    for (const Json& entry : page.at("breakers")) {
      const Json& name = entry.at("endpoint");
      if (entry.at("service") != "ticket-service") continue;
      if (endpoint.empty() ? name.is_null() : name == endpoint) return entry;
    }
    return nullptr;
  }
  static void fail(const Sidecar& sidecar, int calls) {
    for (int i = 0; i < calls; ++i) sidecar.call(get(kStatus));
  }

  // Of what the owner answers.
  std::atomic<int> status_ = 200;
  RawOwner owner_{[this](Peer& peer) {
    while (const auto request = peer.read()) {
      const bool is_status = request->start_line.find("/status") != std::string::npos;
      const int status = is_status ? status_.load() : 200;
      peer.send("HTTP/1.1 " + std::to_string(status) + " Told\r\nContent-Length: 0\r\n\r\n");
    }
  }};
  Config config_;
};

TEST_F(Breaker, OpensAtFiveFailuresAndClosesAfterThreeProbes_M057_M091) {
  Sidecar sidecar(config_, "payment-service");
  status_ = 404;
  fail(sidecar, 20);
  EXPECT_EQ(breaker(sidecar).at("state"), "closed") << "an owner that says no is there";
  status_ = 500;
  fail(sidecar, 4);
  EXPECT_EQ(breaker(sidecar).at("state"), "closed");
  EXPECT_EQ(breaker(sidecar).at("window").at("failures"), 4);
  fail(sidecar, 1);
  const Json open = breaker(sidecar);
  EXPECT_EQ(open.at("state"), "open");
  EXPECT_EQ(open.at("reason"), "failures");
  EXPECT_EQ(open.at("opensInARow"), 1);
  EXPECT_LE(open.at("retryInMs"), 300);
  EXPECT_TRUE(sidecar.logs(R"("to":"open","reason":"failures")"));

  status_ = 200;
  EXPECT_TRUE(eventually([&] { return sidecar.call(get(kStatus)).status == 200; }));
  EXPECT_EQ(breaker(sidecar).at("state"), "half_open");
  EXPECT_EQ(breaker(sidecar).at("probeSuccesses"), 1);
  fail(sidecar, 2);
  EXPECT_EQ(breaker(sidecar).at("state"), "closed");
  EXPECT_EQ(breaker(sidecar).at("reason"), "probes_passed");
  const std::string labels = R"({service="ticket-service",endpoint="ticket-status",)";
  for (const char* state : {"open", "half_open", "closed"}) {
    EXPECT_EQ(sidecar.metric("usher_breaker_changes_total" + labels + "to=\"" + state + "\"}"), 1);
  }
  EXPECT_EQ(sidecar.metric("usher_breaker_state" + labels + "state=\"closed\"}"), 1);
}

TEST_F(Breaker, AnOpenOneRefusesItsEndpointAlone_M057) {
  config_.service("ticket-service")["breaker"] = "platform";
  const Sidecar sidecar(config_, "payment-service");
  status_ = 503;
  fail(sidecar, 5);
  const Response refused = sidecar.call(get(kStatus));
  expect_error(refused, kOpen);
  EXPECT_GT(refused.json().at("retryAfterMs"), 1000);
  EXPECT_LE(std::stoi(refused.fields.one("Retry-After")), 30);
  EXPECT_EQ(sidecar.call(get(kTickets)).status, 200);
  EXPECT_EQ(owner_.requests().size(), 6U) << "the refused one was not sent";
}

TEST_F(Breaker, EndpointsOfAServiceMayShareOne_M057) {
  config_.service("ticket-service")["breaker"]["scope"] = "service";
  config_.service("ticket-service")["breaker"]["reset_timeout"] = "1m";
  config_.service("ticket-service")["breaker"]["reset_timeout_max"] = "1m";
  const Sidecar sidecar(config_, "payment-service");
  status_ = 503;
  fail(sidecar, 5);
  EXPECT_EQ(sidecar.call(get(kTickets)).code(), "CIRCUIT_OPEN");
  EXPECT_EQ(breaker(sidecar, "").at("state"), "open");
  EXPECT_EQ(breaker(sidecar), nullptr);
  EXPECT_EQ(sidecar.change("/breakers/ticket-service/reset").json().at("state"), "closed");
  EXPECT_EQ(sidecar.call(get(kTickets)).status, 200);
}

TEST_F(Breaker, IsForcedByTheAdminPort) {
  const Sidecar sidecar(config_, "payment-service");
  const auto force = [&](const std::string& action) {
    return sidecar.change("/breakers/ticket-service/ticket-status/" + action);
  };
  const Response forced = force("open");
  EXPECT_EQ(forced.status, 200);
  EXPECT_EQ(forced.json(), breaker(sidecar));
  EXPECT_EQ(forced.json().at("state"), "forced_open");
  EXPECT_EQ(forced.json().at("reason"), "admin");
  expect_error(sidecar.call(get(kStatus)), kOpen);
  EXPECT_EQ(sidecar.call(get(kTickets)).status, 200);

  EXPECT_EQ(force("close").json().at("state"), "forced_closed");
  status_ = 503;
  fail(sidecar, 10);
  EXPECT_EQ(owner_.requests().size(), 11U) << "none was refused";
  EXPECT_EQ(force("reset").json().at("state"), "closed");
  fail(sidecar, 5);
  EXPECT_EQ(breaker(sidecar).at("state"), "open");

  EXPECT_EQ(force("toggle").status, 404);
  const Response unknown = sidecar.change("/breakers/ticket-service/nothing/open");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_NE(unknown.body.find("ticket-service/ticket-status"), std::string::npos);
  const Response read = sidecar.admin("/breakers/ticket-service/ticket-status/open");
  EXPECT_EQ(read.status, 405);
  EXPECT_EQ(read.fields.one("Allow"), "POST");
}

TEST_F(Breaker, AFallbackStandsInWhereThereIsOne) {
  config_.endpoint("ticket-service",
                   "ticket-status")["fallback"] = {{"body", {{"status", "UNKNOWN"}}}};
  const Sidecar sidecar(config_, "payment-service");
  sidecar.change("/breakers/ticket-service/ticket-status/open");
  const Response response = sidecar.call(get(kStatus));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.json(), (Json{{"status", "UNKNOWN"}}));
  EXPECT_EQ(response.fields.one("Proxy-Status"), "usher; details=\"fallback\"");
  EXPECT_EQ(owner_.requests().size(), 0U);
}

// --- owners that hang ---------------------------------------------------------------------------

TEST_F(Breaker, AnOwnerThatHangsHoldsNoMoreThanTheBulkhead) {
  constexpr int kPlaces = 4;
  constexpr int kCalls = 20;
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  RawOwner owner([&](Peer& peer) {
    while (const auto request = peer.read()) {
      if (request->start_line.find("/status") != std::string::npos) released.wait();
      peer.answer();
    }
  });
  config_.redirect("ticket-service", owner.address());
  config_.endpoint("ticket-service", "ticket-status")["concurrency"] = {{"max", kPlaces},
                                                                        {"queue", 0}};
  const Sidecar sidecar(config_, "payment-service");
  std::list<Client> held;
  for (int i = 0; i < kPlaces; ++i) held.emplace_back(sidecar.port()).send(get(kStatus));
  owner.requests(kPlaces);
  for (int i = kPlaces; i < kCalls; ++i) {
    EXPECT_EQ(sidecar.call(get(kStatus)).code(), "OVERLOADED");
  }
  EXPECT_EQ(sidecar.call(get(kTickets)).status, 200) << "another endpoint has places of its own";
  EXPECT_EQ(owner.requests().size(), kPlaces + 1U);
  release.set_value();
  for (Client& client : held) EXPECT_EQ(client.read().status, 200);
  EXPECT_EQ(sidecar.call(get(kStatus)).status, 200);
}

TEST_F(Breaker, ASlowReadIsHedgedAndTheFirstAnswerWins) {
  std::promise<void> cancelled;
  RawOwner owner([&](Peer& peer) {
    while (peer.read()) {
      if (peer.number() > 0) {
        peer.answer(R"({"quick":true})");
        continue;
      }
      peer.wait_for_close();
      cancelled.set_value();
      return;
    }
  });
  config_.redirect("ticket-service", owner.address());
  config_.endpoint("ticket-service", "ticket-status")["hedge"] = {{"delay", "20ms"}, {"share", 1}};
  config_.service("ticket-service")["retry_budget"]["share"] = 1;
  const Sidecar sidecar(config_, "payment-service");
  const Response response = sidecar.call(get(kStatus));
  EXPECT_EQ(response.body, R"({"quick":true})");
  EXPECT_EQ(response.fields.one("Usher-Attempts"), "2");
  EXPECT_EQ(cancelled.get_future().wait_for(kHangGuard), std::future_status::ready);
  const std::string labels = R"({service="ticket-service",endpoint="ticket-status")";
  EXPECT_TRUE(
      eventually([&] { return sidecar.metric("usher_hedges_won_total" + labels + "}") == 1; }));
  EXPECT_EQ(sidecar.metric("usher_hedges_total" + labels + ",decision=\"hedge\"}"), 1);
}

}  // namespace
}  // namespace e2e
