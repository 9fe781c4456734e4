// HTTP_PROXY and base URLs with the clients that services are written with. Some of them send
// absolute targets, some CONNECT for every call.
#include "support/command.h"
#include "support/platform.h"

namespace e2e {
namespace {

constexpr auto kPrice = R"({"ticketIds":["a","b"],"note":"ö"})";
constexpr auto kAnswer = R"({"total":4200,"currency":"€"})";

struct Outcome {
  int status = 0;
  std::string body;
  std::string error;
};

bool is_of_node(const std::string& client) {
  return client == "undici" || client == "axios" || client == "http";
}

// Why this client cannot be run here; empty where it can.
std::string why_missing(const std::string& client) {
  if (client == "curl") return has_program("curl") ? "" : "no curl";
  if (client == "requests") {
    return run({"/usr/bin/python3", "-c", "import requests"}).status == 0 ? ""
                                                                          : "no python3-requests";
  }
  if (!has_program("node")) return "no node";
  if (client == "http") return "";
  return std::filesystem::exists(std::filesystem::path(USHER_NODE_MODULES) / client)
             ? ""
             : "not installed in " USHER_NODE_MODULES
               "; ./dev test does that where there is a network";
}

Outcome outcome_of_curl(const Request& request, const std::string& url,
                        const Environment& variables) {
  std::vector<std::string> words = {"curl",
                                    "-sS",
                                    "--max-time",
                                    "20",
                                    "-X",
                                    request.method,
                                    url,
                                    "-H",
                                    "X-Tenant-ID: " + std::string(seed::kTenant),
                                    "-w",
                                    "\n%{http_code}\n"};
  if (request.body)
    words.insert(words.end(), {"-H", "Content-Type: application/json", "-d", *request.body});
  const Finished finished = run(words, variables);
  if (finished.status != 0) return {.status = 0, .body = "", .error = finished.err};
  const auto code = finished.out.rfind('\n', finished.out.size() - 2);
  return {.status = std::stoi(finished.out.substr(code)),
          .body = finished.out.substr(0, code),
          .error = ""};
}

Outcome outcome_of(const std::string& client, const Request& request, const std::string& url,
                   Environment variables) {
  if (client == "curl") return outcome_of_curl(request, url, variables);
  const std::string scripts = E2E_PROXY_CLIENTS;
  std::vector<std::string> words = {"/usr/bin/python3", scripts + "/requests_client.py"};
  if (is_of_node(client)) words = {"node", scripts + "/node_client.cjs", client};
  variables["NODE_PATH"] = USHER_NODE_MODULES;
  words.insert(words.end(), {request.method, url, std::string(seed::kTenant)});
  if (request.body) words.push_back(*request.body);
  const Json said = Json::parse(run_well(words, variables));
  return {.status = said.value("status", 0),
          .body = said.value("body", ""),
          .error = said.value("error", "")};
}

// The sidecar of payment-service and one owner, which has no name that anybody could resolve.
class Clients : public PlatformTest, public testing::WithParamInterface<std::string> {
 protected:
  void SetUp() override {
    const std::string reason = why_missing(GetParam());
    if (!reason.empty()) GTEST_SKIP() << GetParam() << " IS NOT TESTED: " << reason;
    PlatformTest::SetUp();
    owner_ = std::make_unique<RawOwner>([](Peer& peer) {
      while (peer.read()) peer.answer(kAnswer);
    });
    Config config;
    config.redirect("ticket-service", owner_->address());
    config.service("ticket-service")["hosts"] = {"ticket-service:3004"};
    sidecar_ = std::make_unique<Sidecar>(config, "payment-service");
  }

  std::string sidecar_url() const { return "http://127.0.0.1:" + std::to_string(sidecar_->port()); }
  Environment proxy() const {
    Environment variables = {{"NO_PROXY", ""}, {"no_proxy", ""}};
    for (const char* name : {"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"}) {
      variables[name] = sidecar_url();
    }
    return variables;
  }

  // A GET and a POST to endpoints below this URL: their owner gets them whole and signed.
  void expect_both(const std::string& base, const Environment& variables) {
    for (const Request& request : {get(path("/internal/tickets/", seed::kTicket, "/status")),
                                   post("/internal/tickets/calculate-price", kPrice)}) {
      const Outcome outcome = outcome_of(GetParam(), request, base + request.target, variables);
      EXPECT_EQ(outcome.error, "");
      EXPECT_EQ(outcome.status, 200);
      EXPECT_EQ(outcome.body, kAnswer);
      const std::vector<Message> got = owner_->requests();
      ASSERT_FALSE(got.empty());
      EXPECT_EQ(got.back().start_line, request.method + " " + request.target + " HTTP/1.1");
      EXPECT_EQ(got.back().body, request.body.value_or(""));
      EXPECT_TRUE(got.back().fields.has("x-internal-signature"));
    }
    EXPECT_EQ(owner_->requests().size(), 2U);
  }

  std::unique_ptr<RawOwner> owner_;
  std::unique_ptr<Sidecar> sidecar_;
};

std::string client_name(const testing::TestParamInfo<std::string>& info) {
  return info.param;
}

using BaseUrlClients = Clients;
INSTANTIATE_TEST_SUITE_P(With, BaseUrlClients, testing::Values("curl", "requests", "axios", "http"),
                         client_name);

TEST_P(BaseUrlClients, Call) {
  expect_both(sidecar_url(), {});
}

using ProxyClients = Clients;
INSTANTIATE_TEST_SUITE_P(With, ProxyClients, testing::Values("curl", "requests", "undici", "axios"),
                         client_name);

TEST_P(ProxyClients, CallByTheEnvironmentsProxy) {
  expect_both("http://ticket-service:3004", proxy());
}

TEST_P(ProxyClients, ARefusedConnectIsAnError) {
  const Outcome outcome = outcome_of(GetParam(), get("/"), "https://elsewhere.example/", proxy());
  EXPECT_NE(outcome.error, "") << outcome.status << outcome.body;
  EXPECT_NE(outcome.error.find("403"), outcome.error.npos) << outcome.error;
}

}  // namespace
}  // namespace e2e
