// The contracts in config/openapi/ against what the owners answer through the sidecar.
#include <gmock/gmock.h>

#include "support/catalogue.h"
#include "support/platform.h"
#include "support/schema_validator.h"

namespace e2e {
namespace {

const std::string kTickets = "/internal/tickets/";
const std::string kUsers = "/internal/users/";

// A call that the owner answers in another way than the catalogue's.
struct OtherCall {
  std::string endpoint;
  Request request;
  int status;
};

std::vector<OtherCall> other_calls() {
  const std::string unknown(seed::kUnknownId);
  const std::string order = "/internal/orders/" + unknown;
  const std::string transfer = path(kTickets, seed::kTicket, "/transfer");
  const auto to = [](std::string_view user) { return Json{{"toUserId", user}}.dump(); };
  const Json too_many = {{"userIds", std::vector<std::string>(101, unknown)}};
  return {
      {"ticket-status", get(kTickets + unknown + "/status"), 404},
      {"cancel-batch", post(kTickets + "cancel-batch", R"({"ticketIds": []})"), 400},
      {"cancel-batch", post(kTickets + "cancel-batch", "{"), 400},
      {"cancel-batch",
       post(kTickets + "cancel-batch", Json{{"ticketIds", {unknown}}, {"reason", "x"}}.dump()),
       200},
      {"calculate-price", post(kTickets + "calculate-price", "{}"), 400},
      {"calculate-price", post(kTickets + "calculate-price", Json{{"ticketIds", {unknown}}}.dump()),
       404},
      {"ticket-by-token", get(kTickets + "by-token/nobodys"), 404},
      {"order-tickets", get(order + "/tickets"), 404},
      {"ticket-transfer", post(transfer, "{}"), 400},
      {"ticket-transfer",
       post(path(kTickets, seed::kNoTransferTicket, "/transfer"), to(seed::kAlice)), 403},
      {"ticket-transfer", post(transfer, to(unknown)), 404},
      {"events-attended", get(kUsers + unknown + "/events-attended"), 404},
      {"events-attended", get(path(kUsers, seed::kAlice, "/events-attended")), 200},
      {"validate-permissions",
       post("/internal/validate-permissions",
            Json{{"userId", unknown}, {"permissions", {"x"}}}.dump()),
       200},
      {"validate-permissions", post("/internal/validate-permissions", "["), 400},
      {"validate-permissions",
       post("/internal/validate-permissions", Json{{"userId", seed::kVenueAdmin},
                                                   {"permissions", {"venue:write"}},
                                                   {"venueId", seed::kVenue}}
                                                  .dump()),
       200},
      {"validate-users", post("/internal/validate-users", R"({"userIds": []})"), 200},
      {"validate-users", post("/internal/validate-users", too_many.dump()), 400},
      {"user-tenant", get("/internal/user-tenant/" + unknown), 404},
      {"user", get(kUsers + unknown), 404},
      {"user", get(path(kUsers, seed::kBob)), 200},
      {"user-by-email", get(kUsers + "by-email/nobody%40example.com"), 200},
      {"user-by-email", get(kUsers + "by-email/nobody"), 400},
      {"user-by-email", get(kUsers + "by-email/a%25b%40example.com"), 500},
      {"admins", get(kUsers + "admins?roles=nobody"), 400},
      {"order", get(order), 404},
      {"order", get(path("/internal/orders/", seed::kPendingOrder)), 200},
      {"order-items", get(order + "/items"), 404},
      {"order-items", get(path("/internal/orders/", seed::kZoeOrder, "/items")), 200},
      {"event", get("/internal/events/" + unknown), 404},
      {"validate-ticket",
       get(path("/internal/venues/", seed::kVenue, "/validate-ticket/", unknown)), 200},
      {"venue", get("/internal/venues/" + unknown), 404},
      {"venue", get(path("/internal/venues/", seed::kSecondVenue)), 200},
  };
}

// The answers of one endpoint, each to be held against its contract.
class Answers {
 public:
  explicit Answers(const EndpointCase& endpoint) : service_(endpoint.service()) {
    Config config;
    const std::string match = config.endpoint(service_, endpoint.name)["match"];
    method_ = match.substr(0, match.find(' '));
    path_ = match.substr(match.find(' ') + 1);
  }

  void add(const std::string& name, const Response& response) {
    EXPECT_FALSE(response.fields.has("Usher-Retry-Safe")) << "not the owner's: " << response.body;
    add(name, response, response.json(), true);
  }
  void add(const std::string& name, const Response& response, Json body, bool valid) {
    std::string type = response.fields.one("content-type");
    type = type.substr(0, type.find(';'));
    answers_.push_back({{"name", name},
                        {"path", path_},
                        {"method", method_},
                        {"status", response.status},
                        {"type", type},
                        {"body", std::move(body)},
                        {"valid", valid}});
  }

