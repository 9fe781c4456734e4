// Bodies of any size pass without being held; the forms of messages; what was cut never looks
// whole.
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "support/catalogue.h"
#include "support/platform.h"

namespace e2e {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;
constexpr std::size_t kBig = 50 * kMiB;
const std::string kStatus = path("/internal/tickets/", seed::kTicket, "/status");
const std::string kCancel = "/internal/tickets/cancel-batch";

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsOurs = false;  // a sanitizer needs a multiple
#else
constexpr bool kMemoryIsOurs = true;
#endif

// The most that the process has had in memory.
std::size_t peak_memory(const Process& process) {
  std::ifstream file("/proc/" + std::to_string(process.pid()) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6)) * 1024;
  }
  return 0;
}

void expect_little_memory(Sidecar& sidecar) {
  const std::size_t peak = peak_memory(sidecar.process());
  EXPECT_GT(peak, 0U);
  if (kMemoryIsOurs) {
    EXPECT_LT(peak, 40 * kMiB);
  }
}

// The owners' test pattern.
std::string pattern(std::size_t size) {
  std::string text(size, '\0');
  for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>(' ' + i % 95);
  return text;
}

std::string chunked(std::string_view body, std::size_t piece) {
  std::string text;
  while (!body.empty()) {
    const std::string_view part = body.substr(0, piece);
    body.remove_prefix(part.size());
    char size[24];
    std::snprintf(size, sizeof size, "%zx\r\n", part.size());
    text.append(size).append(part).append("\r\n");
  }
  return text + "0\r\n\r\n";
}

class Streaming : public PlatformTest {
 protected:
  Sidecar sidecar_with(const RawOwner& owner) {
    return Sidecar(Config().redirect("ticket-service", owner.address()), "payment-service");
  }
};

