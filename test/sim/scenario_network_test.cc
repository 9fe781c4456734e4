// What the other stories rest on: the simulation itself.

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

}  // namespace
}  // namespace usher::sim
