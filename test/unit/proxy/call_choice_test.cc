#include "proxy/call_choice.h"

#include <gtest/gtest.h>

#include <memory>

#include "http/parser.h"

namespace usher::proxy {
namespace {

class CallChoiceTest : public testing::Test {
 protected:
  CallChoiceTest() {
    const std::uint32_t service = directory_.add_service({.host = "10.0.0.4", .port = 3004});
    directory_.add_name(service, "10.0.0.4", 3004);
    directory_.add_name(service, "ticket-service", 3004);
    directory_.add_listener("127.0.0.1", 7401);
    endpoint_.method = http::Method::Get;
    endpoint_.match = *route::PathTemplate::parse("/internal/tickets/{id}");
    directory_.router(service).add(endpoint_);
    options_.directory = &directory_;
    options_.connect = &connect_;
    EXPECT_TRUE(connect_.add("db:5432"));
  }

  // "call", "pass 10.0.0.4:3004", "tunnel …", "open …" or the name of the error.
  std::string choose(const std::string& request_line, const std::string& host,
                     const std::string& redirected_to = "", const std::string& more = "") {
    bytes_ = request_line + " HTTP/1.1\r\nHost: " + host + "\r\n" + more + "\r\n";
    EXPECT_TRUE(http::parse_request_head(bytes_, {}, *head_, http::Reading::Everything)) << bytes_;
    std::optional<Destination> to;
    if (!redirected_to.empty()) to = Destination::of(*http::parse_authority(redirected_to));
    const CallChoice choice = choose_call(options_, listener_, *head_, to ? &*to : nullptr);
    const std::string where = http::to_string(choice.destination.dialled);
    switch (choice.kind) {
      case CallChoice::Kind::Call:
        return choice.router == nullptr ? "listener" : "call";
      case CallChoice::Kind::PassThrough:
        return "pass " + where;
      case CallChoice::Kind::Tunnel:
        return "tunnel " + where;
      case CallChoice::Kind::Open:
        return "open " + where;
      case CallChoice::Kind::Refused:
        return std::string(choice.error.code == ErrorCode::BadRequest     ? "BAD_REQUEST"
                           : choice.error.code == ErrorCode::NoEndpoint   ? "NO_ENDPOINT"
                           : choice.error.code == ErrorCode::LoopDetected ? "LOOP_DETECTED"
                                                                          : "NOT_ALLOWED");
    }
    return "";
  }

  InterceptOptions options_;
  route::ServiceDirectory directory_;
  policy::DestinationList connect_;
  route::Router listener_;
  route::Endpoint endpoint_;
  std::string bytes_;
  std::unique_ptr<http::RequestHead> head_ = std::make_unique<http::RequestHead>();
};

TEST_F(CallChoiceTest, RedirectedCalls) {
  const std::string to = "10.96.5.5:3004";
  EXPECT_EQ(choose("GET /internal/tickets/1", "ticket-service:3004", to), "call");
  EXPECT_EQ(choose("PUT /internal/tickets/1", "ticket-service:3004", to), "call");  // 405
  EXPECT_EQ(choose("GET /internal/other", "ticket-service:3004", to), "call");      // 404
  EXPECT_EQ(choose("GET /%69nterna%6C/other", "ticket-service:3004", to), "call");  // likewise
  EXPECT_EQ(choose("GET /internal", "ticket-service:3004", to), "call");
  EXPECT_EQ(choose("GET /internals", "ticket-service:3004", to), "pass 10.96.5.5:3004");
  EXPECT_EQ(choose("GET /intern", "ticket-service:3004", to), "pass 10.96.5.5:3004");
  EXPECT_EQ(choose("GET /health", "ticket-service:3004", to), "pass 10.96.5.5:3004");
  EXPECT_EQ(choose("GET /internal/tickets/1", "elsewhere", "192.0.2.1:80"), "NO_ENDPOINT");
  EXPECT_EQ(choose("GET /health", "elsewhere", "192.0.2.1:80"), "pass 192.0.2.1:80");
  EXPECT_EQ(choose("GET /health", "ticket-service:3004", "192.0.2.1:80"), "BAD_REQUEST");
  EXPECT_EQ(choose("GET /health", "x", "127.0.0.1:7401"), "LOOP_DETECTED");
}

TEST_F(CallChoiceTest, UnmatchedMayBeForwarded) {
  options_.forward_unmatched = true;
  EXPECT_EQ(choose("GET /internal/other", "ticket-service:3004", "10.96.5.5:3004"),
            "pass 10.96.5.5:3004");
  EXPECT_EQ(choose("GET /internal/x", "elsewhere", "192.0.2.1:80"), "pass 192.0.2.1:80");
  EXPECT_EQ(choose("GET /internal/tickets/1", "ticket-service:3004", "10.96.5.5:3004"), "call");
}

TEST_F(CallChoiceTest, AForwardProxysCalls) {
  EXPECT_EQ(choose("GET http://ticket-service:3004/internal/tickets/1", "ticket-service:3004"),
            "call");
  // A service is at its configured address, whatever its name can be looked up as.
  EXPECT_EQ(choose("GET http://ticket-service:3004/health", "ticket-service:3004"),
            "pass 10.0.0.4:3004");
  EXPECT_EQ(choose("GET http://example.com/", "example.com"), "pass example.com:80");
  EXPECT_EQ(choose("GET http://example.com/internal/x", "example.com"), "NO_ENDPOINT");
  EXPECT_EQ(choose("GET http://127.0.0.1:7401/internal/x", "127.0.0.1:7401"), "listener");
  EXPECT_EQ(choose("GET http://169.254.169.254/latest", "169.254.169.254"), "NOT_ALLOWED");
}

TEST_F(CallChoiceTest, Connect) {
  EXPECT_EQ(choose("CONNECT ticket-service:3004", "ticket-service:3004"), "open 10.0.0.4:3004");
  EXPECT_EQ(choose("CONNECT db:5432", "db:5432"), "tunnel db:5432");
  EXPECT_EQ(choose("CONNECT db:5433", "db:5433"), "NOT_ALLOWED");
  EXPECT_EQ(choose("CONNECT db", "db"), "NOT_ALLOWED");
  EXPECT_EQ(choose("CONNECT localhost:7401", "localhost:7401"), "LOOP_DETECTED");
  // To another proxy, on whose way Usher only is.
  EXPECT_EQ(choose("CONNECT db:5433", "db:5433", "192.0.2.1:3128"), "tunnel 192.0.2.1:3128");
}

TEST_F(CallChoiceTest, AnUpgradeThatIsNoEndpointsIsATunnel) {
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  EXPECT_EQ(choose("GET /ws", "elsewhere", "192.0.2.1:80", upgrade), "tunnel 192.0.2.1:80");
  const std::string offered = "Connection: Upgrade\r\nUpgrade: h2c\r\n";
  EXPECT_EQ(choose("GET /", "elsewhere", "192.0.2.1:80", offered), "pass 192.0.2.1:80");
}

TEST_F(CallChoiceTest, AnAddressThatServicesShareIsLookedThroughByPath) {
  for (const auto* name : {"venue-service", "event-service"}) {
    const std::uint32_t service = directory_.add_service({.host = "gateway", .port = 80});
    directory_.add_name(service, "gateway", 80);
    directory_.add_name(service, name, 80);
  }
  listener_.add(endpoint_);
  EXPECT_EQ(choose("GET http://gateway/internal/tickets/1", "gateway"), "call");
  EXPECT_EQ(choose("GET http://gateway/health", "gateway"), "pass gateway:80");
}

}  // namespace
}  // namespace usher::proxy