  // What the contract has against them.
  std::string validate() const {
    const TemporaryDirectory directory;
    const std::filesystem::path file = directory.write("answers.json", answers_.dump());
    const std::filesystem::path contracts = std::filesystem::path(USHER_SHIPPED_CONFIG) / "openapi";
    return usher::test::validate_answers(contracts / (service_ + ".json"), file);
  }

 private:
  std::string service_;
  std::string method_;
  std::string path_;
  Json answers_ = Json::array();
};

class ContractOf : public PlatformTest, public testing::WithParamInterface<EndpointCase> {};

TEST_P(ContractOf, HoldsForWhatTheOwnerAnswers_M115) {
  const EndpointCase& endpoint = GetParam();
  Answers answers(endpoint);
  const Response served = sidecar_of(endpoint.consumer).call(endpoint.request);
  EXPECT_EQ(served.status, 200);
  answers.add("200", served);
  for (const OtherCall& call : other_calls()) {
    if (call.endpoint != endpoint.name) continue;
    const Response response = sidecar_of(endpoint.consumer).call(call.request);
    EXPECT_EQ(response.status, call.status) << call.request.target << ": " << response.body;
    answers.add(std::to_string(call.status), response);
  }
  EXPECT_EQ(answers.validate(), "");
}

TEST_P(ContractOf, HoldsForHowTheOwnerRefusesTheCaller) {
  const EndpointCase& endpoint = GetParam();
  Answers answers(endpoint);
  if (endpoint.owner == "auth") {
    const Sidecar wrong(Config(), endpoint.consumer,
                        {{"S2S_PRIVATE_KEY", stranger_keys().private_pem}});
    answers.add("401", wrong.call(endpoint.request));
    Config open;
    open.endpoint("auth-service", endpoint.name).erase("consumers");
    const Sidecar unlisted(open, "notification-service");
    const Response response = unlisted.call(endpoint.request);
    EXPECT_EQ(response.status, 403);
    answers.add("403", response);
  } else {
    owners().set_secrets({{"hmac", "another secret than that of the sidecar, and as long"}});
    const Response response = sidecar_of(endpoint.consumer).call(endpoint.request);
    EXPECT_EQ(response.status, 401);
    answers.add("401", response);
  }
  EXPECT_EQ(answers.validate(), "");
}

// The members of what is at `at`, and theirs; of a list, those of its first element.
void find_members(const Json& body, const Json::json_pointer& at,
                  std::vector<Json::json_pointer>& members) {
  const Json& value = body.at(at);
  if (value.is_object()) {
    for (const auto& [name, child] : value.items()) {
      members.push_back(at / name);
      find_members(body, at / name, members);
    }
  } else if (value.is_array() && !value.empty()) {
    find_members(body, at / 0, members);
  }
}

// What the contract lets an owner leave out, and what it leaves to whoever wrote it.
bool may_be_missing(const std::string& endpoint, const std::string& member) {
  if (endpoint == "validate-ticket" && member.starts_with("/ticket/")) {
    return member != "/ticket/id" && member != "/ticket/status";
  }
  for (const std::string_view others :
       {"/user/billingAddress/", "/order/billingAddress/", "/order/metadata/"}) {
    if (member.starts_with(others)) return true;
  }
  return member == "/found" || member == "/requested" || member == "/venue/ownerEmail" ||
         member == "/venue/ownerName";
}

TEST_P(ContractOf, IsBrokenByAnAnswerThatLacksAMember) {
  const EndpointCase& endpoint = GetParam();
  Answers answers(endpoint);
  const Response served = sidecar_of(endpoint.consumer).call(endpoint.request);
  std::vector<Json::json_pointer> members;
  find_members(served.json(), Json::json_pointer(), members);
  EXPECT_GE(members.size(), 3U);
  for (const Json::json_pointer& member : members) {
    if (may_be_missing(endpoint.name, member.to_string())) continue;
    Json body = served.json();
    body.at(member.parent_pointer()).erase(member.back());
    answers.add("without " + member.to_string(), served, std::move(body), false);
  }
  EXPECT_EQ(answers.validate(), "");
}

std::string name_of(const testing::TestParamInfo<EndpointCase>& info) {
  return test_name(info.param.name);
}

INSTANTIATE_TEST_SUITE_P(Plan, ContractOf, testing::ValuesIn(catalogue()), name_of);

}  // namespace
}  // namespace e2e
