// A warm command to Redis allocates nothing: neither here, nor in hiredis, nor in the simulated
// network under it.

#include <gtest/gtest.h>

#include <cstdlib>

#include "cache/redis_client.h"
#include "sim/sim_network.h"

namespace {

std::size_t allocations = 0;

}  // namespace

// glibc's own are behind these; what it frees is the same.
extern "C" {
void* __libc_malloc(std::size_t size);                 // NOLINT(bugprone-reserved-identifier)
void* __libc_calloc(std::size_t count, std::size_t);   // NOLINT(bugprone-reserved-identifier)
void* __libc_realloc(void* memory, std::size_t size);  // NOLINT(bugprone-reserved-identifier)

void* malloc(std::size_t size) {
  ++allocations;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  ++allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
  ++allocations;
  return __libc_realloc(memory, size);
}
}

namespace usher::cache {
namespace {

// Says OK to greetings, that it has all slots, and the same value to whatever else comes in one
// piece.
class Server final : public net::ListenerEvents {
 public:
  explicit Server(std::size_t size)
      : reply_("$" + std::to_string(size) + "\r\n" + std::string(size, 'v') + "\r\n") {}

 private:
  struct Session final : net::StreamEvents {
    Session(Server& owner, net::Stream& accepted) : server(&owner), stream(&accepted) {}
    ~Session() { stream->close(); }
    void on_read(std::string_view bytes) override {
      const std::string_view parts[] = {server->reply_to(bytes)};
      stream->write(parts);
    }
    void on_end() override {}
    void on_writable() override {}
    void on_failure() override {}

    Server* server;
    net::Stream* stream;
  };

  net::StreamEvents* on_accept(net::Stream& stream) override {
    sessions_.push_back(std::make_unique<Session>(*this, stream));
    return sessions_.back().get();
  }
  bool may_accept() override { return true; }
  std::string_view reply_to(std::string_view bytes) const {
    if (bytes.find("SETNAME") != bytes.npos) return "+OK\r\n";
    if (bytes.find("SLOTS") == bytes.npos) return reply_;
    return "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:6379\r\n";
  }

  std::string reply_;
  std::vector<std::unique_ptr<Session>> sessions_;
};

// Asks again as soon as it was answered.
class Repeater final : public RedisCommand {
 public:
  explicit Repeater(RedisClient& client) : client_(&client) {}

  void run(sim::SimNetwork& network, int count) {
    left_ = count;
    ask();
    network.run_until_idle();
  }
  int left() const { return left_; }
  std::size_t size() const { return size_; }

 private:
  void on_reply(const RedisReply& reply) override {
    size_ = reply.text().size();
    if (--left_ > 0) ask();
  }
  void on_redis_failure(RedisFailure) override {}
  void ask() {
    const std::string_view args[] = {"GET", "usher:{0123456789abcdef}:e:0123456789abcdef"};
    client_->send(*this, args[1], args);
  }

  RedisClient* client_;
  int left_ = 0;
  std::size_t size_ = 0;
};

class RedisAllocation : public testing::TestWithParam<RedisTopology> {};

TEST_P(RedisAllocation, AWarmCommandAllocatesNothing) {
  for (const std::size_t size : {0u, 100u, 2'000u, 20'000u}) {
    sim::SimNetwork network(1);
    Server server(size);
    network.listen(*net::SocketAddress::from_ip("127.0.0.1", 6379), server);
    RedisOptions options;
    options.topology = GetParam();
    options.addresses = {{"127.0.0.1", 6379, ""}};
    options.connections = 1;
    RedisClient client(network, options);
    network.run_until_idle();
    Repeater repeater(client);
    repeater.run(network, 1000);
    ASSERT_EQ(repeater.left(), 0);
    ASSERT_EQ(repeater.size(), size);
    const std::size_t before = allocations;
    repeater.run(network, 1000);
    EXPECT_EQ(allocations - before, 0u) << "of 1000 replies of " << size << " bytes";
    EXPECT_EQ(repeater.left(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(, RedisAllocation,
                         testing::Values(RedisTopology::Single, RedisTopology::Cluster),
                         [](const auto& one) {
                           return one.param == RedisTopology::Single ? "Single" : "Cluster";
                         });

}  // namespace
}  // namespace usher::cache
