#include "net/tls_stream.h"

#include <gtest/gtest.h>

#include "unit/net/tls_peer.h"

namespace usher::net {
namespace {

// One stream's events, recorded; on_read can do something.
struct Client final : StreamEvents {
  Stream* stream = nullptr;
  std::string received;
  int connects = 0;
  int ends = 0;
  int writables = 0;
  int failures = 0;
  std::function<void()> at_read;

  ~Client() { close(); }
  void on_connected() override { ++connects; }
  void on_read(std::string_view bytes) override {
    received.append(bytes);
    if (at_read) at_read();
  }
  void on_end() override { ++ends; }
  void on_writable() override { ++writables; }
  void on_failure() override { ++failures; }
  bool send(std::string_view text) {
    const std::string_view parts[] = {text};
    return stream->write(parts);
  }
  void close() {
    if (stream != nullptr) stream->close();
    stream = nullptr;
  }
};

class TlsStreamTest : public testing::Test {
 protected:
  void serve(const TlsPeerOptions& options) {
    peer.emplace(options);
    network.listen(address, *peer);
  }
  void serve() { serve({authority.issue()}); }

  void use(const TlsOptions& options) {
    auto made = TlsContext::for_clients(options);
    ASSERT_TRUE(made.has_value()) << made.error();
    context.emplace(std::move(*made));
    connector.emplace(network, *context);
  }

  // Connects to `name` anew and runs the handshake.
  void connect(const std::string& name = "localhost") {
    client.close();
    client.connects = client.failures = client.ends = 0;
    network.run_until_idle();
    if (!connector) use({authority.file(), "", "", true});
    client.stream = connector->connect(address, name, client);
    ASSERT_NE(client.stream, nullptr);
    EXPECT_EQ(client.connects + client.failures, 0) << "inline";
    network.run_until_idle();
  }
  void serve_and_connect() {
    serve();
    connect();
    ASSERT_EQ(client.connects, 1);
  }

  static test::CertificateAuthority& shared_authority() {
    static test::CertificateAuthority made;
    return made;
  }

