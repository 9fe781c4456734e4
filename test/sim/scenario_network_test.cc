// What the other stories rest on: the simulation itself.

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/story.h"

namespace usher::sim {
namespace {

using std::chrono::milliseconds;

TEST(SimNetwork, TheSameSeedTellsTheSameStory) {
  const auto run = [] {
    SimOptions options;
    options.delay_max = milliseconds(20);
    options.split = true;
    SimNetwork network(7, options);
    ProxySettings settings;
    settings.options.access_log = AccessLog::Off;
    settings.add_cluster("10.0.0.1");
    settings.add(Method::Get, "/things/{id}", true);
    SimOwner owner(network, owner_address());
    SimProxy proxy(network, settings);
    SimConsumer consumer(network, SimProxy::address());
    for (int i = 0; i < 20; ++i) consumer.send(get("/things/" + std::to_string(i)));
    network.run_until_idle();
    const std::string told = consumer.received() + std::to_string(network.wall_ms());
    consumer.close();
    proxy.shut();
    return told;
  };
  EXPECT_EQ(run(), run());
}

// --- tunnels ------------------------------------------------------------------------------------

struct Outcome final : net::TunnelEvents {
  std::optional<net::TunnelEnd> end;
  void on_tunnel_ended(const net::TunnelEnd& how) override { end = how; }
};

struct Ear final : net::StreamEvents {
  std::string heard;
  bool ended = false;
  bool failed = false;
  void on_read(std::string_view bytes) override { heard += bytes; }
  void on_end() override { ended = true; }
  void on_writable() override {}
  void on_failure() override { failed = true; }
};

// Two peers, a and b, and the two streams that they are accepted as.
class SimTunnelTest : public testing::Test, private net::ListenerEvents {
 protected:
  SimTunnelTest() {
    const auto address = *net::SocketAddress::from_ip("10.0.0.9", 1);
    network.listen(address, *this);
    a = static_cast<SimStream*>(network.connect(address, from_a));
    network.run_until_idle();
    b = static_cast<SimStream*>(network.connect(address, from_b));
    network.run_until_idle();
  }
  ~SimTunnelTest() override {
    if (a != nullptr) a->close();
    b->close();
    network.run_until_idle();
    EXPECT_EQ(network.open_streams(), 0u);
  }
  net::StreamEvents* on_accept(net::Stream& stream) override {
    accepted.push_back(&stream);
    return &before;
  }
  bool may_accept() override { return true; }

  net::Tunnel* join(std::string_view to_b = {}) {
    return network.join(*accepted[0], *accepted[1], to_b, outcome);
  }
  void send(SimStream& stream, std::string_view text) {
    const std::array<std::string_view, 1> parts{text};
    stream.write(parts);
    network.run_until_idle();
  }

  SimNetwork network{7};
  Ear from_a, from_b, before;
  SimStream* a = nullptr;
  SimStream* b = nullptr;
  std::vector<net::Stream*> accepted;
  Outcome outcome;
};

TEST_F(SimTunnelTest, CarriesBothWaysAndTheirEnds) {
  ASSERT_NE(join("first "), nullptr);
  send(*a, "question");
  a->end();
  const std::string much(1 << 20, 'x');
  send(*b, much);
  EXPECT_EQ(from_b.heard, "first question");
  EXPECT_TRUE(from_b.ended);
  EXPECT_EQ(from_a.heard, much);
  EXPECT_FALSE(outcome.end.has_value());
  b->end();
  network.run_until_idle();
  EXPECT_TRUE(from_a.ended);
  ASSERT_TRUE(outcome.end.has_value());
  EXPECT_FALSE(outcome.end->cut);
  EXPECT_EQ(outcome.end->bytes_to_a, much.size());
}

TEST_F(SimTunnelTest, AnEndBeforeJoiningIsPassedOn) {
  a->end();
  network.run_until_idle();
  ASSERT_TRUE(before.ended);
  net::Tunnel* tunnel = join();
  network.run_until_idle();
  EXPECT_TRUE(from_b.ended);
  tunnel->close();
}

TEST_F(SimTunnelTest, AResetIsPassedOn) {
  ASSERT_NE(join(), nullptr);
  std::exchange(a, nullptr)->reset();
  network.run_until_idle();
  ASSERT_TRUE(outcome.end.has_value());
  EXPECT_TRUE(outcome.end->cut);
  EXPECT_TRUE(from_b.failed);
}

TEST_F(SimTunnelTest, CloseResetsBothAndSaysNothing) {
  net::Tunnel* tunnel = join();
  ASSERT_NE(tunnel, nullptr);
  tunnel->close();
  network.run_until_idle();
  EXPECT_TRUE(from_a.failed);
  EXPECT_TRUE(from_b.failed);
  EXPECT_FALSE(outcome.end.has_value());
}

}  // namespace
}  // namespace usher::sim
