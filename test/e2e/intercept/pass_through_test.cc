// Redirected HTTP that is no endpoint's: what goes out is what came in, as it comes.
#include <future>

#include "intercept/pod.h"
#include "support/raw_owner.h"

namespace e2e {
namespace {

constexpr int kPort = kEchoPort;

class InterceptPassThrough : public RedirectedTest {
 protected:
  Socket dial() const { return connect(GetParam().address, kPort); }

  // An owner whose every answer is this, and what it got.
  std::unique_ptr<Service> answering(const std::string& answer, bool closes = false) {
    return std::make_unique<Service>(peer(), kPort, [this, answer, closes](const Socket& socket) {
      MessageReader reader(socket);
      while (const auto head = reader.read_head()) {
        Message call = reader.parse_head(*head);
        reader.read_body(call, false, true);
        record(call);
        socket.write(answer);
        if (closes) return;
      }
    });
  }
  // Once all was answered.
  std::vector<Message> got() {
    const std::lock_guard lock(mutex_);
    return got_;
  }

 private:
  void record(const Message& call) {
    const std::lock_guard lock(mutex_);
    got_.push_back(call);
  }

  std::mutex mutex_;
  std::vector<Message> got_;
};

INSTANTIATE_TEST_SUITE_P(Routes, InterceptPassThrough, testing::ValuesIn(routes()), route_name);

TEST_P(InterceptPassThrough, AHeadStaysAsItWas) {
  const auto owner = answering(
      "HTTP/1.1 299 Fine, Thanks\r\nx-CaSe: a\r\nSet-Cookie: a\r\nSet-Cookie: "
      "b\r\nContent-Length: 2\r\nServer: own\r\n\r\nok");
  Client client(dial());
  const std::string head =
      "PATCH /a/b/%7e?q=%2F;r=.. HTTP/1.1\r\nHOST: anything:7000\r\nx-CaSe: 1\r\nAccept: "
      "*/*\r\nX-Internal-Signature: mine\r\nX-Forwarded-For: 1.2.3.4\r\naccept: "
      "text/plain\r\nContent-Length: 3\r\n\r\n";
  client.send(head + "abc");
  const Response answer = client.read();
  ASSERT_EQ(got().size(), 1U) << answer.body;
  EXPECT_EQ(got().at(0).head, head);
  EXPECT_EQ(got().at(0).body, "abc");
  EXPECT_EQ(answer.start_line, "HTTP/1.1 299 Fine, Thanks");
  EXPECT_EQ(answer.head,
            "HTTP/1.1 299 Fine, Thanks\r\nx-CaSe: a\r\nSet-Cookie: a\r\nSet-Cookie: "
            "b\r\nContent-Length: 2\r\nServer: own\r\n\r\n");
  EXPECT_EQ(answer.body, "ok");
}

TEST_P(InterceptPassThrough, ChunksBothWays) {
  const auto owner = answering(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  Client client(dial());
  for (int i = 0; i < 3; ++i) {
    client.send(
        "POST /x HTTP/1.1\r\nHost: anything\r\nTransfer-Encoding: chunked\r\n\r\n"
        "4\r\nwxyz\r\n0\r\n\r\n");
    EXPECT_EQ(client.read().body, "abcde");
    EXPECT_EQ(got().back().body, "wxyz");
  }
}

TEST_P(InterceptPassThrough, AnswersWithoutABody) {
  const auto expect = [&](const std::string& method, const std::string& answer, int status) {
    const auto owner = answering(answer);
    Client client(dial());
    for (int i = 0; i < 2; ++i) {
      const Response response = client.call(
          Request{.method = method, .target = "/x", .fields = {{"Host", "anything"}}, .body = {}});
      EXPECT_EQ(response.status, status);
      EXPECT_EQ(response.body, "");
    }
  };
  expect("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 200);
  expect("GET", "HTTP/1.1 204 No Content\r\n\r\n", 204);
  expect("GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", 304);
}

TEST_P(InterceptPassThrough, AnAnswerThatItsConnectionEnds) {
  const auto owner = answering("HTTP/1.1 200 OK\r\n\r\nall of it", true);
  Client client(dial());
  EXPECT_EQ(client.call(elsewhere("anything")).body, "all of it");
  EXPECT_TRUE(client.closed_by_peer());
}

TEST_P(InterceptPassThrough, AnOwnerThatClosesAfterEachCall) {
  const auto owner = answering(ok_with("{}", "Connection: close\r\n"), true);
  for (int i = 0; i < 3; ++i) {
    Client client(dial());
    EXPECT_EQ(client.call(elsewhere("anything")).status, 200);
  }
}

// What comes up to this end, or to the connection's.
std::string read_up_to(const std::string& end, Client& client) {
  std::string bytes;
  while (!bytes.ends_with(end)) {
    const std::string some = client.read_some();
    if (some.empty()) break;
    bytes += some;
  }
  return bytes;
}

// The second part is sent only when the first has arrived.
TEST_P(InterceptPassThrough, EventsArriveAsTheyAreSent) {
  std::promise<void> arrived;
  const std::shared_future<void> has_arrived = arrived.get_future();
  const Service owner(peer(), kPort, [&](const Socket& socket) {
    MessageReader reader(socket);
    if (!reader.read_head()) return;  // dialled in vain, before the call was seen to be one
    socket.write(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
        "Transfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
    has_arrived.wait_for(kHangGuard);
    socket.write("6\r\nsecond\r\n0\r\n\r\n");
  });
  Client client(dial());
  client.send(get("/events").with("Host", "anything"));
  EXPECT_EQ(client.read_head().status, 200);
  std::string body = read_up_to("first\r\n", client);
  arrived.set_value();
  body += read_up_to("0\r\n\r\n", client);
  EXPECT_EQ(body, "5\r\nfirst\r\n6\r\nsecond\r\n0\r\n\r\n");
}

TEST_P(InterceptPassThrough, AConsumerThatWaitsToContinue) {
  const Service owner(peer(), kPort, [&](const Socket& socket) {
    MessageReader reader(socket);
    const auto head = reader.read_head();
    if (!head) return;
    Message call = reader.parse_head(*head);
    socket.write("HTTP/1.1 100 Continue\r\n\r\n");
    reader.read_body(call, false, true);
    socket.write(ok_with(Json{{"got", call.body}}.dump()));
  });
  Client client(dial());
  client.send(
      "PUT /x HTTP/1.1\r\nHost: anything\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  EXPECT_EQ(client.read().status, 100);
  client.send("body");
  EXPECT_EQ(client.read().json().at("got"), "body");
}

TEST_P(InterceptPassThrough, LargeBodiesBothWays) {
  const Service owner(peer(), kPort, [&](const Socket& socket) {
    MessageReader reader(socket);
    while (const auto head = reader.read_head()) {
      Message call = reader.parse_head(*head);
      reader.read_body(call, false, true);
      socket.write(ok_with(call.body));
    }
  });
  Request request = post("/x", std::string(std::size_t{8} << 20U, 'u')).with("Host", "anything");
  Client client(dial());
  for (const char fill : {'a', 'b'}) {
    request.body->assign(request.body->size(), fill);
    EXPECT_TRUE(client.call(request).body == *request.body) << fill;
  }
}

// An error of Usher's own, not a hang.
TEST_P(InterceptPassThrough, NobodyThereAtAServicesPort) {
  kill_order_owner();
  const Response answer = call(GetParam().address, kOrderPort, elsewhere("order-service:3005"));
  EXPECT_EQ(answer.status, 502) << answer.body;
  EXPECT_EQ(answer.code(), "UPSTREAM_CONNECT_FAILED");
}

// Its destination is dialled before it has said a word, so it may be told by a reset, as if there
// were no Usher.
TEST_P(InterceptPassThrough, NobodyThereAtAnotherPort) {
  Client client(dial());
  client.send(elsewhere("anything"));
  try {
    EXPECT_EQ(client.read().code(), "UPSTREAM_CONNECT_FAILED");
  } catch (const std::runtime_error&) {
    EXPECT_TRUE(client.closed_by_peer());
  }
}

}  // namespace
}  // namespace e2e