  test::CertificateAuthority& authority = shared_authority();
  sim::SimNetwork network{1};
  SocketAddress address = *SocketAddress::from_ip("127.0.0.1", 6379);
  std::optional<TlsPeer> peer;
  std::optional<TlsContext> context;
  std::optional<TlsConnector> connector;
  Client client;
};

TEST_F(TlsStreamTest, BytesBothWays) {
  serve_and_connect();
  EXPECT_EQ(peer->asked_for(), "localhost");
  EXPECT_TRUE(client.send("hello"));
  const std::string_view parts[] = {" in", "", " parts"};
  EXPECT_TRUE(client.stream->write(parts));
  network.run_until_idle();
  EXPECT_EQ(peer->received, "hello in parts");
  peer->send("answer");
  network.run_until_idle();
  EXPECT_EQ(client.received, "answer");
  EXPECT_EQ(client.failures + client.ends, 0);
}

TEST_F(TlsStreamTest, MuchInSmallPieces) {
  network.options().split = true;
  network.options().piece = 100;
  network.options().window = 1000;
  serve_and_connect();
  std::string much;
  for (int i = 0; i < 20'000; ++i) much += std::to_string(i);
  client.send(much);
  network.run_until_idle();
  EXPECT_EQ(peer->received, much);
  peer->send(much);
  network.run_until_idle();
  EXPECT_EQ(client.received, much);
}

TEST_F(TlsStreamTest, EveryVersionFromOnePointTwo) {
  for (const int version : {TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsPeerOptions options{authority.issue()};
    options.version_max = version;
    serve(options);
    connect();
    EXPECT_EQ(client.connects, version >= TLS1_2_VERSION ? 1 : 0) << version;
    EXPECT_EQ(client.failures, version >= TLS1_2_VERSION ? 0 : 1) << version;
  }
}

// --- who the peer is ----------------------------------------------------------------------------

TEST_F(TlsStreamTest, ThePeerMustBeWhoWasCalled) {
  struct Case {
    std::vector<std::string> names;
    std::string called;
    bool is_right;
  };
  const std::vector<Case> cases = {
      {{"DNS:localhost"}, "localhost", true},
      {{"DNS:localhost"}, "localhost.", true},
      {{"DNS:localhost"}, "LOCALHOST", true},
      {{"DNS:localhost"}, "other", false},
      {{"DNS:localhost"}, "", false},
      {{"DNS:localhost"}, "127.0.0.1", false},
      {{"DNS:127.0.0.1"}, "127.0.0.1", false},  // an address is no name
      {{"IP:127.0.0.1"}, "127.0.0.1", true},
      {{"IP:127.0.0.1"}, "127.0.0.2", false},
      {{"IP:::1"}, "::1", true},
      {{"DNS:*.redis.test"}, "one.redis.test", true},
      {{"DNS:*.redis.test"}, "a.b.redis.test", false},
      {{"DNS:o*.redis.test"}, "one.redis.test", false},
      {{"DNS:a.test", "DNS:b.test"}, "b.test", true},
  };
  for (const Case& one : cases) {
    serve({authority.issue({one.names})});
    connect(one.called);
    EXPECT_EQ(client.connects, one.is_right ? 1 : 0) << one.names[0] << " as " << one.called;
    EXPECT_EQ(client.failures, one.is_right ? 0 : 1) << one.names[0] << " as " << one.called;
  }
}

// RFC 9525 §2.
TEST_F(TlsStreamTest, ASubjectIsNoName) {
  serve({authority.issue({{"IP:10.0.0.1"}, false, "localhost"})});
  connect("localhost");
  EXPECT_EQ(client.connects, 0);
  EXPECT_EQ(client.failures, 1);
}

TEST_F(TlsStreamTest, StrangersAndTheExpired) {
  test::CertificateAuthority stranger;
  for (const test::CertificateFiles& files :
       {stranger.issue(), authority.issue({{"DNS:localhost"}, true})}) {
    serve({files});
    connect();
    EXPECT_EQ(client.connects, 0);
    EXPECT_EQ(client.failures, 1);
    EXPECT_EQ(peer->received, "");
  }
  client.close();
  network.run_until_idle();
  connector.reset();
  use({"", "", "", false});
  connect("whoever");
  EXPECT_EQ(client.connects, 1) << "unverified, on demand";
}

TEST_F(TlsStreamTest, TheSystemsAuthoritiesDoNotKnowIt) {
  serve();
  use({});
  connect();
  EXPECT_EQ(client.failures, 1);
}

TEST_F(TlsStreamTest, AClientsCertificate) {
  const test::CertificateFiles mine = authority.issue({{"DNS:usher"}});
  serve({authority.issue(), true});
  use({authority.file(), mine.certificate, mine.key, true});
  connect();
  client.send("hello");
  network.run_until_idle();
  EXPECT_EQ(peer->received, "hello");
  client.close();
  network.run_until_idle();

  connector.reset();
  use({authority.file(), "", "", true});
  connect();
  EXPECT_EQ(client.failures, 1) << "without one";
}

TEST(TlsContext, SaysWhichFileIsWrong) {
  test::CertificateAuthority authority;
  const test::CertificateFiles files = authority.issue();
  const test::CertificateFiles others = authority.issue();
  const auto error = [](const TlsOptions& options) {
    const auto made = TlsContext::for_clients(options);
    return made.has_value() ? "" : made.error();
  };
  EXPECT_EQ(error({files.authority, files.certificate, files.key, true}), "");
  EXPECT_NE(error({"/no/ca.pem", "", "", true}).find("/no/ca.pem"), std::string::npos);
  EXPECT_NE(error({files.key, "", "", true}).find(files.key), std::string::npos);
  EXPECT_NE(error({"", "/no/cert.pem", files.key, true}).find("/no/cert.pem"), std::string::npos);
  EXPECT_NE(error({"", files.certificate, others.key, true}).find(others.key), std::string::npos);
}

// --- ends ---------------------------------------------------------------------------------------

TEST_F(TlsStreamTest, GoodbyeIsSaid) {
  serve_and_connect();
  client.send("last words");
  client.close();
  network.run_until_idle();
  EXPECT_EQ(peer->received, "last words");
  EXPECT_TRUE(peer->was_told_goodbye);
  EXPECT_TRUE(peer->ended);
}

TEST_F(TlsStreamTest, GracefullyToo) {
  network.options().window = 1000;
  serve_and_connect();
  const std::string much(100'000, 'm');
  client.send(much);
  client.stream->close_gracefully();
  client.stream = nullptr;
  network.run_until_idle();
  EXPECT_EQ(peer->received, much);
  EXPECT_TRUE(peer->was_told_goodbye);
}

TEST_F(TlsStreamTest, AResetIsOne) {
  serve_and_connect();
  client.stream->reset();
  client.stream = nullptr;
  network.run_until_idle();
  EXPECT_TRUE(peer->failed);
  EXPECT_FALSE(peer->was_told_goodbye);
}

TEST_F(TlsStreamTest, ThePeersGoodbyeIsAnEndAndWritingGoesOn) {
  serve_and_connect();
  peer->send("last");
  peer->say_goodbye();
  network.run_until_idle();
  EXPECT_EQ(client.received, "last");
  EXPECT_EQ(client.ends, 1);
  client.send("still here");
  network.run_until_idle();
  EXPECT_EQ(peer->received, "still here");
  peer->end();
  network.run_until_idle();
  EXPECT_EQ(client.ends, 1) << "once";
  EXPECT_EQ(client.failures, 0);
}

TEST_F(TlsStreamTest, AnEndWithoutGoodbyeIsAnEnd) {
  serve_and_connect();
  peer->send("cut");
  peer->end();
  network.run_until_idle();
  EXPECT_EQ(client.received, "cut");
  EXPECT_EQ(client.ends, 1);
  EXPECT_EQ(client.failures, 0);
}

TEST_F(TlsStreamTest, AnEndWithinTheHandshakeIsAFailure) {
  serve();
  use({authority.file(), "", "", true});
  client.stream = connector->connect(address, "localhost", client);
  while (peer->stream == nullptr) ASSERT_TRUE(network.step());
  peer->end();
  network.run_until_idle();
  EXPECT_EQ(client.connects, 0);
  EXPECT_EQ(client.failures, 1);
  EXPECT_EQ(client.ends, 0);
}

TEST_F(TlsStreamTest, RubbishIsAFailure) {
  serve_and_connect();
  peer->send("good");
  peer->send_raw("HTTP/1.1 400 Bad Request\r\n\r\n");
  peer->end();
  network.run_until_idle();
  EXPECT_EQ(client.received, "good");
  EXPECT_EQ(client.failures, 1);
  EXPECT_EQ(client.ends, 0);
  EXPECT_TRUE(client.send("nobody hears it"));
  peer->stream->reset();
  peer->stream = nullptr;
  network.run_until_idle();
  EXPECT_EQ(client.failures, 1) << "once";
}

TEST_F(TlsStreamTest, AServerWithoutTls) {
  struct Plain final : ListenerEvents, StreamEvents {
    Stream* stream = nullptr;
    ~Plain() { stream->close(); }
    StreamEvents* on_accept(Stream& accepted) override { return stream = &accepted, this; }
    bool may_accept() override { return true; }
    void on_read(std::string_view) override {
      const std::string_view parts[] = {"-ERR unknown command\r\n"};
      stream->write(parts);
    }
    void on_end() override {}
    void on_writable() override {}
    void on_failure() override {}
  } plain;
  network.listen(address, plain);
  connect();
  EXPECT_EQ(client.connects, 0);
  EXPECT_EQ(client.failures, 1);
}

TEST_F(TlsStreamTest, RefusedAndReset) {
  connect();
  EXPECT_EQ(client.failures, 1);
  serve();
  connect();
  peer->stream->reset();
  peer->stream = nullptr;
  network.run_until_idle();
  EXPECT_EQ(client.failures, 1);
}

// --- the contract of streams --------------------------------------------------------------------

TEST_F(TlsStreamTest, ClosedInEveryEvent) {
  serve();
  connect();
  client.at_read = [&] { client.close(); };
  const std::string much(100'000, 'm');
  peer->send(much);
  network.run_until_idle();
  EXPECT_LE(client.received.size(), 16384u) << "nothing after close()";
  EXPECT_EQ(client.ends + client.failures, 0);

  struct Shy final : StreamEvents {
    Stream* stream = nullptr;
    int events = 0;
    void leave() {
      ++events;
      stream->close();
    }
    void on_connected() override { leave(); }
    void on_read(std::string_view) override { leave(); }
    void on_end() override { leave(); }
    void on_writable() override { leave(); }
    void on_failure() override { leave(); }
  } shy;
  serve();
  shy.stream = connector->connect(address, "localhost", shy);
  network.run_until_idle();
  EXPECT_EQ(shy.events, 1);
  serve();
  shy.stream = connector->connect(address, "other", shy);
  network.run_until_idle();
  EXPECT_EQ(shy.events, 2);
  serve();
  shy.stream = connector->connect(address, "localhost", shy);
  shy.stream->close();
  network.run_until_idle();
  EXPECT_EQ(shy.events, 2);
  peer.reset();
  network.run_until_idle();
  EXPECT_EQ(network.open_streams(), 0u);
}

TEST_F(TlsStreamTest, PausedItReadsNothingThenAll) {
  serve_and_connect();
  client.at_read = [&] { client.stream->pause(); };
  std::string much;
  for (int i = 0; i < 20'000; ++i) much += std::to_string(i);
  peer->send(much);
  peer->say_goodbye();
  peer->end();
  network.run_until_idle();
  EXPECT_EQ(client.received.size(), 16384u) << "one record";
  EXPECT_FALSE(client.stream->is_quiet());
  while (client.received.size() < much.size()) {
    const std::size_t before = client.received.size();
    client.stream->resume();
    EXPECT_EQ(client.received.size(), before) << "inline";
    network.run_until_idle();
    ASSERT_GT(client.received.size(), before);
    EXPECT_LE(client.received.size(), before + 16384);
    EXPECT_EQ(client.ends, 0);
  }
  EXPECT_EQ(client.received, much);
  client.stream->resume();
  network.run_until_idle();
  EXPECT_EQ(client.ends, 1);
}

TEST_F(TlsStreamTest, TellsWhenItMayWriteAgain) {
  network.options().window = 1000;
  network.options().mark = 50'000;
  serve_and_connect();
  EXPECT_EQ(client.writables, 0) << "not of the handshake";
  peer->stream->pause();
  network.run_until_idle();
  EXPECT_TRUE(client.send(std::string(40'000, 'a')));
  EXPECT_FALSE(client.send(std::string(40'000, 'b')));
  EXPECT_GT(client.stream->queued_bytes(), 50'000u);
  EXPECT_LE(client.stream->sent_bytes(), 1000u);
  network.run_until_idle();
  EXPECT_EQ(client.writables, 0);
  peer->stream->resume();
  network.run_until_idle();
  EXPECT_EQ(client.writables, 1);
  EXPECT_EQ(peer->received.size(), 80'000u);
  EXPECT_GE(client.stream->sent_bytes(), 80'000u);
}

// The handshake's own bytes may be too many for the stream below; nobody was told to wait.
TEST_F(TlsStreamTest, TellsOnlyWhoWasToldToWait) {
  network.options().window = 10;
  network.options().mark = 10;
  serve_and_connect();
  EXPECT_EQ(client.writables, 0);
  EXPECT_FALSE(client.send("more than ten bytes"));
  network.run_until_idle();
  EXPECT_EQ(client.writables, 1);
}

TEST_F(TlsStreamTest, SentBytesDoNotCountTheHandshake) {
  serve();
  use({authority.file(), "", "", true});
  client.stream = connector->connect(address, "localhost", client);
  EXPECT_EQ(client.stream->sent_bytes(), 0u);
  network.run_until_idle();
  EXPECT_EQ(client.stream->sent_bytes(), 0u);
  client.send("x");
  EXPECT_GT(client.stream->sent_bytes(), 0u);
}

TEST_F(TlsStreamTest, IsQuietUntilSomethingComes) {
  serve_and_connect();
  EXPECT_TRUE(client.stream->is_quiet());
  peer->send("x");
  EXPECT_FALSE(client.stream->is_quiet());
  network.run_until_idle();
  EXPECT_TRUE(client.stream->is_quiet());
  client.at_read = [&] { client.stream->pause(); };
  peer->send("y");
  peer->send("z");
  network.run_until_idle();
  EXPECT_EQ(client.received, "xy");
  EXPECT_FALSE(client.stream->is_quiet()) << "a record is held";
  client.stream->resume();
  network.run_until_idle();
  EXPECT_EQ(client.received, "xyz");
  client.at_read = nullptr;
  client.stream->resume();
  network.run_until_idle();
  EXPECT_TRUE(client.stream->is_quiet());
  peer->end();
  EXPECT_FALSE(client.stream->is_quiet());
}

TEST_F(TlsStreamTest, PartsShareARecord) {
  serve_and_connect();
  const std::size_t before = peer->wire_bytes;
  const std::vector<std::string_view> parts(500, "part");
  client.stream->write(parts);
  network.run_until_idle();
  EXPECT_EQ(peer->received.size(), 2000u);
  EXPECT_LT(peer->wire_bytes - before, 2100u);
}

}  // namespace
}  // namespace usher::net
