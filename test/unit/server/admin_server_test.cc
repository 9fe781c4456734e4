// AdminServer: bodies of one path, answers that come later; what it refuses is told end to end
// (test/e2e/admin_test.cc).
#include "server/admin_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "sim/sim_network.h"

namespace usher::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

// Somebody who calls the admin port.
class Caller final : public net::StreamEvents {
 public:
  Caller(sim::SimNetwork& network, const net::SocketAddress& address)
      : network_(&network), stream_(network.connect(address, *this)) {
    network.run_until_idle();
  }
  ~Caller() { close(); }
  Caller(const Caller&) = delete;
  Caller& operator=(const Caller&) = delete;

  void send(const std::string& bytes) {
    const std::string_view parts[] = {bytes};
    stream_->write(parts);
    network_->run_until_idle();
  }
  void close() {
    if (stream_ != nullptr) stream_->close();
    stream_ = nullptr;
    network_->run_until_idle();
  }
  std::string take() { return std::exchange(received_, {}); }
  bool ended() const { return ended_; }

 private:
  void on_read(std::string_view bytes) override { received_.append(bytes); }
  void on_end() override { ended_ = true; }
  void on_writable() override {}
  void on_failure() override { ended_ = true; }

  sim::SimNetwork* network_;
  net::Stream* stream_;
  std::string received_;
  bool ended_ = false;
};

class AdminServerTest : public testing::Test {
 protected:
  AdminServerTest() { network_.listen(address_, server_); }
  ~AdminServerTest() override {
    server_.shut();
    network_.run_until_idle();
  }

  // "/later" is answered when the test says so.
  std::optional<AdminAnswer> handle(const AdminRequest& request) {
    seen_.push_back(std::string(http::to_string(request.method)) + " " + std::string(request.path) +
                    " " + std::string(request.query) + " " + std::string(request.body));
    if (request.path == "/later") {
      tickets_.push_back(request.ticket);
      return std::nullopt;
    }
    return AdminAnswer{.body = "done"};
  }
  static std::string post(const std::string& path, const std::string& fields,
                          const std::string& body) {
    return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n" + body;
  }
  static std::string json(const std::string& path, const std::string& body) {
    return post(
        path,
        "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) + "\r\n",
        body);
  }
  static std::string get(const std::string& path) {
    return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  }

  net::SocketAddress address_ = *net::SocketAddress::from_ip("127.0.0.1", 7400);
  sim::SimNetwork network_{1};
  std::vector<std::string> seen_;
  std::vector<std::uint64_t> tickets_;
  AdminServer server_{network_, [this](const AdminRequest& request) { return handle(request); },
                      "/change"};
};

TEST_F(AdminServerTest, ABodyOfJsonToItsPath) {
  Caller caller(network_, address_);
  caller.send(json("/change?x=1", "{\"a\": 1}") + json("/change", "{}") + get("/read?y=%20"));
  EXPECT_THAT(seen_,
              ElementsAre("POST /change x=1 {\"a\": 1}", "POST /change  {}", "GET /read y=%20 "));
  EXPECT_FALSE(caller.ended());
}

TEST_F(AdminServerTest, ABodyInPieces) {
  Caller caller(network_, address_);
  const std::string body(AdminServer::kBodyBytesMax, 'x');
  const std::string call = json("/change", body);
  for (const char c : call.substr(0, 200)) caller.send({c});
  caller.send(call.substr(200, 30'000));
  EXPECT_THAT(seen_, IsEmpty());
  EXPECT_EQ(caller.take(), "");
  caller.send(call.substr(30'200));
  EXPECT_THAT(seen_, ElementsAre("POST /change  " + body));
  EXPECT_THAT(caller.take(), StartsWith("HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, OtherBodiesAreRefusedUnread) {
  const std::string too_long = std::to_string(AdminServer::kBodyBytesMax + 1);
  const std::string type = "Content-Type: application/json; charset=utf-8\r\n";
  const std::pair<std::string, int> cases[] = {
      {post("/other", type + "Content-Length: 2\r\n", "{}"), 400},
      {post("/change/", type + "Content-Length: 2\r\n", "{}"), 400},
      {post("/change", type + "Content-Length: " + too_long + "\r\n", ""), 413},
      {post("/change", type + "Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 411},
      {post("/change", "Content-Length: 2\r\n", "{}"), 415},
      {post("/change", "Content-Type: text/json\r\nContent-Length: 2\r\n", "{}"), 415},
      {post("/change", "Content-Type: text/plain\r\nContent-Length: 2\r\n", "{}"), 403},
      {post("/change", type + "Origin: null\r\nContent-Length: 2\r\n", "{}"), 403},
      {post("/change", type + "Sec-Fetch-Site: none\r\nContent-Length: 2\r\n", "{}"), 403},
      {"GET /change HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}", 400},
      {"POST /change HTTP/1.1\r\nHost: a.example\r\n" + type + "Content-Length: 2\r\n\r\n{}", 403},
  };
  for (const auto& [call, status] : cases) {
    Caller caller(network_, address_);
    caller.send(call);
    const std::string answer = caller.take();
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + std::to_string(status) + " ")) << call;
    EXPECT_THAT(answer, HasSubstr("Connection: close")) << call;
    EXPECT_TRUE(caller.ended()) << call;
  }
  EXPECT_THAT(seen_, IsEmpty());
}

TEST_F(AdminServerTest, AnAnswerCanComeLater) {
  Caller caller(network_, address_);
  caller.send(get("/later") + get("/read"));
  EXPECT_THAT(seen_, ElementsAre("GET /later  ")) << "answers come in the order of the calls";
  EXPECT_EQ(caller.take(), "");
  server_.answer(tickets_[0], {.status = 503, .body = "late"});
  network_.run_until_idle();
  const std::string answers = caller.take();
  EXPECT_THAT(answers, StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(answers, testing::EndsWith("done"));
  caller.send(get("/read"));
  EXPECT_THAT(caller.take(), StartsWith("HTTP/1.1 200 "));
  server_.answer(tickets_[0], {.body = "again"});
  network_.run_until_idle();
  EXPECT_EQ(caller.take(), "") << "each ticket is good for one answer";
}

TEST_F(AdminServerTest, ALateAnswerKeepsToItsCall) {
  Caller caller(network_, address_);
  caller.send("HEAD /later HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  server_.answer(tickets_[0], {.body = "late"});
  network_.run_until_idle();
  const std::string answer = caller.take();
  EXPECT_THAT(answer, HasSubstr("Content-Length: 4\r\n"));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("late")));
  EXPECT_TRUE(caller.ended());
}

TEST_F(AdminServerTest, ALateAnswerToNobodyIsDropped) {
  Caller patient(network_, address_);
  {
    Caller caller(network_, address_);
    caller.send(get("/later"));
    patient.send(get("/later"));
  }
  network_.advance(std::chrono::seconds(76));
  EXPECT_TRUE(patient.ended()) << "nobody waits for ever";
  for (const std::uint64_t ticket : tickets_) server_.answer(ticket, {.body = "late"});
  server_.answer(999, {.body = "late"});
  network_.run_until_idle();
  EXPECT_EQ(patient.take(), "");
  patient.close();
  EXPECT_EQ(network_.open_streams(), 0U);
}

}  // namespace
}  // namespace usher::server
