#include "net/edge_poll.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include "unit/net/uv_loop.h"

namespace usher::net {
namespace {

struct Edges final : EdgeEvents {
  int calls = 0;
  std::uint32_t last = 0;

  void on_edge(std::uint32_t events) override {
    ++calls;
    last = events;
  }
};

class EdgePollTest : public UvLoop {
 protected:
  EdgePollTest() {
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0);
  }
  ~EdgePollTest() override {
    poll.close();
    turn();
    for (const int end : ends) ::close(end);
  }
  void some_turns() {
    for (int i = 0; i < 10; ++i) turn();
  }

  EdgePoll poll{network.loop()};
  Edges edges;
  std::array<int, 2> ends{-1, -1};
};

TEST_F(EdgePollTest, TellsEachChangeOnce) {
  ASSERT_TRUE(poll.watch(ends[0], edges));
  some_turns();
  EXPECT_EQ(edges.calls, 1);
  EXPECT_EQ(edges.last, unsigned{EPOLLOUT});
  EXPECT_EQ(::write(ends[1], "x", 1), 1);
  some_turns();
  EXPECT_EQ(edges.calls, 2);
  EXPECT_EQ(edges.last, unsigned{EPOLLIN | EPOLLOUT});
  ::shutdown(ends[1], SHUT_WR);
  some_turns();
  EXPECT_EQ(edges.calls, 3);
}

TEST_F(EdgePollTest, TellsAgainWhenAsked) {
  ASSERT_TRUE(poll.watch(ends[0], edges));
  some_turns();
  poll.tell_again(ends[0], edges);
  EXPECT_EQ(edges.calls, 1) << "not inline";
  some_turns();
  EXPECT_EQ(edges.calls, 2);
}

TEST_F(EdgePollTest, ForgetsThoughTheSocketIsOpenElsewhere) {
  const int other = ::dup(ends[0]);
  ASSERT_TRUE(poll.watch(other, edges));
  some_turns();
  poll.forget(other);
  ::close(other);
  EXPECT_EQ(::write(ends[1], "x", 1), 1);
  some_turns();
  EXPECT_EQ(edges.calls, 1);
}

}  // namespace
}  // namespace usher::net
