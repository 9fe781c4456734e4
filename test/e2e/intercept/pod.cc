#include "intercept/pod.h"

#include "support/platform.h"

namespace e2e {
namespace {

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// The command, as that user without any right; it dies with the test.
std::vector<std::string> as_user(uid_t user, std::vector<std::string> command) {
  const std::string id = std::to_string(user);
  std::vector<std::string> words = {"setpriv",        "--reuid=" + id, "--regid=" + id,
                                    "--clear-groups", "--pdeathsig",   "KILL"};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

std::string url(const std::string& host, int port) {
  return "http://" + host + ":" + std::to_string(port);
}

}  // namespace

Config pod_config() {
  Config config;
  config.usher()["outbound"]["listen"] = {url("127.0.0.1", kOutboundPort).substr(7),
                                          url("[::1]", kOutboundPort).substr(7)};
  config.usher()["admin"]["listen"] = "127.0.0.1:" + std::to_string(kAdminPort);
  std::erase_if(config.services(), [](const auto& service) {
    return service.first != "ticket-service" && service.first != "order-service";
  });
  Json& ticket = config.service("ticket-service");
  ticket["addresses"] = {url(kPeer4, kTicketPort), url("[fd77::1]", kTicketPort)};
  ticket["hosts"] = {"localhost:3004"};
  Json& order = config.service("order-service");
  order["addresses"] = {url(kPeer4, kOrderPort)};
  order["hosts"] = {"orders", "orders.internal:3005"};
  return config;
}

// Whoever runs the tests may keep the program and the directory where other users cannot look.
PodSidecar::PodSidecar(const Namespace& place, const Config& config) {
  config.write(directory_);
  std::vector<std::string> words =
      as_user(kSidecarUid, {"--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search",
                            USHER_BINARY, "run", "--config", directory_.path()});
  const Within scope(place);
  process_ =
      std::make_unique<Process>("/usr/bin/env", words, sidecar_environment("payment-service"));
  for (;;) {
    const auto line = process_->read_line();
    if (!line) throw std::runtime_error("usher did not start: " + process_->stderr_text());
    if (line->starts_with("listening admin")) return;
  }
}

void InterceptTest::SetUp() {
  const std::string reason = why_no_namespaces();
  if (!reason.empty()) {
    GTEST_SKIP() << "INTERCEPTION IS NOT TESTED: no network namespaces here: " << reason;
  }
  pair_ = std::make_unique<NamespacePair>();
  ticket_ = std::make_unique<Service>(peer(), kTicketPort, http_owner("ticket"));
  order_ = std::make_unique<Service>(peer(), kOrderPort, http_owner("order"));
}

void InterceptTest::start_sidecar(const Config& config) {
  sidecar_ = std::make_unique<PodSidecar>(pod(), config);
}

Finished InterceptTest::intercept(const std::string& words) const {
  std::vector<std::string> command = words_of(words);
  command.insert(command.begin(), {USHER_BINARY, "intercept"});
  const Within scope(pod());
  return run(command);
}

void InterceptTest::rules_up(const std::string& more) const {
  const Finished up =
      intercept("up --ports " + std::string(kRedirected) + " --local-ports 3004,3005 " + more);
  if (up.status != 0) throw std::runtime_error("usher intercept up: " + up.err);
}

std::string InterceptTest::in_pod(const std::string& command) const {
  const Within scope(pod());
  return run_well({"sh", "-c", command});
}

Socket InterceptTest::connect(const std::string& host, int port) const {
  const Within scope(pod(), kConsumerUid);
  return Socket::connect(port, host);
}

Response InterceptTest::call(const std::string& host, int port, const Request& request) const {
  return Client(connect(host, port)).call(request);
}

Finished InterceptTest::curl(const std::string& words) const {
  std::vector<std::string> command = {"curl",         "--silent",
                                      "--show-error", "--include",
                                      "--max-time",   "20",
                                      "--write-out",  "\n",
                                      "--header",     "X-Tenant-ID: " + std::string(seed::kTenant)};
  for (std::string& word : words_of(words)) command.push_back(std::move(word));
  const Within scope(pod());
  return run(as_user(kConsumerUid, command));
}

double InterceptTest::metric(const std::string& line_start) const {
  const Within scope(pod());
  const std::string page =
      "\n" + e2e::call(kAdminPort, get("/metrics").with("Host", "localhost")).body;
  const auto at = page.find("\n" + line_start);
  if (at == std::string::npos) return 0;
  const std::string line = page.substr(at + 1, page.find('\n', at + 1) - at - 1);
  return std::stod(line.substr(line.rfind(' ') + 1));
}

std::vector<Route> routes() {
  return {{"IPv4", kPeer4}, {"IPv6", kPeer6}, {"ClusterIP", kCluster4}};
}

std::string route_name(const testing::TestParamInfo<Route>& info) {
  return info.param.name;
}

Request ticket_status(const std::string& host) {
  return get(path("/internal/tickets/", seed::kTicket, "/status")).with("Host", host);
}

Request order(const std::string& host) {
  return get(path("/internal/orders/", seed::kOrder)).with("Host", host);
}

Request elsewhere(const std::string& host) {
  return post("/public/things?a=1&a=2", R"({"b":[1,2]})").with("Host", host);
}

Json seen(const Response& response) {
  const Json body = Json::parse(response.body, nullptr, false);
  return body.is_object() && body.contains("owner") ? body : Json::object();
}

void expect_ticket_status(const Response& response) {
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(response.fields.one("Usher-Endpoint"), "ticket-status");
  const Json call = seen(response);
  EXPECT_EQ(call.value("owner", ""), "ticket");
  EXPECT_EQ(call.value("target", ""), ticket_status().target);
  EXPECT_TRUE(call.value("signed", false)) << call;
}

void expect_ticket_status(const Finished& curled) {
  EXPECT_EQ(curled.status, 0) << curled.err;
  for (const char* part : {"HTTP/1.1 200 OK\r\n", "\nUsher-Endpoint: ticket-status\r\n",
                           R"("owner":"ticket","signed":true)"}) {
    EXPECT_NE(curled.out.find(part), curled.out.npos) << part << " is missing in\n" << curled.out;
  }
}

void expect_passed_through(const Response& response, const std::string& owner) {
  EXPECT_EQ(response.status, 200) << response.body;
  EXPECT_FALSE(response.fields.has("Usher-Endpoint"));
  const Json call = seen(response);
  EXPECT_EQ(call.value("owner", ""), owner);
  EXPECT_EQ(call.value("target", ""), elsewhere().target);
  EXPECT_EQ(call.value("body", ""), elsewhere().body);
  EXPECT_FALSE(call.value("signed", true)) << call;
}

}  // namespace e2e
