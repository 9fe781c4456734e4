// Redirected bytes that are not HTTP, or cease to be: carried both ways to where they were going.
#include <future>
#include <random>

#include "intercept/pod.h"

namespace e2e {
namespace {

std::string random_bytes(std::size_t size) {
  std::mt19937 random(size);
  std::string bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::string read_exactly(const Socket& socket, std::size_t size) {
  std::string all;
  while (all.size() < size) {
    const std::string bytes = socket.read(size - all.size());
    if (bytes.empty()) break;
    all += bytes;
  }
  return all;
}

class InterceptTunnel : public RedirectedTest {
 protected:
  Socket dial(int port) const { return connect(GetParam().address, port); }
};

INSTANTIATE_TEST_SUITE_P(Routes, InterceptTunnel, testing::ValuesIn(routes()), route_name);

TEST_P(InterceptTunnel, AServerMaySpeakFirst) {
  const Service server(peer(), kDatabasePort, database);
  const Socket socket = dial(kDatabasePort);
  EXPECT_EQ(read_exactly(socket, std::string(kGreeting).size()), kGreeting);
  for (const std::string line : {"select 1\n", "GET / HTTP/1.1\n"}) {
    socket.write(line);
    EXPECT_EQ(read_exactly(socket, line.size() + 4), "row " + line);
  }
  // The consumer came through the sidecar, not by it.
  EXPECT_EQ(metric("usher_consumer_connections_opened_total"), 1);
}

TEST_P(InterceptTunnel, BytesOfAnyKindAreCarried) {
  const Service server(peer(), kEchoPort, echo);
  const std::string client_hello =
      std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + random_bytes(512);
  for (const std::string& bytes :
       {client_hello, std::string("\0\0\0\x08\x04\xd2\x16\x2f", 8),
        std::string("*1\r\n$4\r\nPING\r\n"), std::string("PING\r\n"),
        std::string("SSH-2.0-client\r\n"), std::string("\xff"), random_bytes(1000)}) {
    const Socket socket = dial(kEchoPort);
    socket.write(bytes);
    EXPECT_EQ(read_exactly(socket, bytes.size()), bytes);
    socket.half_close();
    EXPECT_EQ(socket.read_to_end(), "");
  }
}

// More than any buffer between the two, while nobody reads at first.
TEST_P(InterceptTunnel, ALongStreamIsCarriedBothWays) {
  const Service server(peer(), kEchoPort, echo);
  const Socket socket = dial(kEchoPort);
  const std::string bytes = random_bytes(std::size_t{16} << 20U);
  std::thread writer([&] {
    socket.write(bytes);
    socket.half_close();
  });
  const std::string echoed = socket.read_to_end();
  writer.join();
  EXPECT_TRUE(echoed == bytes) << echoed.size();
}

TEST_P(InterceptTunnel, AConsumerMayEndBeforeItIsAnswered) {
  const Service server(peer(), kEchoPort, count_to_the_end);
  const Socket socket = dial(kEchoPort);
  socket.write(random_bytes(100000));
  socket.half_close();
  EXPECT_EQ(socket.read_to_end(), "100000 bytes");
}

TEST_P(InterceptTunnel, AServerMayEndBeforeItsConsumer) {
  std::promise<std::string> got;
  const Service server(peer(), kEchoPort, [&](const Socket& socket) {
    socket.write("bye");
    socket.half_close();
    got.set_value(socket.read_to_end());
  });
  const Socket socket = dial(kEchoPort);
  socket.write("\x01hello");
  EXPECT_EQ(socket.read_to_end(), "bye");
  socket.write(", still here");
  socket.half_close();
  std::future<std::string> all = got.get_future();
  ASSERT_EQ(all.wait_for(kHangGuard), std::future_status::ready);
  EXPECT_EQ(all.get(), "\x01hello, still here");
}

TEST_P(InterceptTunnel, NobodyThereIsAnEndForTheConsumer) {
  const Socket socket = dial(kEchoPort);
  socket.write("\x01\x02\x03");
  EXPECT_EQ(socket.read_to_end(), "");
}

TEST_P(InterceptTunnel, AnUpgradeBecomesOne) {
  Client client(dial(kTicketPort));
  const Request upgrade = get("/socket")
                              .with("Host", "ticket-service:3004")
                              .with("Connection", "Upgrade")
                              .with("Upgrade", "echo");
  const Response answer = client.call(upgrade);
  ASSERT_EQ(answer.status, 101) << answer.body;
  EXPECT_EQ(answer.fields.one("Upgrade"), "echo");
  const std::string bytes = random_bytes(5000);
  client.send(bytes);
  EXPECT_EQ(read_exactly(client.socket(), bytes.size()), bytes);
  client.socket().half_close();
  EXPECT_TRUE(client.closed_by_peer());
}

}  // namespace
}  // namespace e2e
