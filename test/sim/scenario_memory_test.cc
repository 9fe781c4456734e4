// What calls hold counts, and near limits.memory whoever is new, or holds more, is refused.
#include "sim/story.h"

namespace usher::sim {
namespace {

constexpr std::size_t kLimit = 1024 * 1024;

class Memory : public Story {
 protected:
  Memory() { settings.options.limits.memory_bytes = kLimit; }

  std::size_t used() { return proxy().memory().used(); }
  std::uint64_t shed(proxy::ShedReason reason) {
    return proxy().metrics().calls_shed[static_cast<std::size_t>(reason)].value();
  }
  // As if other calls held so much.
  void occupy(std::size_t bytes) {
    proxy().memory().give_back(occupied_);
    proxy().memory().take(bytes);
    occupied_ = bytes;
  }

  static void expect_refusal(const SimConsumer& consumer) {
    EXPECT_EQ(consumer.answer().status, 503);
    EXPECT_EQ(consumer.answer().code(), "OVERLOADED");
    EXPECT_EQ(consumer.answer().field("Retry-After"), "1");
  }

 private:
  void TearDown() override {
    occupy(0);
    Story::TearDown();
  }

  std::size_t occupied_ = 0;
};

TEST_F(Memory, ACallCountsUntilItsEnd) {
  owner->on_request([](OwnerConnection&) {});
  SimConsumer& consumer = send(get("/things/1"));
  EXPECT_GT(used(), sizeof(proxy::Exchange));
  owner->last().answer("done");
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().body, "done");
  EXPECT_EQ(used(), 0u);
}

TEST_F(Memory, HeadsInPiecesCount) {
  SimConsumer& consumer = send("GET /things/1 HTTP/1.1\r\nHost: x\r\nX-Long: " + pattern(10'000));
  EXPECT_GE(used(), 10'000u);
  consumer.send("\r\n\r\n");
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().status, 200);
  EXPECT_EQ(used(), 0u);
}

TEST_F(Memory, NewCallsAreRefusedNearTheLimitAndRunningOnesGoOn) {
  owner->on_request([](OwnerConnection&) {});
  SimConsumer& running = send(get("/things/1"));
  occupy(kLimit);
  SimConsumer& refused = send(get("/things/2"));
  expect_refusal(refused);
  EXPECT_FALSE(refused.ended()) << "the next call may be well";
  EXPECT_EQ(shed(proxy::ShedReason::Memory), 1u);
  EXPECT_EQ(outcomes(ErrorCode::Overloaded), 1u);
  owner->last().answer("done");
  network.run_until_idle();
  EXPECT_EQ(running.answer().body, "done");
  occupy(0);
  owner->on_request(nullptr);
  refused.send(get("/things/3"));
  network.run_until_idle();
  EXPECT_EQ(refused.answers().back().body, "/things/3");
}

TEST_F(Memory, ARefusedBodyIsNotAwaited) {
  occupy(kLimit);
  SimConsumer& consumer = send("POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\n");
  expect_refusal(consumer);
  EXPECT_EQ(consumer.answer().field("Connection"), "close");
  EXPECT_TRUE(consumer.ended());
}

TEST_F(Memory, AHeadThatGrowsIsRefused) {
  occupy(kLimit);
  SimConsumer& consumer = send("GET /things/1 HTTP/1.1\r\nHost: x\r\nX-Long: ");
  expect_refusal(consumer);
  EXPECT_TRUE(consumer.ended());
}

std::string held_call(std::string_view begun) {
  return "POST /things HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + std::string(begun);
}

TEST_F(Memory, AHeldBodyCountsUntilItsCallEnds) {
  settings.scheme = &holding_scheme();
  owner->on_request([](OwnerConnection&) {});
  SimConsumer& consumer = send(held_call(pattern(60'000)));
  EXPECT_GE(used(), 60'000u);
  consumer.send(pattern(40'000));
  network.run_until_idle();
  EXPECT_GE(used(), 100'000u);
  EXPECT_LT(used(), 150'000u) << "the pieces are gone";
  owner->last().answer("done");
  network.run_until_idle();
  EXPECT_EQ(consumer.answer().body, "done");
  EXPECT_EQ(used(), 0u);
}

TEST_F(Memory, AHeldBodyThatGrowsIsRefusedAndOneThatIsWholeIsNot) {
  settings.scheme = &holding_scheme();
  SimConsumer& growing = send(held_call("a"));
  SimConsumer& ending = send(held_call(pattern(99'999)));
  occupy(kLimit);
  growing.send("b");
  ending.send("b");
  network.run_until_idle();
  expect_refusal(growing);
  EXPECT_TRUE(growing.ended());
  EXPECT_EQ(ending.answer().status, 200);
  EXPECT_EQ(shed(proxy::ShedReason::HeldBody), 1u);
  EXPECT_EQ(owner->requests().size(), 1u);
}

TEST_F(Memory, WantOfConnectionsCountsApart) {
  settings.clusters[0].connections_per_host = 1;
  settings.clusters[0].pending = 0;
  owner->on_request([](OwnerConnection&) {});
  send(get("/things/1"));
  expect_refusal(send(get("/things/2")));
  EXPECT_EQ(shed(proxy::ShedReason::Connection), 1u);
  EXPECT_EQ(shed(proxy::ShedReason::Memory), 0u);
}

}  // namespace
}  // namespace usher::sim
