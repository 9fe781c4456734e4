#include "server/breakers_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace usher::server {
namespace {

using http::Method;
using std::chrono::seconds;
using testing::HasSubstr;

class BreakersPage : public testing::Test {
 protected:
  // ticket-service has a breaker of an endpoint's own and one that the others share.
  BreakersPage() {
    clusters_[1].breaker.shadow = true;
    add("venue", "check", 0, policy::BreakerScope::Endpoint);
    add("tickets", "status", 1, policy::BreakerScope::Service);
    add("tickets", "list", 1, policy::BreakerScope::Service);
    add("tickets", "transfer", 1, policy::BreakerScope::Endpoint);
    add("tickets", "health", 1, policy::BreakerScope::Off);
  }
  void add(const char* service, const char* name, std::uint32_t cluster,
           policy::BreakerScope scope) {
    route::Endpoint& endpoint = endpoints_[count_];
    endpoint.index = count_++;
    endpoint.cluster = cluster;
    endpoint.service = service;
    endpoint.name = name;
    endpoint.policy.breaker_scope = scope;
  }
  proxy::SharedState& shared() {
    if (!shared_) {
      std::vector<const route::Endpoint*> all;
      for (const route::Endpoint& endpoint : endpoints_) all.push_back(&endpoint);
      shared_.emplace(clusters_, all, 1);
    }
    return *shared_;
  }
  AdminAnswer ask(Method method, std::string_view path) {
    return answer_breakers({.method = method, .path = path, .accept = {}}, shared(), now_);
  }
  AdminAnswer post(std::string_view path) { return ask(Method::Post, path); }
  policy::BreakerState state(std::string_view service, std::string_view endpoint) {
    return shared().find(service, endpoint)->breaker().state();
  }

  Instant now_ = Instant(seconds(1000));
  std::vector<upstream::ClusterOptions> clusters_{2};
  std::vector<route::Endpoint> endpoints_{5};
  std::uint32_t count_ = 0;
  std::optional<proxy::SharedState> shared_;
};

std::string untouched(const std::string& endpoint, const std::string& shadow) {
  return R"("endpoint":)" + endpoint +
         R"(,"state":"closed","reason":"start","opensInARow":0,"consecutiveFailures":0,)"
         R"("window":{"calls":0,"failures":0,"slow":0},"probes":0,"probeSuccesses":0,)"
         R"("retryInMs":0,"shadow":)" +
         shadow + "}";
}

TEST_F(BreakersPage, ListsAllInTheirOrder) {
  const AdminAnswer answer = ask(Method::Get, "/breakers");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"breakers":[{"service":"venue",)" + untouched("\"check\"", "false") +
                             R"(,{"service":"tickets",)" + untouched("null", "true") +
                             R"(,{"service":"tickets",)" + untouched("\"transfer\"", "false") +
                             "]}\n");
}

TEST_F(BreakersPage, ShowsWhyOneIsOpenAndForHowLong) {
  Random random(1);
  policy::CircuitBreaker& breaker = shared().find("venue", "check")->breaker();
  const policy::BreakerPermit permit = breaker.admit(now_, seconds(1), random);
  breaker.record(permit, {.verdict = policy::Verdict::Failure}, now_, random);
  EXPECT_THAT(ask(Method::Get, "/breakers").body,
              HasSubstr(R"("consecutiveFailures":1,"window":{"calls":1,"failures":1,"slow":0})"));
  for (int i = 0; i < 4; ++i) {
    breaker.record(permit, {.verdict = policy::Verdict::Failure}, now_, random);
  }
  now_ += seconds(2);
  const std::string page = ask(Method::Get, "/breakers").body;
  EXPECT_THAT(page, HasSubstr(R"("state":"open","reason":"consecutive","opensInARow":1,)"));
  EXPECT_THAT(page, HasSubstr(R"("retryInMs":3000,)"));
}

TEST_F(BreakersPage, OneIsForcedAndGivenBack) {
  const AdminAnswer answer = post("/breakers/tickets/transfer/open");
  EXPECT_EQ(answer.status, 200);
  EXPECT_THAT(answer.body, HasSubstr(R"({"service":"tickets","endpoint":"transfer",)"
                                     R"("state":"forced_open","reason":"admin",)"));
  EXPECT_EQ(state("tickets", "transfer"), policy::BreakerState::ForcedOpen);
  EXPECT_EQ(state("venue", "check"), policy::BreakerState::Closed);
  EXPECT_EQ(post("/breakers/tickets/transfer/close").status, 200);
  EXPECT_EQ(state("tickets", "transfer"), policy::BreakerState::ForcedClosed);
  EXPECT_EQ(post("/breakers/tickets/transfer/reset").status, 200);
  EXPECT_EQ(state("tickets", "transfer"), policy::BreakerState::Closed);
}

TEST_F(BreakersPage, TheOneThatEndpointsShareHasTheServicesName) {
  EXPECT_THAT(post("/breakers/tickets/open").body,
              HasSubstr(R"({"service":"tickets","endpoint":null,"state":"forced_open")"));
  EXPECT_EQ(state("tickets", ""), policy::BreakerState::ForcedOpen);
  EXPECT_EQ(state("tickets", "transfer"), policy::BreakerState::Closed);
}

TEST_F(BreakersPage, UnknownNamesAreToldWhatThereIs) {
  EXPECT_EQ(post("/breakers/tickets/health/open").body,
            "{\"error\":\"no such breaker; there are tickets, tickets/transfer\"}\n");
  EXPECT_EQ(post("/breakers/venue/open").body,
            "{\"error\":\"no such breaker; there are venue/check\"}\n");
  EXPECT_EQ(post("/breakers/nobody/check/open").body,
            "{\"error\":\"no such breaker; there are venue/check, tickets, tickets/transfer\"}\n");
  for (const char* path :
       {"/breakers/tickets/health/open", "/breakers/venue/open", "/breakers/tickets//open",
        "/breakers//open", "/breakers/", "/breakers/open", "/breakers/tickets/transfer",
        "/breakers/tickets/transfer/toggle", "/breakers/tickets/transfer/open/",
        "/breakers/tickets/transfer/x/open", "/breakers/tickets/transfer/OPEN"}) {
    EXPECT_EQ(post(path).status, 404) << path;
  }
  for (const auto& breaker : shared().breakers()) EXPECT_EQ(breaker->breaker().closed(), true);
}

TEST_F(BreakersPage, OnlyAPostChangesAnything) {
  for (const Method method : {Method::Get, Method::Head, Method::Put, Method::Delete}) {
    const AdminAnswer answer = ask(method, "/breakers/tickets/transfer/open");
    EXPECT_EQ(answer.status, 405);
    EXPECT_EQ(answer.allow, "POST");
  }
  EXPECT_EQ(state("tickets", "transfer"), policy::BreakerState::Closed);
  EXPECT_EQ(post("/breakers").status, 405);
  EXPECT_EQ(post("/breakers").allow, "GET, HEAD");
  EXPECT_EQ(ask(Method::Head, "/breakers").status, 200);
}

}  // namespace
}  // namespace usher::server
