#include "net/uv_stream.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "unit/net/uv_loop.h"

namespace usher::net {
namespace {

const std::string kMuch(8 << 20, 'm');

class UvStreamTest : public UvLoop {
 protected:
  UvStreamTest() { listen(); }

  // Two chunks of four blocks each are what one uv_write takes.
  static constexpr std::size_t kStep = 4 * sizeof(Chunk::bytes);
};

TEST_F(UvStreamTest, Echo) {
  Peer peer(address);
  Record& record = accept();
  peer.send("hello");
  ASSERT_TRUE(run_until([&] { return record.received == "hello"; }));
  const std::string_view parts[] = {"he", "", "llo", " back"};
  EXPECT_TRUE(record.stream->write(parts));
  EXPECT_EQ(record.stream->queued_bytes(), 0u);
  ASSERT_TRUE(run_until([&] { return peer.receive(), peer.received() == "hello back"; }));
}

TEST_F(UvStreamTest, NothingIsCalledBackInline) {
  Peer peer(address);
  Record& record = accept();
  peer.reset();
  for (int i = 0; i < 100; ++i) record.send("x");
  EXPECT_EQ(record.failures, 0);
  EXPECT_TRUE(run_until([&] { return record.failures > 0; }));
  turn();
  EXPECT_EQ(record.failures, 1);
}

TEST_F(UvStreamTest, ConnectsAndIsRefused) {
  Record client;
  client.stream = network.connect(address, client);
  ASSERT_NE(client.stream, nullptr);
  EXPECT_FALSE(client.connected);
  ASSERT_TRUE(run_until([&] { return client.connected; }));
  client.send("hi");
  Record& server = accept();
  EXPECT_TRUE(run_until([&] { return server.received == "hi"; }));

  network.close_listeners();
  turn();
  Record refused;
  refused.stream = network.connect(address, refused);
  ASSERT_NE(refused.stream, nullptr);
  EXPECT_TRUE(run_until([&] { return refused.failures == 1; }));
  EXPECT_FALSE(refused.connected);
}

TEST_F(UvStreamTest, ClosedWhileItConnects) {
  Record client;
  client.stream = network.connect(address, client);
  client.close();
  Record& server = accept();
  EXPECT_TRUE(run_until([&] { return server.ends + server.failures == 1; }));
  EXPECT_EQ(network.open_streams(), 1u);
  EXPECT_FALSE(client.connected);
  EXPECT_EQ(client.failures, 0);
}

TEST_F(UvStreamTest, HalfClose) {
  Peer peer(address);
  Record& record = accept();
  peer.send("question");
  peer.end();
  ASSERT_TRUE(run_until([&] { return record.ends == 1; }));
  EXPECT_EQ(record.received, "question");
  record.send("answer");
  record.close();
  ASSERT_TRUE(run_until([&] { return peer.receive(), peer.ended(); }));
  EXPECT_EQ(peer.received(), "answer");
}

TEST_F(UvStreamTest, GracefulCloseSendsWhatIsQueued) {
  Peer peer(address);
  Record& record = accept();
  record.send(kMuch);
  EXPECT_GT(record.stream->queued_bytes(), 0u);
  record.stream->close_gracefully();
  record.stream = nullptr;
  peer.send("what still comes is discarded");
  ASSERT_TRUE(run_until([&] { return peer.receive(), peer.ended(); }));
  EXPECT_EQ(peer.received().size(), kMuch.size());
  EXPECT_FALSE(peer.was_reset());
  EXPECT_EQ(record.received, "");
  peer.close();
  EXPECT_TRUE(run_until([&] { return network.open_streams() == 0; }));
}

// RFC 9112 §9.6: whoever is in the middle of a long upload reads its early answer behind it.
TEST_F(UvStreamTest, GracefulCloseOutlastsAPeerThatIsStillSending) {
  Peer peer(address);
  Record& record = accept();
  record.send("early");
  record.stream->close_gracefully();
  record.stream = nullptr;
  EXPECT_EQ(network.lingering(), 1u);
  const Instant start = network.now();
  Instant next = start;
  const auto sends_on = [&] {
    if (network.now() >= next) {
      peer.send("more");
      next += UvStream::kLinger / 4;
    }
    return network.now() - start > 2 * UvStream::kLinger;
  };
  ASSERT_TRUE(run_until(sends_on));
  EXPECT_EQ(network.open_streams(), 1u);
  peer.receive();
  EXPECT_EQ(peer.received(), "early");
  EXPECT_TRUE(run_until([&] { return network.open_streams() == 0; })) << "silence ends it";
  EXPECT_EQ(network.lingering(), 0u);
}

// What cannot be reached is told by an event, and not as a want of sockets.
TEST_F(UvStreamTest, NoWayThereIsAFailure) {
  Record client;
  const auto nowhere = *SocketAddress::from_ip("255.255.255.255", 80);
  client.stream = network.connect(nowhere, client);
  ASSERT_NE(client.stream, nullptr);
  EXPECT_EQ(client.failures, 0);
  EXPECT_TRUE(run_until([&] { return client.failures == 1; }));
}

TEST_F(UvStreamTest, GracefulCloseAfterThePeersEndSendsAll) {
  Peer peer(address);
  Record& record = accept();
  peer.end();
  ASSERT_TRUE(run_until([&] { return record.ends == 1; }));
  record.send(kMuch);
  record.stream->close_gracefully();
  record.stream = nullptr;
  ASSERT_TRUE(run_until([&] { return peer.receive(), peer.ended(); }));
  EXPECT_EQ(peer.received().size(), kMuch.size());
  EXPECT_TRUE(run_until([&] { return network.open_streams() == 0; }));
  EXPECT_EQ(record.ends, 1);
}

TEST_F(UvStreamTest, CloseCutsWhatIsQueued) {
  Peer peer(address);
  Record& record = accept();
  record.send(kMuch);
  record.close();
  ASSERT_TRUE(run_until([&] { return peer.receive(), peer.ended() || peer.was_reset(); }));
  EXPECT_LT(peer.received().size(), kMuch.size());
  EXPECT_TRUE(run_until([&] { return network.open_streams() == 0; }));
}

TEST_F(UvStreamTest, ResetIsSeen) {
  Peer peer(address);
  Record& record = accept();
  record.send("half");
  record.stream->reset();
  record.stream = nullptr;
  EXPECT_TRUE(run_until([&] { return peer.receive(), peer.was_reset(); }));
  EXPECT_FALSE(peer.ended());
}

TEST_F(UvStreamTest, AResetIsAFailure) {
  Peer peer(address);
  Record& record = accept();
  peer.reset();
  EXPECT_TRUE(run_until([&] { return record.failures == 1; }));
  EXPECT_EQ(record.ends, 0);
}

TEST_F(UvStreamTest, APausedOneHearsNothing) {
  Peer peer(address);
  Record& record = accept();
  record.stream->pause();
  record.stream->pause();
  peer.send("later");
  peer.end();
  Peer other(address);
  other.send("x");
  Record& busy = accept();
  ASSERT_TRUE(run_until([&] { return busy.received == "x"; }));
  EXPECT_EQ(record.received, "");
  EXPECT_EQ(record.ends, 0);
  record.stream->resume();
  EXPECT_TRUE(run_until([&] { return record.ends == 1; }));
  EXPECT_EQ(record.received, "later");
}

TEST_F(UvStreamTest, EventsGoToWhoTookOver) {
  Peer peer(address);
  Record& record = accept();
  Record other;
  record.stream->set_events(other);
  peer.send("x");
  EXPECT_TRUE(run_until([&] { return other.received == "x"; }));
  EXPECT_EQ(record.received, "");
}

class SmallBuffers : public UvLoop {
 protected:
  static constexpr std::size_t kMark = 300 * 1024;
  SmallBuffers() : UvLoop(64, {.write_mark = kMark, .budget = &budget_}) { listen(); }

