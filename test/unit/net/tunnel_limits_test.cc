// Tunnels where descriptors, pipes or streams run out.

#include <gtest/gtest.h>

#include "net/splice_tunnel.h"
#include "unit/net/descriptor_limit.h"
#include "unit/net/tunnel_loop.h"

namespace usher::net {
namespace {

class TunnelLimits : public TunnelLoop {
 protected:
  void SetUp() override {
    if (!kDescriptorsMayRunOut) GTEST_SKIP() << kWhyNot;
  }
};

TEST_F(TunnelLimits, WithoutDescriptorsStreamsStayAsTheyWere) {
  connect();
  for (const int spare : {0, 1, 2}) {
    const DescriptorLimit few(with_spare(spare));
    EXPECT_EQ(network.join(*of_a->stream, *of_b->stream, "", outcome), nullptr) << spare;
  }
  a->send("still here");
  EXPECT_TRUE(run_until([&] { return of_a->received == "still here"; }));
  of_b->send("and here");
  EXPECT_TRUE(arrives(*b, "and here"));
  EXPECT_EQ(network.tunnels().size(), 0u);
  join();
  a->send("joined");
  EXPECT_TRUE(arrives(*b, "and herejoined"));
}

TEST_F(TunnelLimits, ASpareStreamGivesItsDescriptor) {
  struct OneSpare final : Spare {
    Record* idle = nullptr;
    bool close_one() override { return idle->stream != nullptr && (idle->close(), true); }
  };
  connect();
  Peer idle(address);
  OneSpare spare;
  spare.idle = &accept();
  network.add_spare(spare);
  network.close_listeners();
  turn();
  const DescriptorLimit few(with_spare(2));
  EXPECT_NE(join(*of_a, *of_b, outcome), nullptr);
}

// Without a pipe bytes are copied.
TEST_F(TunnelLimits, WithoutPipesItCarriesOn) {
  connect_and_join();
  turn();
  const DescriptorLimit few(with_spare(0));
  EXPECT_TRUE(carry(*a, *b, 4 * kMiB, 64 * 1024));
  a->end();
  EXPECT_TRUE(ends(*b));
  EXPECT_TRUE(falls_asleep());
}

class FourStreams : public TunnelLoop {
 protected:
  FourStreams() : TunnelLoop(4) {}
};

TEST_F(FourStreams, ATunnelCountsAsTwo) {
  connect_and_join();
  turn();
  EXPECT_EQ(network.open_streams(), 2u);
  Peer third(address);
  accept();
  Record fourth;
  Record fifth;
  fourth.stream = network.connect(address, fourth);
  EXPECT_NE(fourth.stream, nullptr);
  EXPECT_EQ(network.connect(address, fifth), nullptr);
  for (int i = 0; i < 20; ++i) turn();
  EXPECT_EQ(accepted.size(), 3u) << "the fourth's other end waits";
  a->reset();
  ASSERT_TRUE(is_over());
  EXPECT_TRUE(run_until([&] { return accepted.size() == 4; }));
}

}  // namespace
}  // namespace usher::net
