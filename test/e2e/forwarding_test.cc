// What reaches the owner and what comes back, byte for byte.
#include "support/catalogue.h"
#include "support/platform.h"

namespace e2e {
namespace {

class Forwarding : public PlatformTest {
 protected:
  // The call's head and body as the owner got them.
  Message pass(const Request& request, const std::string& consumer = "payment-service") {
    const Response response = sidecar(consumer).call(request);
    EXPECT_EQ(response.status, 200) << response.body;
    return owner_.requests(1).back();
  }
  // An answer of the owner's as the consumer gets it.
  Response answer(const std::string& bytes, const Request& request = get(kStatus)) {
    answer_ = bytes;
    return sidecar("payment-service").call(request);
  }

  static inline const std::string kStatus = "/internal/tickets/1/status";

  Sidecar& sidecar(const std::string& consumer) {
    if (!sidecar_) {
      Config config;
      for (auto& [name, service] : config.services()) config.redirect(name, owner_.address());
      config.service("ticket-service")["hosts"] = {"ticket-service:3004"};
      config.endpoint("ticket-service", "ticket-status")["retry"] = "none";
      sidecar_ = std::make_unique<Sidecar>(config, consumer);
    }
    return *sidecar_;
  }

  std::string answer_ = ok_with("{}");
  RawOwner owner_{[this](Peer& peer) {
    while (peer.read()) peer.send(answer_);
  }};
  std::unique_ptr<Sidecar> sidecar_;
};

TEST_F(Forwarding, TargetsReachTheOwnerAsTheConsumerWroteThem) {
  const std::string targets[] = {
      path("/internal/tickets/by-token/", seed::kTokenEncoded, "?expand=event&x=%C3%BC&y=a+b"),
      "/internal/tickets/by-token/%37xkx%2fAb%20c",
      "/internal/tickets/by-token/a%2Fb%2e%2ec",
      "/internal/tickets/by-token/a,b=d:e@f!$&'()*+~",
      "/internal/tickets/by-token/x?",
      "/internal/tickets/by-token/x?a=/../&b=?&c[]=1"};
  for (const std::string& target : targets) {
    EXPECT_EQ(pass(get(target), "blockchain-indexer").start_line, "GET " + target + " HTTP/1.1");
  }
}

TEST_F(Forwarding, ByTokenIsFoundByItsEscapedFormAnd404Stays404) {
  const Sidecar& sidecar = sidecar_of("blockchain-indexer");
  const EndpointCase& endpoint = endpoint_case("ticket-by-token");
  EXPECT_EQ(sidecar.call(endpoint.request).json().at("ticket").at("tokenId"), seed::kToken);
  const Response missing = sidecar.call(get("/internal/tickets/by-token/nobodys%2Ftoken"));
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(missing.json(), Json({{"error", "Ticket not found for token"}}));
  const Response unescaped = sidecar.call(get(path("/internal/tickets/by-token/7xKX/ab%20c")));
  EXPECT_EQ(unescaped.code(), "NO_ENDPOINT");
}

TEST_F(Forwarding, RewritesKeepParametersAndQuery) {
  EXPECT_EQ(
      pass(get("/internal/users/by-email/zo%c3%ab%2Bvip%40example.com?a=%2F&b"), "transfer-service")
          .start_line,
      "GET /auth/internal/users/by-email/zo%c3%ab%2Bvip%40example.com?a=%2F&b HTTP/1.1");
}

TEST_F(Forwarding, LiteralSegmentsWinOverParametersHoweverTheyAreSpelled) {
  const Sidecar& sidecar = sidecar_of("compliance-service");
  for (const char* spelled : {"admins", "%61dmins", "admin%73"}) {
    const Response response = sidecar.call(get(path("/internal/users/", spelled)));
    EXPECT_EQ(response.fields.one("Usher-Endpoint"), "admins") << spelled;
  }
  for (const char* spelled : {"Admins", "admins2", "%2561dmins"}) {
    const Response response = sidecar.call(get(path("/internal/users/", spelled)));
    EXPECT_EQ(response.fields.one("Usher-Endpoint"), "user") << spelled;
  }
  const Sidecar& blockchain = sidecar_of("blockchain-service");
  EXPECT_EQ(blockchain.call(endpoint_case("order-items").request).fields.one("Usher-Endpoint"),
            "order-items");
  EXPECT_EQ(blockchain.call(endpoint_case("order").request).fields.one("Usher-Endpoint"), "order");
  EXPECT_EQ(blockchain.call(endpoint_case("order-tickets").request).fields.one("Usher-Endpoint"),
            "order-tickets");
}

TEST_F(Forwarding, NothingIsNormalised) {
  for (const char* target :
       {"/internal/tickets/1/status/", "/internal/tickets//status", "/internal//tickets/1/status",
        "/Internal/tickets/1/status", "/internal/tickets/1%2Fstatus"}) {
    const Response response = sidecar_of("payment-service").call(get(target));
    EXPECT_EQ(response.code(), "NO_ENDPOINT") << target;
  }
}

TEST_F(Forwarding, EndToEndFieldsKeepNameValueAndOrder) {
  const Message received = pass(get(kStatus)
                                    .with("X-CuStOm-Field", "a  b;c=\"d\"")
                                    .with("Accept-Encoding", "gzip, deflate")
                                    .with("x-custom-field", "second")
                                    .with("Cookie", "a=1; b=2")
                                    .with("User-Agent", "node")
                                    .with("X-Request-ID", "r-1")
                                    .with("Idempotency-Key", "key-1"));
  Fields passed;
  for (const auto& field : received.fields) {
    if (field.first.find("ustom") != std::string::npos || field.first == "X-CuStOm-Field") {
      passed.push_back(field);
    }
  }
  EXPECT_EQ(passed, (Fields{{"X-CuStOm-Field", "a  b;c=\"d\""}, {"x-custom-field", "second"}}));
  EXPECT_EQ(received.fields.one("Accept-Encoding"), "gzip, deflate");
  EXPECT_EQ(received.fields.one("Cookie"), "a=1; b=2");
  EXPECT_EQ(received.fields.one("X-Request-ID"), "r-1");
  EXPECT_EQ(received.fields.one("Idempotency-Key"), "key-1");
}

TEST_F(Forwarding, HopByHopFieldsAndWhatConnectionNamesEndHere) {
  const Message received = pass(get(kStatus)
                                    .with("Connection", "keep-alive, X-Hop, close-not")
                                    .with("X-Hop", "secret")
                                    .with("Keep-Alive", "timeout=5")
                                    .with("TE", "gzip")
                                    .with("Trailer", "X-T")
                                    .with("Upgrade", "h2c")
                                    .with("Proxy-Authorization", "Basic eA==")
                                    .with("Proxy-Connection", "keep-alive")
                                    .with("X-Stays", "1"));
  for (const char* name :
       {"Connection", "X-Hop", "Keep-Alive", "TE", "Trailer", "Upgrade", "Proxy-Authorization",
        "Proxy-Connection", "Transfer-Encoding", "Content-Length"}) {
    EXPECT_EQ(received.fields.count(name), 0U) << name;
  }
  EXPECT_EQ(received.fields.one("X-Stays"), "1");
}

TEST_F(Forwarding, ThatTrailersAreWelcomeIsUshersOwnWord) {
  const Message received = pass(get(kStatus).with("TE", "gzip;q=0.5, Trailers"));
  EXPECT_EQ(received.fields.one("TE"), "trailers");
  EXPECT_EQ(received.fields.one("Connection"), "TE");
}

TEST_F(Forwarding, ConnectionCannotTakeAwayWhatOthersRelyOn) {
  for (const char* name : {"X-Tenant-ID", "Authorization", "Host", "Content-Length", "Cookie"}) {
    const Response response =
        sidecar_of("payment-service").call(get(kStatus).with("Connection", name));
    EXPECT_EQ(response.code(), "BAD_REQUEST") << name;
  }
}

TEST_F(Forwarding, HostIsTheOwnersAndNoForwardedFieldIsAdded) {
  const Message received = pass(get(kStatus));
  EXPECT_TRUE(received.fields.one("Host").starts_with("127.0.0.1:"));
  EXPECT_EQ(received.head.find("orwarded"), std::string::npos) << received.head;
  EXPECT_EQ(received.fields.count("Via"), 0U);
}

TEST_F(Forwarding, ContentTypeWithoutABodyIsDropped) {
  const Message without = pass(get(kStatus).with("Content-Type", "application/json"));
  EXPECT_EQ(without.fields.count("Content-Type"), 0U);
  const Message with = pass(post("/internal/tickets/calculate-price", R"({"a":1})"));
  EXPECT_EQ(with.fields.one("Content-Type"), "application/json");
}

TEST_F(Forwarding, BodiesOfKnownLengthGoWithContentLength) {
  const Message received = pass(post("/internal/tickets/calculate-price", "{\"a\": 1.0}\n"));
  EXPECT_EQ(received.fields.one("Content-Length"), "11");
  EXPECT_EQ(received.fields.count("Transfer-Encoding"), 0U);
  EXPECT_EQ(received.body, "{\"a\": 1.0}\n");
  const Message empty = pass(post("/internal/tickets/calculate-price", ""));
  EXPECT_EQ(empty.fields.one("Content-Length"), "0");
}

TEST_F(Forwarding, AbsoluteFormTargetsReachTheOwnerAsPaths) {
  Request request = get("http://ticket-service:3004/internal/tickets/1/status?a=b");
  request = request.with("Host", "ticket-service:3004");
  EXPECT_EQ(pass(request).start_line, "GET /internal/tickets/1/status?a=b HTTP/1.1");
}

// Longer than names are: the resolver would not take it.
TEST_F(Forwarding, AProxysTargetOfNoPossibleNameIsUnreachable) {
  const std::string name(300, 'a');
  const Request request = get("http://" + name + "/").with("Host", name);
  EXPECT_EQ(sidecar("payment-service").call(request).status, 502);
  EXPECT_EQ(pass(get(kStatus)).start_line, "GET " + kStatus + " HTTP/1.1");
}

// What a connection was used for before says nothing of a call to the listener itself.
TEST_F(Forwarding, HostDecidesNothingOnceAProxysCallWasMade) {
  Client client(sidecar("payment-service").port());
  const std::string at = owner_.address().substr(std::string("http://").size());
  EXPECT_EQ(client.call(get("http://" + at + "/health").with("Host", at)).status, 200);
  EXPECT_EQ(client.call(get("/health").with("Host", at)).status, 404);
  EXPECT_EQ(owner_.requests(1).size(), 1U);
}

TEST_F(Forwarding, AnswersPassUnchangedWhateverTheirStatus) {
  const std::pair<int, std::string> answers[] = {
      {200, R"({"user":null,"found":false})"},
      {201, R"({"created":true})"},
      {202, ""},
      {302, ""},
      {400, R"({"error":"Ticket ID required"})"},
      {404, R"({"error":"Ticket not found"})"},
      {409, R"({"error":"Conflict","code":"X"})"},
      {418, "I'm a teapot\n"},
      {429, R"({"error":"Too many requests"})"},
      {500, R"({"valid":false,"reason":"Internal error"})"},
      {503, R"({"error":"fault 503"})"},
      {599, "?"}};
  for (const auto& [status, body] : answers) {
    const Response response =
        answer("HTTP/1.1 " + std::to_string(status) + " Whatever\r\nX-Owner: Yes, Indeed\r\n" +
               "Retry-After: 7\r\nX-RateLimit-Remaining: 0\r\nSet-Cookie: a=1\r\n" +
               "Set-Cookie: b=2\r\nContent-Encoding: identity\r\nETag: W/\"1\"\r\n" +
               "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(response.body, body);
    EXPECT_EQ(response.fields.one("X-Owner"), "Yes, Indeed");
    EXPECT_EQ(response.fields.one("Retry-After"), "7");
    EXPECT_EQ(response.fields.all("Set-Cookie"), (std::vector<std::string>{"a=1", "b=2"}));
    EXPECT_EQ(response.fields.one("ETag"), "W/\"1\"");
    EXPECT_EQ(response.fields.count("Proxy-Status"), 0U) << "nothing was made by the sidecar";
    EXPECT_EQ(response.fields.one("Usher-Attempts"), "1");
  }
}

TEST_F(Forwarding, AnswersLoseTheirHopByHopFields) {
  const Response response = answer(
      "HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n"
      "X-Trace-ID: owners-own\r\nx-internal-signature: leak\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_EQ(response.status, 200);
  for (const char* name : {"X-Hop", "x-internal-signature"}) {
    EXPECT_EQ(response.fields.count(name), 0U) << name;
  }
  EXPECT_EQ(response.fields.one("Keep-Alive"), "timeout=70") << "Usher's own";
  EXPECT_NE(response.fields.one("X-Trace-ID"), "owners-own");
}

TEST_F(Forwarding, AnnotationsCanBeSwitchedOff) {
  Config config;
  config.usher()["outbound"]["annotate"] = false;
  const Sidecar sidecar(config, "payment-service");
  const Response served = sidecar.call(endpoint_case("ticket-status").request);
  const Response refused = sidecar.call(get("/nowhere"));
  for (const Response& response : {served, refused}) {
    for (const auto& [name, value] : response.fields) EXPECT_FALSE(name.starts_with("Usher-"));
  }
  EXPECT_TRUE(refused.fields.has("Proxy-Status"));
}

TEST_F(Forwarding, DomainErrorsOfATransferPass_M016) {
  const Sidecar& sidecar = sidecar_of("transfer-service");
  const auto transfer = [&](std::string_view ticket, std::string_view to) {
    return sidecar.call(post(path("/internal/tickets/", ticket, "/transfer"),
                             Json{{"fromUserId", seed::kAlice}, {"toUserId", to}}.dump()));
  };
  EXPECT_EQ(transfer(seed::kTicket, seed::kBob).status, 200);
  const Response own = transfer(seed::kVipTicket, seed::kAlice);
  EXPECT_EQ(own.status, 400);
  EXPECT_EQ(own.json(), Json({{"error", "Cannot transfer to yourself"}}));
  EXPECT_EQ(transfer(seed::kNoTransferTicket, seed::kBob).status, 403);
  EXPECT_EQ(transfer(seed::kUnknownId, seed::kBob).json(), Json({{"error", "Ticket not found"}}));
  EXPECT_EQ(transfer(seed::kVipTicket, seed::kUnknownId).status, 404);
}

}  // namespace
}  // namespace e2e