  // How much can be written in steps of 1 KiB to a peer that reads nothing, until it is too much.
  std::size_t write_until_full(Record& record) {
    while (record.stream->queued_bytes() == 0) record.send(std::string(1024, 'x'));
    while (record.send(std::string(1024, 'x'))) {
    }
    return record.stream->queued_bytes();
  }

  MemoryBudget budget_{8 * 1024 * 1024};
};

TEST_F(SmallBuffers, TheMarkIsAsConfigured) {
  Peer peer(address, 16 * 1024);
  const std::size_t queued = write_until_full(accept());
  EXPECT_GT(queued, kMark);
  EXPECT_LE(queued, kMark + 1024);
  EXPECT_GE(budget_.used(), queued);
}

TEST_F(SmallBuffers, WhileMemoryIsTightStreamsHoldLess) {
  Peer peer(address, 16 * 1024);
  Record& record = accept();
  MemoryCharge others(budget_);
  others.set(3 * 1024 * 1024);
  EXPECT_LE(write_until_full(record), UvNetwork::kTightBytes + 1024);
  EXPECT_EQ(network.read_buffer().size(), UvNetwork::kTightBytes);
  others.set(0);
  EXPECT_EQ(network.read_buffer().size(), UvNetwork::kReadBufferBytes);
  record.close();
  ASSERT_TRUE(run_until([&] { return network.open_streams() == 0; }));
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(UvStreamTest, BackPressure) {
  Peer peer(address);
  Record& record = accept();
  EXPECT_TRUE(record.send("a little"));
  EXPECT_FALSE(record.send(kMuch));
  turn();
  EXPECT_EQ(record.writables, 0);
  ASSERT_TRUE(run_until([&] { return peer.receive(), record.writables == 1; }));
  EXPECT_LE(record.stream->queued_bytes(), StreamBuffers{}.write_mark / 2);
  ASSERT_TRUE(run_until([&] { return peer.receive() == 0 && record.stream->queued_bytes() == 0; }));
  EXPECT_EQ(record.writables, 1);
  EXPECT_TRUE(record.send("more"));
}

// What was promised by a write() that returned false is kept, whatever is written before.
TEST_F(UvStreamTest, AWriteBelowTheMarkTakesNoPromiseBack) {
  network.close_listeners();
  turn();
  listen(*SocketAddress::from_ip("127.0.0.1", 0), 16 * 1024);
  Peer peer(address, 16 * 1024);
  Record& record = accept();
  EXPECT_FALSE(record.send(std::string(40 * kStep, 'x')));
  // Filled up, so that the queue is 40'000 bytes when one uv_write is left.
  const std::size_t wanted = 40'000;
  const std::size_t over = record.stream->queued_bytes() % kStep;
  record.send(std::string((wanted + kStep - over) % kStep, 'x'));
  ASSERT_TRUE(run_until([&] {
    if (record.stream->queued_bytes() > wanted) peer.receive(4 * 1024);
    return record.stream->queued_bytes() <= wanted;
  }));
  ASSERT_EQ(record.stream->queued_bytes(), wanted);
  ASSERT_EQ(record.writables, 0);
  EXPECT_FALSE(record.send("x"));
  EXPECT_TRUE(run_until([&] {
    return peer.receive() == 0 && record.stream->queued_bytes() == 0 && record.writables == 1;
  }));
}

TEST_F(UvStreamTest, ManyParts) {
  Peer peer(address);
  Record& record = accept();
  const std::vector<std::string_view> parts(500, "part");
  record.stream->write(parts);
  EXPECT_TRUE(run_until([&] { return peer.receive(), peer.received().size() == 2000; }));
}

TEST_F(UvStreamTest, OverAUnixSocket) {
  const std::string path = testing::TempDir() + "uv_stream_test.sock";
  listen(*SocketAddress::from_unix_path(path));
  Peer peer(*SocketAddress::from_unix_path(path));
  Record& record = accept();
  peer.send("hello");
  ASSERT_TRUE(run_until([&] { return record.received == "hello"; }));
  record.send(kMuch);
  record.stream->close_gracefully();
  record.stream = nullptr;
  EXPECT_TRUE(run_until([&] { return peer.receive(), peer.ended(); }));
  EXPECT_EQ(peer.received().size(), kMuch.size());
  std::filesystem::remove(path);
}

TEST_F(UvStreamTest, ConnectsToAUnixSocket) {
  const std::string path = testing::TempDir() + "uv_stream_connect.sock";
  listen(*SocketAddress::from_unix_path(path));
  Record client;
  client.stream = network.connect(address, client);
  ASSERT_NE(client.stream, nullptr);
  EXPECT_FALSE(client.connected);
  Record& server = accept();
  ASSERT_TRUE(run_until([&] { return client.connected; }));
  client.send("hello");
  ASSERT_TRUE(run_until([&] { return server.received == "hello"; }));
  server.send(kMuch);
  ASSERT_TRUE(run_until([&] { return client.received.size() == kMuch.size(); }));
  server.close();
  EXPECT_TRUE(run_until([&] { return client.ends == 1; }));

  network.close_listeners();
  turn();
  Record refused;
  refused.stream = network.connect(address, refused);
  ASSERT_NE(refused.stream, nullptr);
  EXPECT_EQ(refused.failures, 0);
  EXPECT_TRUE(run_until([&] { return refused.failures == 1; }));
  EXPECT_FALSE(refused.connected);
  Record closed;
  closed.stream = network.connect(address, closed);
  closed.close();
  EXPECT_TRUE(run_until([&] { return network.open_streams() == 2; })) << "client and refused";
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace usher::net
