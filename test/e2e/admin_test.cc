// The admin port: probes, metrics, and what the process holds.
#include <fstream>
#include <future>
#include <regex>
#include <set>

#include "support/catalogue.h"
#include "support/platform.h"

namespace e2e {
namespace {

using AdminPort = PlatformTest;

const std::string kStatus = path("/internal/tickets/", seed::kTicket, "/status");

// A call is counted just after its answer was sent.
void wait_for_calls(const Sidecar& sidecar, int count) {
  EXPECT_TRUE(
      eventually([&] { return sidecar.metric("usher_request_duration_seconds_count") == count; }));
}

TEST_F(AdminPort, ProbesAnswer) {
  const Sidecar& sidecar = sidecar_of("payment-service");
  EXPECT_EQ(sidecar.admin("/live").status, 200);
  EXPECT_EQ(sidecar.admin("/ready").status, 200);
  EXPECT_EQ(sidecar.admin("/ready").json().at("status"), "ready");
  EXPECT_EQ(sidecar.admin("/nothing").status, 404);
}

TEST_F(AdminPort, OnlyReadsFromThisHostAreTaken) {
  const int port = sidecar_of("payment-service").admin_port();
  const Request ready = {.method = "GET", .target = "/ready", .fields = {}, .body = {}};
  EXPECT_EQ(call(port, ready.with("Host", "localhost:7400")).status, 200);
  EXPECT_EQ(call(port, ready.with("Host", "[::1]:7400")).status, 200);
  EXPECT_EQ(call(port, ready.with("Host", "attacker.example")).status, 403);
  Request post = ready.with("Host", "127.0.0.1");
  post.method = "POST";
  EXPECT_EQ(call(port, post).status, 405);
  EXPECT_EQ(call(port, post).fields.one("Allow"), "GET, HEAD");
  EXPECT_EQ(call(port, get(kStatus).with("Host", "127.0.0.1")).status, 404)
      << "no call goes through here";
}

TEST_F(AdminPort, WhatChangesSomethingIsNotTakenFromABrowser) {
  const Sidecar sidecar(Config(), "payment-service");
  const auto with = [&](const std::string& name, const std::string& value) {
    return call(sidecar.admin_port(),
                Request{.method = "POST",
                        .target = "/breakers/ticket-service/ticket-status/open",
                        .fields = {{"Host", "localhost:7400"}, {name, value}},
                        .body = {}});
  };
  EXPECT_EQ(with("Origin", "https://attacker.example").status, 403);
  EXPECT_EQ(with("Origin", "null").status, 403);
  EXPECT_EQ(with("Sec-Fetch-Site", "cross-site").status, 403);
  EXPECT_EQ(with("Content-Type", "Text/Plain; charset=utf-8").status, 403);
  EXPECT_EQ(with("Content-Type", "application/x-www-form-urlencoded").status, 403);
  EXPECT_EQ(with("Content-Length", "1").status, 400) << "no body is waited for";
  EXPECT_EQ(with("Transfer-Encoding", "chunked").status, 400);
  const std::string page = sidecar.admin("/breakers").body;
  EXPECT_EQ(page.find("forced"), std::string::npos);
  EXPECT_EQ(with("Content-Length", "0").status, 200);
  EXPECT_EQ(with("Content-Type", "application/json").status, 200);
}

TEST_F(AdminPort, CallsAreCountedPerEndpointAndOutcome) {
  const Sidecar sidecar(Config(), "payment-service");
  for (int i = 0; i < 3; ++i) sidecar.call(get(kStatus));
  sidecar.call(get(path("/internal/tickets/", seed::kUnknownId, "/status")));
  sidecar.call(get(kStatus).without("X-Tenant-ID"));
  sidecar.call(get("/nowhere/alice@example.com"));
  owners().add_fault({{"kind", "status"}, {"status", 503}});
  sidecar.call(get(kStatus));

  const std::string labels = R"({service="ticket-service",endpoint="ticket-status")";
  const auto requests = [&](const std::string& outcome) {
    return sidecar.metric("usher_requests_total" + labels + ",outcome=\"" + outcome + "\"}");
  };
  EXPECT_TRUE(eventually([&] { return requests("5xx") == 1; }));
  EXPECT_EQ(requests("2xx"), 3);
  EXPECT_EQ(requests("4xx"), 1);
  EXPECT_EQ(requests("missing_tenant_id"), 1);
  EXPECT_EQ(sidecar.metric(R"(usher_requests_total{service="",endpoint="unmatched",)"
                           R"(outcome="no_endpoint"})"),
            1);
  EXPECT_EQ(sidecar.metric("usher_request_duration_seconds_count" + labels + "}"), 6);
  EXPECT_EQ(sidecar.metric("usher_request_duration_seconds_bucket" + labels + ",le=\"+Inf\"}"), 6);
  EXPECT_GT(sidecar.metric("usher_request_duration_seconds_sum" + labels + "}"), 0);
  EXPECT_EQ(sidecar.metric("usher_attempts_total" + labels + "}"), 7)
      << "three of them for the 503";
  EXPECT_EQ(sidecar.metric("usher_retries_total" + labels + ",decision=\"retry\"}"), 2);
  EXPECT_EQ(sidecar.metric("usher_ready"), 1);
  EXPECT_EQ(sidecar.metrics().find("alice"), std::string::npos) << "paths are no labels";
}

TEST_F(AdminPort, BucketsAreCumulative) {
  const Sidecar sidecar(Config(), "payment-service");
  for (int i = 0; i < 5; ++i) sidecar.call(get(kStatus));
  wait_for_calls(sidecar, 5);
  const std::string page = sidecar.metrics();
  const std::regex bucket(R"re(duration_seconds_bucket\{[^}]*le="([^"]+)"\} (\d+))re");
  int last = 0;
  int count = 0;
  for (std::sregex_iterator it(page.begin(), page.end(), bucket), end; it != end; ++it, ++count) {
    EXPECT_GE(std::stoi((*it)[2]), last);
    last = std::stoi((*it)[2]);
  }
  EXPECT_EQ(last, 5);
  EXPECT_GT(count, 10);
}

TEST_F(AdminPort, MetricsComeAsPrometheusTextAndAsOpenMetrics) {
  const Sidecar sidecar(Config(), "payment-service");
  sidecar.call(get(kStatus));
  wait_for_calls(sidecar, 1);
  const Response plain = sidecar.admin("/metrics");
  EXPECT_TRUE(plain.fields.one("Content-Type").starts_with("text/plain; version=0.0.4"));
  EXPECT_NE(plain.body.find("# TYPE usher_requests_total counter\n"), std::string::npos);
  EXPECT_EQ(plain.body.find("# EOF"), std::string::npos);

  const Response open = call(
      sidecar.admin_port(),
      Request{.method = "GET",
              .target = "/metrics",
              .fields = {{"Host", "127.0.0.1"},
                         {"Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}},
              .body = {}});
  EXPECT_TRUE(open.fields.one("Content-Type").starts_with("application/openmetrics-text"));
  EXPECT_NE(open.body.find("# TYPE usher_requests counter\n"), std::string::npos);
  EXPECT_NE(open.body.find("\nusher_requests_total{"), std::string::npos);
  EXPECT_TRUE(open.body.ends_with("# EOF\n"));
}

std::set<std::string> matches_of(const std::string& text, const std::string& pattern) {
  const std::regex regex(pattern);
  std::set<std::string> found;
  for (std::sregex_iterator it(text.begin(), text.end(), regex), end; it != end; ++it) {
    found.insert((*it)[1]);
  }
  return found;
}

std::string reference_text() {
  std::ifstream file(USHER_REFERENCE);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

TEST_F(AdminPort, TheDocumentedMetricsAreThoseOfTheRunningBinary) {
  const Sidecar& sidecar = sidecar_of("payment-service");
  sidecar.call(get(kStatus));
  EXPECT_EQ(matches_of(sidecar.metrics(), "# TYPE (usher_[a-z_]+) "),
            matches_of(reference_text(), "\\| `(usher_[a-z_]+)` \\|"));
}

// "owners[].hosts[].idle" and its kin: the members of an answer that are neither object nor array.
void collect_members(const Json& value, const std::string& at, std::set<std::string>& found) {
  if (value.is_object()) {
    for (const auto& [name, member] : value.items()) {
      collect_members(member, at.empty() ? name : at + "." + name, found);
    }
  } else if (value.is_array()) {
    for (const Json& element : value) collect_members(element, at + "[]", found);
  } else {
    found.insert(at);
  }
}

// The members that a table of the reference lists, whose first column begins with `first`.
std::set<std::string> documented(const std::string& first) {
  const std::string reference = reference_text();
  const std::string table = reference.substr(reference.find("| " + first + " |"));
  return matches_of(table.substr(0, table.find("\n\n")), "\n\\| `([^`]+)` \\|");
}

TEST_F(AdminPort, TheDocumentedBreakersAreThoseOfTheRunningBinary) {
  std::set<std::string> members;
  collect_members(sidecar_of("payment-service").admin("/breakers").json(), "", members);
  EXPECT_EQ(members, documented("member of `/breakers`"));
}

TEST_F(AdminPort, TheDocumentedConnectionsAreThoseOfTheRunningBinary) {
  Json page = sidecar_of("payment-service").admin("/connections").json();
  const Json workers = page.at("workers");
  page.erase("workers");
  std::set<std::string> members;
  collect_members(page, "", members);
  for (const Json& worker : workers) {
    std::set<std::string> one;
    collect_members(worker, "", one);
    EXPECT_EQ(one, members);
  }
  members.insert("workers[]");
  EXPECT_EQ(members, documented("member of `/connections`"));
}

// A connection in each state: idle after a call, within a head, with a body to come, waiting for
// the owner.
TEST_F(AdminPort, ConnectionsShowWhereCallsAre) {
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  RawOwner owner([&](Peer& peer) {
    while (const auto request = peer.read()) {
      if (request->start_line.find("/hold") != std::string::npos) released.wait();
      peer.answer();
    }
  });
  Config config;
  config.redirect("ticket-service", owner.address());
  config.service("ticket-service")["auth"]["preset"] = "standard";  // it covers the body
  config.usher()["workers"] = 2;
  Sidecar sidecar(config, "payment-service");
  const auto connections = [&] { return sidecar.admin("/connections").json(); };
  const auto ticket_host = [](const Json& page) {
    for (const Json& entry : page.at("owners")) {
      if (entry.at("service") == "ticket-service") return entry.at("hosts").at(0);
    }
    return Json();
  };
  EXPECT_EQ(connections().at("streams"), 0);
  const Json timers_at_rest = connections().at("timers");

  Client idle(sidecar.port()), head(sidecar.port()), body(sidecar.port()), waiting(sidecar.port());
  EXPECT_EQ(idle.call(get(kStatus)).status, 200);
  head.send("GET /internal/");
  body.send(post("/internal/tickets/cancel-batch", "").with("Content-Length", "5").text());
  waiting.send(get("/internal/tickets/hold/status"));
  Json page;
  EXPECT_TRUE(eventually([&] {
    page = connections();
    return page.at("consumers") ==
               Json{{"connections", 4}, {"idle", 1}, {"head", 1}, {"call", 2}} &&
           ticket_host(page).at("leased") == 1;
  })) << page;
  EXPECT_EQ(page.at("calls").at("active"), 2);
  EXPECT_EQ(page.at("calls").at("phases").at("hold-body"), 1);
  EXPECT_EQ(page.at("calls").at("phases").at("attempt"), 1);
  EXPECT_EQ(page.at("exchanges").at("lent"), 2);
  EXPECT_EQ(page.at("workers").size(), 2U);
  EXPECT_EQ(ticket_host(page).at("resolved"), Json::array({owner.address().substr(7)}));
  EXPECT_EQ(page.at("streams"), 4 + ticket_host(page).at("connections").get<int>());
  EXPECT_GT(page.at("timers"), timers_at_rest);

  release.set_value();
  EXPECT_EQ(waiting.read().status, 200);
  for (Client* client : {&idle, &head, &body, &waiting}) client->socket().close();
  EXPECT_TRUE(eventually([&] {
    page = connections();
    return page.at("consumers").at("connections") == 0 && page.at("calls").at("active") == 0 &&
           page.at("streams") == ticket_host(page).at("idle") &&
           page.at("timers").get<int>() ==
               timers_at_rest.get<int>() + ticket_host(page).at("idle").get<int>() &&
           page.at("chunkBytes") == 0 && page.at("exchanges").at("lent") == 0;
  })) << page;
}

}  // namespace
}  // namespace e2e
