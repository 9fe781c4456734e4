// What would come back to the sidecar that sent it is refused, and does not multiply.
#include "intercept/pod.h"

namespace e2e {
namespace {

constexpr int kFewConnections = 12;

class InterceptLoop : public InterceptTest, public testing::WithParamInterface<Route> {
 protected:
  // The sidecar's own connections are redirected too: the rules leave out a user who is not it.
  void start_with_the_wrong_user() {
    start_sidecar();
    rules_up("--uid 9999");
  }
  double opened() const { return metric("usher_consumer_connections_opened_total"); }
};

INSTANTIATE_TEST_SUITE_P(Routes, InterceptLoop, testing::ValuesIn(routes()), route_name);

void expect_loop_detected(const Response& answer) {
  EXPECT_EQ(answer.status, 508) << answer.body;
  EXPECT_NE(answer.body.find("LOOP_DETECTED"), answer.body.npos) << answer.body;
}

TEST_P(InterceptLoop, APassedThroughCallThatComesBackIsRefused) {
  start_with_the_wrong_user();
  expect_loop_detected(call(GetParam().address, kTicketPort, elsewhere()));
  EXPECT_LE(opened(), kFewConnections);
}

TEST_P(InterceptLoop, AnEndpointsCallThatComesBackIsRefused) {
  start_with_the_wrong_user();
  expect_loop_detected(call(GetParam().address, kTicketPort, ticket_status()));
  EXPECT_LE(opened(), kFewConnections);
}

TEST_P(InterceptLoop, BytesThatComeBackEnd) {
  start_with_the_wrong_user();
  const Service server(peer(), kEchoPort, echo);
  const Socket socket = connect(GetParam().address, kEchoPort);
  socket.write(std::string("\x16\x03\x01\x00\x05", 5));
  EXPECT_EQ(socket.read_to_end(), "");
  EXPECT_LE(opened(), kFewConnections);
}

class InterceptSelf : public InterceptTest {
 protected:
  void SetUp() override {
    InterceptTest::SetUp();
    if (IsSkipped()) return;
    Config config = pod_config();
    config.usher()["outbound"]["connect"] = {"127.0.0.1:7400", "127.0.0.1:7401", "[::1]:7401"};
    start_sidecar(config);
    rules_up();
  }

  Response to_itself(const std::string& method, const std::string& target,
                     const std::string& host) const {
    return call("127.0.0.1", kOutboundPort,
                Request{.method = method,
                        .target = target,
                        .fields = get("").with("Host", host).fields,
                        .body = {}});
  }
};

// The listener's own address in a target is the base URL, not a destination.
TEST_F(InterceptSelf, ACallToItsOwnListenerGoesNoFurther) {
  for (const std::string host : {"127.0.0.1:7401", "[::1]:7401", "localhost:7401"}) {
    expect_ticket_status(to_itself("GET", "http://" + host + ticket_status().target, host));
    const Response answer = to_itself("GET", "http://" + host + "/public", host);
    EXPECT_EQ(answer.status, 404) << host << answer.body;
    EXPECT_EQ(answer.code(), "NO_ENDPOINT") << host;
    expect_loop_detected(to_itself("CONNECT", host, host));
  }
  // None but those of this test.
  EXPECT_EQ(metric("usher_consumer_connections_opened_total"), 9);
}

TEST_F(InterceptSelf, ItsAdminPortIsNoDestination) {
  for (const std::string host : {"127.0.0.1:7400", "localhost:7400", "[::ffff:127.0.0.1]:7400"}) {
    const Response answer = to_itself("GET", "http://" + host + "/metrics", host);
    EXPECT_GE(answer.status, 400) << host;
    EXPECT_EQ(answer.body.find("usher_"), answer.body.npos) << host;
  }
  const Response answer = to_itself("CONNECT", "127.0.0.1:7400", "127.0.0.1:7400");
  EXPECT_GE(answer.status, 400) << answer.body;
}

}  // namespace
}  // namespace e2e
