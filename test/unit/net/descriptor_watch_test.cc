#include "net/descriptor_watch.h"

#include <gtest/gtest.h>

#include <optional>

#include "unit/net/uv_loop.h"

namespace usher::net {
namespace {

class DescriptorWatchTest : public UvLoop {
 protected:
  DescriptorWatchTest() { EXPECT_EQ(::pipe(ends_), 0); }
  ~DescriptorWatchTest() override {
    watch.reset();
    for (const int end : ends_) ::close(end);
  }

  void make() {
    watch.emplace(network, ends_[0], [this] { ++calls; });
  }
  void put() const { EXPECT_EQ(::write(ends_[1], "x", 1), 1); }
  int read_end() const { return ends_[0]; }
  // The loop has looked at what there is.
  void some_turns() {
    for (int i = 0; i < 10; ++i) turn();
  }

  std::optional<DescriptorWatch> watch;
  int calls = 0;

 private:
  int ends_[2] = {-1, -1};
};

TEST_F(DescriptorWatchTest, SaysNothingBeforeItIsAsked) {
  make();
  put();
  some_turns();
  EXPECT_EQ(calls, 0);
}

TEST_F(DescriptorWatchTest, SaysOnceForEachWaitThatThereIsSomething) {
  make();
  watch->wait();
  some_turns();
  EXPECT_EQ(calls, 0);
  put();
  EXPECT_TRUE(run_until([&] { return calls > 0; }));
  some_turns();
  EXPECT_EQ(calls, 1);  // though nobody has read
  watch->wait();
  EXPECT_TRUE(run_until([&] { return calls > 1; }));
}

TEST_F(DescriptorWatchTest, MayBeDestroyedByItsOwnWord) {
  watch.emplace(network, read_end(), [this] {
    ++calls;
    watch.reset();
  });
  watch->wait();
  put();
  EXPECT_TRUE(run_until([&] { return calls > 0; }));
  some_turns();
  EXPECT_EQ(calls, 1);
}

TEST_F(DescriptorWatchTest, AfterItsEndNothingIsSaid) {
  make();
  watch->wait();
  put();
  watch.reset();
  some_turns();
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace usher::net
