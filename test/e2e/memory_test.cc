// Bounded memory: many slow consumers, many bodies that are held, and what is left behind them.
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <list>

#include "support/catalogue.h"
#include "support/platform.h"

namespace e2e {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;
constexpr std::size_t kDefaultMemory = 64 * kMiB;
// What the process needs beside what calls hold: program, configuration, connections, malloc.
constexpr std::size_t kRest = 16 * kMiB;
const std::string kStatus = path("/internal/tickets/", seed::kTicket, "/status");
const std::string kPrice = "/internal/tickets/calculate-price";

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsOurs = false;  // a sanitizer needs a multiple
#else
constexpr bool kMemoryIsOurs = true;
#endif

class BoundedMemory : public PlatformTest {
 protected:
  // This process has two descriptors for each slow consumer.
  void SetUp() override {
    PlatformTest::SetUp();
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < 8'000) GTEST_SKIP() << "this machine allows few descriptors";
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
  }

  Sidecar& start(const RawOwner& owner) {
    config_.redirect("ticket-service", owner.address());
    Json& service = config_.service("ticket-service");
    service["connections"] = 2000;
    service["timeout"] = "60s";
    service["per_try_timeout"] = "30s";
    service["connect_timeout"] = "30s";
    sidecar_ = std::make_unique<Sidecar>(config_, "payment-service");
    return *sidecar_;
  }
  double held() const { return sidecar_->metric("usher_buffer_bytes "); }
  bool memory_falls_to(std::size_t bytes) const {
    return !kMemoryIsOurs || eventually([&] { return sidecar_->process().resident() <= bytes; });
  }

  Config config_;
  std::unique_ptr<Sidecar> sidecar_;
};

// With small buffers in the kernel, which are not Usher's.
void shrink(const Socket& socket, int option) {
  const int bytes = 16 * 1024;
  ::setsockopt(socket.fd(), SOL_SOCKET, option, &bytes, sizeof bytes);
}

TEST_F(BoundedMemory, AThousandSlowConsumersOfLargeAnswers) {
  constexpr int kConsumers = 1000;
  const std::string body(16 * kMiB, 'x');
  RawOwner owner([&](Peer& peer) {
    shrink(peer.socket(), SO_SNDBUF);
    while (const auto request = peer.read()) {
      if (request->fields.has("X-Small")) {
        peer.answer();
      } else if (!peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
                            "\r\n\r\n") ||
                 !peer.send(body)) {
        return;
      }
    }
  });
  start(owner);
  const std::size_t before = sidecar_->process().resident();
  std::list<Client> consumers;
  for (int i = 0; i < kConsumers; ++i) {
    Client& consumer = consumers.emplace_back(sidecar_->port());
    shrink(consumer.socket(), SO_RCVBUF);
    consumer.send(get(kStatus));
    if (i % 50 == 49) owner.requests(consumers.size());  // its backlog is short
  }
  // They hold something each, and nothing moves any more.
  EXPECT_TRUE(eventually([&, last = 0.0, same = 0]() mutable {
    same = held() == last ? same + 1 : 0;
    last = held();
    return same >= 20 && last > kConsumers * 32.0 * 1024;
  }));
  EXPECT_EQ(sidecar_->metric("usher_calls_active"), kConsumers);
  EXPECT_LT(held(), kDefaultMemory);
  const std::size_t during = sidecar_->process().resident();
  if (kMemoryIsOurs) {
    EXPECT_LT(during, kDefaultMemory + kRest);
  }
  EXPECT_EQ(sidecar_->call(get(kStatus).with("X-Small", "1")).status, 200) << "one who reads";
  consumers.clear();
  EXPECT_TRUE(eventually([&] { return held() == 0; }));
  EXPECT_TRUE(memory_falls_to(before + (during - before) / 4));
  EXPECT_EQ(sidecar_->call(get(kStatus).with("X-Small", "1")).status, 200);
}

bool has_answer(Client& client) {
  pollfd readable{client.socket().fd(), POLLIN, 0};
  return ::poll(&readable, 1, 0) == 1;
}

// Signatures cover these bodies, so each is held whole.
TEST_F(BoundedMemory, HeldBodiesBeyondTheBudgetAreRefused) {
  constexpr std::size_t kConsumers = 40;
  config_.usher()["limits"]["memory"] = "8MiB";
  config_.service("ticket-service")["auth"]["preset"] = "standard";
  RawOwner owner;
  start(owner);
  const std::string text = post(kPrice, std::string(kMiB, ' ')).text();
  const std::string_view all_but_the_last(text.data(), text.size() - 1);
  std::list<Client> held_ones;
  std::size_t refused = 0;
  for (std::size_t i = 0; i < kConsumers; ++i) {
    Client& consumer = held_ones.emplace_back(sidecar_->port());
    consumer.send(all_but_the_last);
    const double all_held = static_cast<double>(held_ones.size() * (kMiB - 1));
    ASSERT_TRUE(eventually([&] { return has_answer(consumer) || held() >= all_held; }));
    if (!has_answer(consumer)) continue;
    const Response response = consumer.read();
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.code(), "OVERLOADED");
    EXPECT_EQ(response.fields.one("Retry-After"), "1");
    held_ones.pop_back();
    ++refused;
  }
  EXPECT_GE(held_ones.size(), 5U);
  EXPECT_LE(held_ones.size(), 8U);
  EXPECT_EQ(held_ones.size() + refused, kConsumers);
  EXPECT_EQ(sidecar_->metric("usher_calls_shed_total{reason=\"memory\"}") +
                sidecar_->metric("usher_calls_shed_total{reason=\"held_body\"}"),
            refused);
  for (Client& consumer : held_ones) {
    consumer.send(" ");
    EXPECT_EQ(consumer.read().status, 200);
  }
  EXPECT_TRUE(eventually([&] { return held() == 0; }));
  EXPECT_EQ(sidecar_->call(post(kPrice, std::string(kMiB, ' '))).status, 200);
}

}  // namespace
}  // namespace e2e
