// Out of descriptors, out of room for connections, slow-loris: whoever is served goes on being
// served, the others are told, and nothing has to be done for it to be over.
#include <gmock/gmock.h>

#include <chrono>
#include <list>

#include "support/catalogue.h"
#include "support/platform.h"

namespace e2e {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

const std::string kStatus = path("/internal/tickets/", seed::kTicket, "/status");

// Works less than half of the time while `action` runs and for another half second: what spins
// works all of it.
template <typename Action>
void expect_no_spinning(const Process& process, Action action) {
  const auto start = steady_clock::now();
  const milliseconds worked = process.cpu_time();
  action();
  const auto until = steady_clock::now() + milliseconds(500);
  eventually([&] { return steady_clock::now() > until; });
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - start);
  EXPECT_LT((process.cpu_time() - worked).count(), took.count() / 2);
}

class Exhaustion : public PlatformTest {
 protected:
  Exhaustion() { config_.redirect("ticket-service", owner_.address()); }

  Sidecar& start(rlim_t descriptors = 0) {
    sidecar_ = std::make_unique<Sidecar>(config_, "payment-service", Environment{}, descriptors);
    return *sidecar_;
  }
  // A kept-alive connection that has been served.
  Client& served_client() {
    Client& client = clients_.emplace_back(sidecar_->port());
    EXPECT_EQ(client.call(get(kStatus)).status, 200);
    return client;
  }
  // Connections that have all sent a call.
  void flood(int count) {
    for (int i = 0; i < count; ++i) flood_.emplace_back(sidecar_->port()).send(get(kStatus));
  }
  struct Answers {
    int ok = 0;
    int overloaded = 0;
  };
  // Reads the flood's answers; whoever was refused goes.
  Answers read_flood() {
    Answers answers;
    for (auto client = flood_.begin(); client != flood_.end();) {
      const Response response = client->read();
      const bool is_ok = response.status == 200;
      ++(is_ok ? answers.ok : answers.overloaded);
      if (!is_ok) {
        EXPECT_EQ(response.status, 503);
        EXPECT_EQ(response.code(), "OVERLOADED");
        EXPECT_EQ(response.fields.one("Retry-After"), "1");
        EXPECT_EQ(response.fields.one("Connection"), "close");
        EXPECT_TRUE(client->closed_by_peer());
      }
      client = is_ok ? std::next(client) : flood_.erase(client);
    }
    return answers;
  }

  RawOwner owner_;
  Config config_;
  std::unique_ptr<Sidecar> sidecar_;
  std::list<Client> clients_;
  std::list<Client> flood_;
};

class OutOfDescriptors : public Exhaustion {
 protected:
#if defined(__SANITIZE_ADDRESS__)
  void SetUp() override {
    GTEST_SKIP() << "UBSan opens a pipe to look at an object, and takes its failure for a bad one";
  }
#endif
};

TEST_F(Exhaustion, FewDescriptorsMeanFewConnections) {
  start(64);
  EXPECT_TRUE(sidecar_->logs("limits.connections is more than there are file descriptors for"));
  EXPECT_TRUE(sidecar_->logs(R"("configured":4096)"));
  const double limit = sidecar_->metric("usher_connections_limit");
  EXPECT_GE(limit, 4);
  EXPECT_LE(limit, 32);
  Client& first = served_client();
  Client& second = served_client();
  expect_no_spinning(sidecar_->process(), [&] {
    flood(200);
    EXPECT_EQ(first.call(get(kStatus)).status, 200);
    const Answers answers = read_flood();
    EXPECT_EQ(answers.ok, limit - 2);
    EXPECT_EQ(answers.overloaded, 200 - answers.ok);
    EXPECT_EQ(second.call(get(kStatus)).status, 200);
  });
  EXPECT_EQ(sidecar_->metric("usher_connections_refused_total"), 200 - (limit - 2));
  EXPECT_EQ(sidecar_->metric("usher_accept_failures_total"), 0) << "it never ran out";
  flood_.clear();
  EXPECT_TRUE(eventually([&] { return sidecar_->metric("usher_consumer_connections") == 2; }));
  served_client();
}

TEST_F(OutOfDescriptors, TheLastDescriptorTellsThatThereIsNone) {
  start();
  Client& client = served_client();
  const Process& process = sidecar_->process();
  process.limit_descriptors(process.next_descriptor());
  flood(5);
  const Answers answers = read_flood();
  EXPECT_EQ(answers.overloaded, 5);
  EXPECT_EQ(client.call(get(kStatus)).status, 200);
  EXPECT_TRUE(sidecar_->logs("connections cannot be accepted"));
  process.limit_descriptors(1024);
  served_client();
  EXPECT_GE(sidecar_->metric("usher_accept_failures_total"), 1);
}

// Not even the reserve can be opened again then.
TEST_F(OutOfDescriptors, ALimitLoweredBelowWhatIsOpen) {
  start();
  Client& client = served_client();
  const Process& process = sidecar_->process();
  process.limit_descriptors(3);
  expect_no_spinning(process, [&] {
    flood(50);
    EXPECT_EQ(client.call(get(kStatus)).status, 200);
    // An owner to whom no connection can be had, and none that could be given up for it: the call
    // is answered all the same, and does not hang.
    const Response other = client.call(get(path("/internal/orders/", seed::kOrder)));
    EXPECT_EQ(other.status, 503);
    EXPECT_EQ(other.code(), "OVERLOADED");
  });
  process.limit_descriptors(1024);
  EXPECT_EQ(read_flood().ok, 50);
  EXPECT_EQ(client.call(get(kStatus)).status, 200);
}

TEST_F(Exhaustion, ConnectionsBeyondTheLimit) {
  config_.usher()["limits"]["connections"] = 4;
  start();
  EXPECT_EQ(sidecar_->metric("usher_connections_limit"), 4);
  Client& client = served_client();
  flood(20);
  const Answers answers = read_flood();
  EXPECT_EQ(answers.ok, 3);
  EXPECT_EQ(answers.overloaded, 17);
  EXPECT_EQ(client.call(get(kStatus)).status, 200);
  EXPECT_EQ(sidecar_->metric("usher_connections_refused_total"), 17);
  flood_.clear();
  EXPECT_TRUE(eventually([&] { return sidecar_->metric("usher_consumer_connections") == 1; }));
  served_client();
}

TEST_F(Exhaustion, SlowLoris) {
  constexpr int kCount = 500;
  config_.usher()["outbound"]["head_timeout"] = "1s";
  start();
  for (int i = 0; i < kCount; ++i) flood_.emplace_back(sidecar_->port()).send("G");
  Client& client = served_client();
  const auto start = steady_clock::now();
  const std::string_view more = "ET / HTTP/1.1\r\nX-Slow: ";
  for (const char byte : more) {  // a byte now and then keeps nobody from being cut
    for (Client& slow : flood_) slow.send({&byte, 1});
    EXPECT_EQ(client.call(get(kStatus)).status, 200);
    if (steady_clock::now() - start > milliseconds(600)) break;
  }
  for (Client& slow : flood_) {
    const Response response = slow.read();
    EXPECT_EQ(response.status, 408);
    EXPECT_EQ(response.code(), "REQUEST_TIMEOUT");
  }
  EXPECT_EQ(client.call(get(kStatus)).status, 200);
}

}  // namespace
}  // namespace e2e
