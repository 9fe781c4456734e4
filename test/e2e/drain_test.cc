// The graceful end: calls in flight finish, nobody new is let in, and the exit status is 0.
#include <atomic>
#include <csignal>

#include "support/catalogue.h"
#include "support/error_check.h"

namespace e2e {
namespace {

const std::string kStatus = path("/internal/tickets/", seed::kTicket, "/status");

class Drain : public PlatformTest {
 protected:
  // A sidecar whose calls to ticket-service are answered only when the test says so.
  void start(const Json& drain = nullptr) {
    Config config;
    config.redirect("ticket-service", owner_.address());
    if (!drain.is_null()) config.usher()["drain"] = drain;
    sidecar_ = std::make_unique<Sidecar>(config, "payment-service");
  }
  // A call that the owner has received.
  std::unique_ptr<Client> call_in_flight() {
    const std::size_t before = owner_.requests().size();
    auto client = std::make_unique<Client>(sidecar_->port());
    client->send(get(kStatus));
    owner_.requests(before + 1);
    return client;
  }
  bool refuses_connections() const {
    try {
      Socket::connect(sidecar_->port());
      return false;
    } catch (const std::exception&) {
      return true;
    }
  }
  void terminate() { sidecar_->process().signal(SIGTERM); }

  std::atomic<bool> may_answer_ = false;
  RawOwner owner_{[this](Peer& peer) {
    while (peer.read()) {
      while (!may_answer_) pause_briefly();
      peer.answer(R"({"late":true})");
    }
  }};
  std::unique_ptr<Sidecar> sidecar_;

  ~Drain() override { may_answer_ = true; }
};

TEST_F(Drain, CallsInFlightFinishAndNewConnectionsAreRefused) {
  start();
  const auto client = call_in_flight();
  terminate();
  EXPECT_TRUE(eventually([&] { return refuses_connections(); }));
  const Response ready = sidecar_->admin("/ready");
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(sidecar_->admin("/live").status, 200);
  EXPECT_EQ(sidecar_->metric("usher_ready"), 0);
  may_answer_ = true;
  const Response response = client->read();
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"late":true})");
  EXPECT_EQ(response.fields.one("Connection"), "close");
  EXPECT_TRUE(client->closed_by_peer());
  client->socket().close();
  EXPECT_EQ(sidecar_->process().wait(), 0);
}

TEST_F(Drain, CallsOnKeptConnectionsAreRefusedWhileOthersFinish) {
  start();
  Client kept(sidecar_->port());
  EXPECT_EQ(kept.call(get("/nowhere")).code(), "NO_ENDPOINT");
  const auto client = call_in_flight();
  terminate();
  EXPECT_TRUE(eventually([&] { return refuses_connections(); }));
  const Response refused = kept.call(get(kStatus));
  expect_error(refused, {.code = "DRAINING",
                         .status = 503,
                         .proxy_status = "proxy_internal_response",
                         .retryable = true});
  EXPECT_TRUE(kept.closed_by_peer());
  kept.socket().close();
  may_answer_ = true;
  EXPECT_EQ(client->read().status, 200);
  client->socket().close();
  EXPECT_EQ(sidecar_->process().wait(), 0);
}

TEST_F(Drain, TheTimeoutCutsWhatIsLeft) {
  start({{"timeout", "100ms"}});
  const auto client = call_in_flight();
  terminate();
  EXPECT_EQ(sidecar_->process().wait(), 0);
  EXPECT_TRUE(client->socket().read().empty()) << "cut without an answer";
  EXPECT_TRUE(sidecar_->logs("drain.timeout"));
}

TEST_F(Drain, ASecondSignalDoesNotWait) {
  start();
  const auto client = call_in_flight();
  terminate();
  EXPECT_TRUE(eventually([&] { return refuses_connections(); }));
  sidecar_->process().signal(SIGINT);
  EXPECT_EQ(sidecar_->process().wait(), 0);
}

TEST_F(Drain, NotReadyComesBeforeTheListenersClose) {
  start({{"delay", "1m"}});
  may_answer_ = true;
  EXPECT_EQ(sidecar_->admin("/ready").status, 200);
  terminate();
  EXPECT_TRUE(eventually([&] { return sidecar_->admin("/ready").status == 503; }));
  EXPECT_EQ(sidecar_->call(get(kStatus)).status, 200) << "served until the delay is over";
  terminate();
  EXPECT_EQ(sidecar_->process().wait(), 0);
}

TEST_F(Drain, ASignalRightAfterTheListenersAreAnnouncedEndsItInOrder) {
  for (int i = 0; i < 20; ++i) {
    start();
    terminate();
    ASSERT_EQ(sidecar_->process().wait(), 0);
  }
}

TEST_F(Drain, IdleProcessesEndAtOnce) {
  start();
  may_answer_ = true;
  Client idle(sidecar_->port());
  EXPECT_EQ(idle.call(get(kStatus)).status, 200);
  const auto begin = std::chrono::steady_clock::now();
  sidecar_->process().signal(SIGINT);
  EXPECT_TRUE(idle.closed_by_peer());
  EXPECT_EQ(sidecar_->process().wait(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_TRUE(sidecar_->logs("\"stopped\""));
}

}  // namespace
}  // namespace e2e
