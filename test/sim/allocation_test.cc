// A warm call allocates nothing: neither the data path nor, here, the simulated network under it.

#include <cstdlib>
#include <new>

#include "sim/story.h"

namespace {

std::size_t allocations = 0;

void* counted(std::size_t size) {
  ++allocations;
  void* memory = std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

void* operator new(std::size_t size) {
  return counted(size);
}
void* operator new[](std::size_t size) {
  return counted(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace usher::sim {
namespace {

// Sends the same call again as soon as its answer of a known length is there.
class Repeater final : public net::StreamEvents {
 public:
  Repeater(SimNetwork& network, std::string call)
      : call_(std::move(call)), stream_(network.connect(SimProxy::address(), *this)) {}
  ~Repeater() { stream_->close(); }

  void run(SimNetwork& network, std::size_t count) {
    left_ = count;
    ask();
    network.run_until_idle();
  }
  void learn_answer_size() { answer_size_ = std::exchange(received_, 0); }
  std::size_t left() const { return left_; }

 private:
  void on_read(std::string_view bytes) override {
    received_ += bytes.size();
    if (received_ != answer_size_) return;
    received_ = 0;
    if (--left_ > 0) ask();
  }
  void on_end() override {}
  void on_writable() override {}
  void on_failure() override {}
  void ask() {
    const std::string_view parts[] = {call_};
    stream_->write(parts);
  }

  std::string call_;
  std::size_t received_ = 0;
  std::size_t answer_size_ = SIZE_MAX;
  std::size_t left_ = 0;
  net::Stream* stream_;
};

// Answers whatever arrives in one piece.
class Echo final : public net::ListenerEvents, public net::StreamEvents {
 public:
  explicit Echo(std::string answer) : answer_(std::move(answer)) {}
  ~Echo() {
    if (stream_ != nullptr) stream_->close();
  }

 private:
  net::StreamEvents* on_accept(net::Stream& stream) override {
    stream_ = &stream;
    return this;
  }
  bool may_accept() override { return stream_ == nullptr; }
  void on_read(std::string_view) override {
    const std::string_view parts[] = {answer_};
    stream_->write(parts);
  }
  void on_end() override {
    stream_->close();
    stream_ = nullptr;
  }
  void on_writable() override {}
  void on_failure() override { on_end(); }

  std::string answer_;
  net::Stream* stream_ = nullptr;
};

class Allocation : public Story {
 protected:
  // The allocations of `count` calls, behind some that warm everything up.
  std::size_t of_calls(std::size_t count, const std::string& call, const std::string& answer) {
    Echo echo(answer);
    network.listen(owner_address(), echo);
    proxy();
    std::size_t counted = 0;
    {
      Repeater repeater(network, call);
      network.run_until_idle();
      repeater.run(network, 1);
      repeater.learn_answer_size();
      repeater.run(network, 10'100);  // one connection to the owner has been used up
      const std::size_t before = allocations;
      repeater.run(network, count);
      counted = allocations - before;
      EXPECT_EQ(repeater.left(), 0u);
      EXPECT_EQ(proxy().metrics().connections_total.value(), 1u);
    }
    network.advance(std::chrono::seconds(10));
    return counted;
  }
};

TEST_F(Allocation, NoneInTenThousandGets) {
  EXPECT_EQ(of_calls(10'000, get("/things/7", "Accept: */*\r\nUser-Agent: node\r\n"),
                     whole_answer("{\"id\":7}", "Content-Type: application/json\r\n")),
            0u);
}

TEST_F(Allocation, NoneInChunkedAnswers) {
  EXPECT_EQ(of_calls(1'000, get("/things/7"),
                     std::string(kChunkedHead) + chunk("hello") + std::string(kLastChunk)),
            0u);
}

TEST_F(Allocation, NoneInPosts) {
  EXPECT_EQ(of_calls(1'000, with_body("POST /things", pattern(500)), whole_answer("done")), 0u);
}

TEST_F(Allocation, NoneWithContext) {
  policy(0).tenant = policy::TenantRule::Required;
  EXPECT_EQ(
      of_calls(1'000,
               get("/things/7",
                   "X-Tenant-ID: 123e4567-e89b-42d3-a456-426614174000\r\n"
                   "X-Request-Timeout-Ms: 5000\r\n"
                   "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n"),
               whole_answer("x")),
      0u);
}

}  // namespace
}  // namespace usher::sim
