// The same listener as a forward proxy: absolute-form targets and CONNECT, with rules loaded.
#include "intercept/pod.h"

namespace e2e {
namespace {

constexpr auto kListeners = {"127.0.0.1", "::1"};

class InterceptForward : public InterceptTest {
 protected:
  // Rules stand: what goes to the listener itself is not redirected.
  void start(const Json& allowed = Json::array()) {
    Config config = pod_config();
    if (!allowed.empty()) config.usher()["outbound"]["connect"] = allowed;
    start_sidecar(config);
    rules_up();
  }

  static Request connect_to(const std::string& authority) {
    return Request{
        .method = "CONNECT", .target = authority, .fields = {{"Host", authority}}, .body = {}};
  }

  Response refused(const std::string& authority) const {
    return call("127.0.0.1", kOutboundPort, connect_to(authority));
  }

  // A socket that leads there, its 200 read.
  Socket tunnel(const std::string& authority, const std::string& listener = "127.0.0.1") const {
    Socket socket = connect(listener, kOutboundPort);
    socket.write(connect_to(authority).text());
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
      const std::string byte = socket.read(1);  // what follows the head belongs to the tunnel
      if (byte.empty()) break;
      head += byte;
    }
    EXPECT_TRUE(head.starts_with("HTTP/1.1 200 ")) << head;
    return socket;
  }
};

Request absolute(Request request, const std::string& authority) {
  request.target = "http://" + authority + request.target;
  return request;
}

TEST_F(InterceptForward, AnEndpointByItsAbsoluteTarget) {
  start();
  for (const char* listener : kListeners) {
    for (const std::string host : {"ticket-service:3004", "10.77.0.1:3004", "[fd77::1]:3004"}) {
      expect_ticket_status(call(listener, kOutboundPort, absolute(ticket_status(host), host)));
    }
  }
  expect_ticket_status(
      curl("-x http://127.0.0.1:7401 http://ticket-service:3004" + ticket_status().target));
}

TEST_F(InterceptForward, OtherTargetsGoWhereTheySay) {
  start();
  const Service stranger(peer(), kEchoPort, http_owner("stranger"));
  for (const std::string host : {"10.77.0.1:3004", "[fd77::1]:3004"}) {
    expect_passed_through(call("127.0.0.1", kOutboundPort, absolute(elsewhere(host), host)),
                          "ticket");
  }
  for (const std::string host : {"10.96.5.5:7000", "[fd77::1]:7000"}) {
    expect_passed_through(call("::1", kOutboundPort, absolute(elsewhere(host), host)), "stranger");
  }
  const Response answer =
      call("127.0.0.1", kOutboundPort,
           absolute(get("/internal/secrets").with("Host", "ticket-service:3004"),
                    "ticket-service:3004"));
  EXPECT_EQ(answer.code(), "NO_ENDPOINT") << answer.body;
}

TEST_F(InterceptForward, ConnectToAServiceIsAlwaysPossibleAndItsCallsGetTheirPolicy) {
  start();
  for (const char* listener : kListeners) {
    for (const std::string host : {"ticket-service:3004", "10.77.0.1:3004", "[fd77::1]:3004"}) {
      Client client(tunnel(host, listener));
      expect_ticket_status(client.call(ticket_status(host)));
      const Response none = client.call(get("/internal/secrets").with("Host", host));
      EXPECT_EQ(none.code(), "NO_ENDPOINT") << none.body;
    }
  }
  expect_ticket_status(
      curl("-p -x http://127.0.0.1:7401 http://ticket-service:3004" + ticket_status().target));
}

TEST_F(InterceptForward, ConnectElsewhereIsRefusedByDefault) {
  start();
  const Service other(peer(), kDatabasePort, database);
  for (const std::string destination : {"10.77.0.1:5432", "[fd77::1]:5432", "10.77.0.1:22",
                                        "ticket-service:3005", "example.com:443"}) {
    const Response answer = refused(destination);
    EXPECT_EQ(answer.status, 403) << destination << answer.body;
    EXPECT_EQ(answer.code(), "DESTINATION_NOT_ALLOWED") << destination;
  }
  const Finished curled = curl("-p -x http://127.0.0.1:7401 http://example.com:443/");
  EXPECT_NE(curled.status, 0);
  EXPECT_NE(curled.err.find("403"), curled.err.npos) << curled.err;
}

TEST_F(InterceptForward, ConnectGoesWhereTheConfigurationAllows) {
  start({"10.77.0.1:5432", "[fd77::1]:5432", "10.96.0.0/16:7000", "*.example.com:443"});
  const Service other(peer(), kDatabasePort, database);
  const Service echoes(peer(), kEchoPort, echo);
  for (const std::string destination : {"10.77.0.1:5432", "[fd77::1]:5432"}) {
    const Socket socket = tunnel(destination);
    EXPECT_EQ(socket.read(), kGreeting) << destination;
    socket.write("q\n");
    EXPECT_EQ(socket.read(), "row q\n") << destination;
  }
  const Socket socket = tunnel("10.96.5.5:7000");
  socket.write("bytes");
  socket.half_close();
  EXPECT_EQ(socket.read_to_end(), "bytes");
  for (const std::string destination :
       {"10.77.0.1:7000", "10.96.5.5:5432", "example.com:443", "www.example.com:80"}) {
    EXPECT_EQ(refused(destination).code(), "DESTINATION_NOT_ALLOWED") << destination;
  }
}

}  // namespace
}  // namespace e2e