TEST_F(Streaming, BigRequestBodiesPassWithoutBeingHeld) {
  Sidecar sidecar(Config(), "payment-service");
  owners().add_fault({{"kind", "echo"}});
  const std::string body = pattern(kBig);
  for (const bool as_chunks : {false, true}) {
    const Response response = sidecar.call(
        as_chunks ? post(kCancel, chunked(body, 100'000)).with("Transfer-Encoding", "chunked")
                  : post(kCancel, body));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.json().at("bodyLength"), kBig);
    EXPECT_EQ(response.json().at("bodySha256"), sha256_hex(body));
  }
  expect_little_memory(sidecar);
}

TEST_F(Streaming, BigAnswersPassWithoutBeingHeld) {
  Sidecar sidecar(Config(), "payment-service");
  for (const bool as_chunks : {false, true}) {
    owners().clear_faults();
    owners().add_fault({{"kind", "big-body"}, {"bytes", kBig}, {"chunked", as_chunks}});
    const Response response = sidecar.call(get(kStatus));
    EXPECT_TRUE(response.complete);
    EXPECT_EQ(response.chunked, as_chunks);
    EXPECT_TRUE(response.body == pattern(kBig));
  }
  expect_little_memory(sidecar);
}

// Sends until the other side takes nothing any more for a while, then the rest.
void send_until_stalled(const Socket& socket, std::string_view bytes, std::atomic<bool>& stalled) {
  while (!bytes.empty()) {
    pollfd writable{socket.fd(), POLLOUT, 0};
    if (::poll(&writable, 1, 300) == 0) stalled = true;
    const ssize_t sent = ::send(socket.fd(), bytes.data(), bytes.size(),
                                MSG_NOSIGNAL | (stalled ? 0 : MSG_DONTWAIT));
    if (sent < 0 && errno != EAGAIN) return;
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

TEST_F(Streaming, ASlowConsumerSlowsTheOwnerDown) {
  const std::string body = pattern(kBig);
  std::atomic<bool> stalled = false;
  RawOwner owner([&](Peer& peer) {
    peer.read();
    peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n");
    send_until_stalled(peer.socket(), body, stalled);
    peer.wait_for_close();
  });
  Sidecar sidecar = sidecar_with(owner);
  Client client(sidecar.port());
  client.send(get(kStatus));
  EXPECT_TRUE(eventually([&] { return stalled.load(); })) << "the owner was never held back";
  const Response response = client.read();
  EXPECT_TRUE(response.complete);
  EXPECT_TRUE(response.body == body);
  expect_little_memory(sidecar);
}

TEST_F(Streaming, ASlowOwnerSlowsTheConsumerDown) {
  const std::string body = pattern(kBig);
  std::atomic<bool> stalled = false;
  RawOwner owner([&](Peer& peer) {
    peer.read_head();
    eventually([&] { return stalled.load(); });
    std::size_t size = 0;
    while (size < body.size()) size += peer.read_some().size();
    peer.answer();
  });
  Sidecar sidecar = sidecar_with(owner);
  Client client(sidecar.port());
  client.send(post(kCancel, "").with("Content-Length", std::to_string(body.size())));
  send_until_stalled(client.socket(), body, stalled);
  EXPECT_TRUE(stalled) << "the consumer was never held back";
  EXPECT_EQ(client.read().status, 200);
  expect_little_memory(sidecar);
}

TEST_F(Streaming, ChunkedBodiesStayChunkedUnlessTheyAreHeld) {
  RawOwner owner;
  const Sidecar sidecar = sidecar_with(owner);
  const std::string body = R"({"ticketIds":["a","b"]})";
  const Request request = post(kCancel, chunked(body, 5)).with("Transfer-Encoding", "chunked");
  EXPECT_EQ(sidecar.call(request).status, 200);
  const Message received = owner.request();
  EXPECT_TRUE(received.chunked);
  EXPECT_EQ(received.fields.count("Content-Length"), 0U);
  EXPECT_EQ(received.body, body);
}

TEST_F(Streaming, ChunkExtensionsAndTrailersEndHere) {
  RawOwner owner;
  const Sidecar sidecar = sidecar_with(owner);
  Client client(sidecar.port());
  client.send(post(kCancel, "2;x=y\r\n{}\r\n0\r\nX-Tenant-ID: evil\r\n\r\n")
                  .with("Transfer-Encoding", "chunked"));
  EXPECT_EQ(client.read().status, 200);
  const Message received = owner.request();
  EXPECT_EQ(received.body, "{}");
  EXPECT_EQ(received.fields.one("X-Tenant-ID"), seed::kTenant);
  EXPECT_EQ(client.call(get(kStatus)).status, 200);
}

TEST_F(Streaming, AnswersWithoutABodyHaveNone) {
  const std::pair<std::string, std::string> answers[] = {
      {"GET", "HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"},
      {"GET", "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nContent-Length: 10\r\n\r\n"},
      {"HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"},
      {"GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"}};
  for (const auto& [method, answer] : answers) {
    RawOwner owner([&answer = answer](Peer& peer) {
      while (const auto request = peer.read()) {
        peer.send(answer);
      }
    });
    const Sidecar sidecar = sidecar_with(owner);
    Client client(sidecar.port());
    Request request = get(kStatus);
    request.method = method;
    for (int i = 0; i < 3; ++i) {  // whatever was left over would be read as the next answer
      const Response response = client.call(request);
      EXPECT_EQ(response.start_line.substr(0, 12), answer.substr(0, 12));
      EXPECT_EQ(response.body, "");
    }
    EXPECT_EQ(owner.connections(), 1);
    if (method == "HEAD") {
      EXPECT_EQ(client.call(request).fields.one("Content-Length"), "1234");
      EXPECT_TRUE(owner.request().start_line.starts_with("HEAD "));
    }
  }
}

TEST_F(Streaming, ExpectationsAreMetHere) {
  RawOwner owner;
  const Sidecar sidecar = sidecar_with(owner);
  Client client(sidecar.port());
  client.send(post(kCancel, "").with("Content-Length", "2").with("Expect", "100-continue"));
  EXPECT_EQ(client.read().status, 100);
  client.send("{}");
  EXPECT_EQ(client.read().status, 200);
  EXPECT_EQ(owner.request().fields.count("Expect"), 0U);
  // A call that is refused is not asked for its body.
  client.send(post(kCancel, "")
                  .without("X-Tenant-ID")
                  .with("Content-Length", "2")
                  .with("Expect", "100-continue"));
  EXPECT_EQ(client.read().code(), "MISSING_TENANT_ID");
}

TEST_F(Streaming, InterimAnswersPassToConsumersThatKnowThem) {
  RawOwner owner([](Peer& peer) {
    while (peer.read()) {
      peer.send("HTTP/1.1 100 Continue\r\n\r\n");
      peer.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\nKeep-Alive: timeout=1\r\n\r\n");
      peer.send("HTTP/1.1 102 Processing\r\n\r\n");
      peer.answer(R"({"final":true})");
    }
  });
  const Sidecar sidecar = sidecar_with(owner);
  Client client(sidecar.port());
  EXPECT_EQ(client.call(get(kStatus)).head, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
  EXPECT_EQ(client.read().head, "HTTP/1.1 102 Processing\r\n\r\n");
  EXPECT_EQ(client.read().body, R"({"final":true})");
  Request old = get(kStatus);
  old.version = "HTTP/1.0";
  EXPECT_EQ(sidecar.call(old).body, R"({"final":true})");
}

TEST_F(Streaming, PipelinedCallsAreAnsweredInOrder) {
  Client client(sidecar_of("payment-service").port());
  owners().add_fault({{"kind", "delay"}, {"delayMs", 50}, {"times", 1}});
  const std::string token = path("/internal/orders/", seed::kOrder, "/tickets");
  const std::string price = Json{{"ticketIds", {seed::kVipTicket}}}.dump();
  client.send(get(kStatus).text() + post("/internal/tickets/calculate-price", price).text() +
              get("/nowhere").text() + get(token).text());
  EXPECT_EQ(client.read().json().at("ticketId"), seed::kTicket);
  EXPECT_EQ(client.read().json().at("totalCents"), 15000);
  EXPECT_EQ(client.read().code(), "NO_ENDPOINT");
  EXPECT_EQ(client.read().json().at("orderId"), seed::kOrder);
}

TEST_F(Streaming, HeadsMayComeByteByByte) {
  Client client(sidecar_of("payment-service").port());
  for (const char byte : post(kCancel, R"({"ticketIds":["x"]})").text()) {
    client.send(std::string(1, byte));
  }
  EXPECT_EQ(client.read().status, 200);
}

TEST_F(Streaming, OldConsumersAreServed) {
  const Sidecar& sidecar = sidecar_of("payment-service");
  Request request = get(kStatus);
  request.version = "HTTP/1.0";
  Client closing(sidecar.port());
  EXPECT_EQ(closing.call(request).status, 200);
  EXPECT_TRUE(closing.closed_by_peer());

  Client keeping(sidecar.port());
  for (int i = 0; i < 2; ++i) {
    const Response response = keeping.call(request.with("Connection", "keep-alive"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.fields.one("Connection"), "keep-alive");
  }
  // They know no chunks: the end of the connection is the end of the body.
  owners().add_fault({{"kind", "slow-body"}, {"bytes", 1000}, {"delayMs", 5}, {"chunked", true}});
  const Response unchunked = keeping.call(request.with("Connection", "keep-alive"));
  EXPECT_FALSE(unchunked.chunked);
  EXPECT_EQ(unchunked.body, pattern(1000));
  EXPECT_TRUE(keeping.closed_by_peer());
}

TEST_F(Streaming, ConnectionCloseIsHonoured) {
  Client client(sidecar_of("payment-service").port());
  const Response response = client.call(get(kStatus).with("Connection", "close"));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.fields.one("Connection"), "close");
  EXPECT_TRUE(client.closed_by_peer());
}

TEST_F(Streaming, HalfClosedConsumersGetTheirAnswer) {
  Client client(sidecar_of("payment-service").port());
  owners().add_fault({{"kind", "delay"}, {"delayMs", 50}});
  client.send(get(kStatus));
  client.socket().half_close();
  EXPECT_EQ(client.read().status, 200);
  EXPECT_TRUE(client.closed_by_peer());
}

TEST_F(Streaming, AnswersThatTheOwnerCutNeverLookWhole) {
  const std::string cut[] = {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n",
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n8\r\nhalf"};
  for (const std::string& answer : cut) {
    RawOwner owner([&](Peer& peer) {
      peer.read();
      peer.send(answer);
    });
    const Sidecar sidecar = sidecar_with(owner);
    Client client(sidecar.port());
    client.send(get(kStatus));
    const Response response = client.read();
    EXPECT_EQ(response.status, 200);
    EXPECT_FALSE(response.complete) << answer;
    EXPECT_TRUE(client.closed_by_peer());
    EXPECT_EQ(sidecar.metric(R"(usher_requests_total{service="ticket-service",)"
                             R"(endpoint="ticket-status",outcome="upstream_reset"})"),
              1);
  }
}

TEST_F(Streaming, BodiesThatTheConsumerCutNeverLookWholeToTheOwner) {
  std::atomic<int> whole = 0;
  std::atomic<int> ended = 0;
  RawOwner owner([&](Peer& peer) {
    while (peer.read()) ++whole;
    ++ended;
  });
  const Sidecar sidecar = sidecar_with(owner);
  const Request with_length = post(kCancel, "{\"half\":").with("Content-Length", "100");
  const Request with_chunks = post(kCancel, "4\r\nhalf\r\n").with("Transfer-Encoding", "chunked");
  int calls = 0;
  for (const Request& request : {with_length, with_chunks}) {
    for (const bool by_reset : {false, true}) {
      Client client(sidecar.port());
      client.send(request);
      EXPECT_TRUE(eventually([&] { return owner.connections() > calls; }));
      if (by_reset) {
        client.socket().reset();
      } else {
        client.socket().close();
      }
      ++calls;
      EXPECT_TRUE(eventually([&] { return ended == calls; })) << "the owner's connection was left";
    }
  }
  EXPECT_EQ(whole, 0);
}

TEST_F(Streaming, AnAnswerBeforeTheWholeBodyPassesAndEndsTheConnection) {
  RawOwner owner([](Peer& peer) {
    peer.read_head();
    peer.send("HTTP/1.1 413 Payload Too Large\r\nContent-Length: 2\r\n\r\n{}");
    peer.wait_for_close();
  });
  const Sidecar sidecar = sidecar_with(owner);
  Client client(sidecar.port());
  client.send(post(kCancel, "begin").with("Content-Length", "1000"));
  const Response response = client.read();
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.body, "{}");
  EXPECT_EQ(response.fields.one("Connection"), "close");
}

}  // namespace
}  // namespace e2e
