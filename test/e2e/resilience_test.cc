// Owners that fail now and then: what is tried again, how, and how often.
#include <atomic>
#include <mutex>
#include <regex>
#include <set>
#include <thread>

#include "support/platform.h"

namespace e2e {
namespace {

const std::string kStatus = path("/internal/tickets/", seed::kTicket, "/status");
const std::string kTransfer = path("/internal/tickets/", seed::kTicket, "/transfer");
const std::string kUuid4 = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";

std::string with_status(int status, const std::string& more_fields = "") {
  return "HTTP/1.1 " + std::to_string(status) + " Told\r\n" + more_fields +
         "Content-Length: 4\r\n\r\ntold";
}
const std::string kReset;  // instead of an answer

// Gives these answers, one after another whatever the connection; then 200 {}.
class ScriptedOwner {
 public:
  explicit ScriptedOwner(std::vector<std::string> answers = {}) : answers_(std::move(answers)) {}

  void then(std::vector<std::string> answers) {
    const std::lock_guard lock(mutex_);
    answers_ = std::move(answers);
    next_ = 0;
  }
  RawOwner& owner() { return owner_; }
  std::vector<Message> requests() { return owner_.requests(); }

 private:
  std::optional<std::string> next() {
    const std::lock_guard lock(mutex_);
    if (next_ == answers_.size()) return std::nullopt;
    return answers_[next_++];
  }
  void serve(Peer& peer) {
    while (peer.read()) {
      const auto answer = next();
      if (answer == kReset) return peer.reset();
      answer ? peer.send(*answer) : peer.answer();
    }
  }

  std::mutex mutex_;
  std::vector<std::string> answers_;
  std::size_t next_ = 0;
  RawOwner owner_{[this](Peer& peer) { serve(peer); }};
};

class Resilience : public PlatformTest {
 protected:
  // Three attempts that hardly wait, on what the platform's client means to retry; no breaker, and
  // a budget that a few calls do not spend.
  Resilience() {
    Json& service = config_.service("ticket-service");
    service["retry"] = {{"preset", "fast"}, {"initial_delay", "1ms"}, {"max_delay", "2ms"}};
    service["breaker"] = false;
    service["retry_budget"] = {{"share", 1}, {"floor_per_second", 100}};
    config_.endpoint("ticket-service", "ticket-status").erase("retry");
  }
  Sidecar sidecar(const std::string& consumer = "payment-service") {
    return Sidecar(config_.redirect("ticket-service", owner_.owner().address()), consumer);
  }
  Json& endpoint(const std::string& name) { return config_.endpoint("ticket-service", name); }

  Config config_;
  ScriptedOwner owner_;
};

int attempts_of(const Response& response) {
  return std::stoi(response.fields.one("Usher-Attempts"));
}

TEST_F(Resilience, WhatIsWorthItIsTriedAgain_M058) {
  const Sidecar with_owner = sidecar();
  for (const int status : {429, 500, 502, 503, 504, 599}) {
    owner_.then({with_status(status), with_status(status)});
    const Response response = with_owner.call(get(kStatus));
    EXPECT_EQ(response.status, 200) << status;
    EXPECT_EQ(attempts_of(response), 3);
    EXPECT_EQ(response.fields.one("Proxy-Status"), "usher; details=\"retried\"");
  }
  for (const int status : {400, 401, 403, 404, 409, 501}) {
    owner_.then({with_status(status)});
    const Response response = with_owner.call(get(kStatus));
    EXPECT_EQ(response.status, status);
    EXPECT_EQ(attempts_of(response), 1);
    EXPECT_EQ(response.body, "told");
    EXPECT_FALSE(response.fields.has("Proxy-Status"));
  }
  owner_.then({with_status(503), with_status(502), with_status(500), with_status(503)});
  EXPECT_EQ(with_owner.call(get(kStatus)).status, 500) << "the owner's last word";
  owner_.then({kReset, kReset});  // one of them may be a connection that is used again
  EXPECT_EQ(with_owner.call(get(kStatus)).status, 200);
}

TEST_F(Resilience, WithoutAWordOfConfigurationReadsAreTriedThreeTimes) {
  config_.service("ticket-service").erase("retry");
  const Sidecar with_owner = sidecar();
  owner_.then({with_status(503), with_status(503)});
  EXPECT_EQ(attempts_of(with_owner.call(get(kStatus))), 3);
  owner_.then({with_status(500)});
  EXPECT_EQ(attempts_of(with_owner.call(get(kStatus))), 1) << "it mostly fails so again";
}

TEST_F(Resilience, MutationsAreNotRepeatedReadOnlyPostsAre_M058) {
  const Sidecar with_owner = sidecar();
  for (const std::string& failure : {kReset, with_status(503)}) {
    owner_.then({failure, failure});
    const Response cancel = with_owner.call(post("/internal/tickets/cancel-batch", "{}"));
    EXPECT_EQ(cancel.status, failure == kReset ? 502 : 503);
    EXPECT_EQ(attempts_of(cancel), 1);
    owner_.then({failure});
    const Response price = with_owner.call(post("/internal/tickets/calculate-price", "[1]"));
    EXPECT_EQ(price.status, 200);
    EXPECT_EQ(owner_.requests().back().body, "[1]") << "the body went again";
  }
}

TEST_F(Resilience, ConnectionsThatAreRefusedAreTriedAgainForAnyCall_M058) {
  const DeadPort dead;
  config_.redirect("ticket-service", "http://127.0.0.1:" + std::to_string(dead.port()));
  const Sidecar alone(config_, "payment-service");
  for (const Request& request : {get(kStatus), post("/internal/tickets/cancel-batch", "{}")}) {
    const Response response = alone.call(request);
    EXPECT_EQ(response.code(), "UPSTREAM_CONNECT_FAILED");
    EXPECT_EQ(attempts_of(response), 3);
    EXPECT_EQ(response.fields.one("Usher-Retry-Safe"), "yes") << "nothing was sent";
  }
}

TEST_F(Resilience, PresetsOfThePlatformAreThereByName_M092) {
  const std::pair<const char*, int> presets[] = {
      {"none", 1}, {"fast", 3}, {"standard", 4}, {"aggressive", 6}, {"patient", 6}};
  for (const auto& [name, attempts] : presets) {
    Json& retry = endpoint("ticket-status")["retry"];
    retry = {{"preset", name}};
    if (attempts > 1) retry.update({{"initial_delay", "1ms"}, {"max_delay", "2ms"}});
    owner_.then(std::vector<std::string>(10, with_status(503)));
    EXPECT_EQ(attempts_of(sidecar().call(get(kStatus))), attempts) << name;
  }
}

TEST_F(Resilience, TheOwnersRetryAfterIsKeptOrPassedOn_M058) {
  const Sidecar with_owner = sidecar();
  owner_.then({with_status(503, "Retry-After: 60\r\n")});
  const Response later = with_owner.call(get(kStatus));
  EXPECT_EQ(later.status, 503);
  EXPECT_EQ(attempts_of(later), 1);
  EXPECT_EQ(later.fields.one("Retry-After"), "60");
  owner_.then({with_status(503, "Retry-After: 1\r\n")});
  const Request hurried = get(kStatus).with("X-Request-Timeout-Ms", "900");
  EXPECT_EQ(attempts_of(with_owner.call(hurried)), 1) << "its deadline comes first";
}

TEST_F(Resilience, ConsumersAndOwnersMaySayNo) {
  const Sidecar with_owner = sidecar();
  const auto attempts = [&](const Request& request, const std::string& failure) {
    owner_.then({failure, failure});
    return attempts_of(with_owner.call(request));
  };
  EXPECT_EQ(attempts(get(kStatus).with("X-Retry", "off"), with_status(503)), 1);
  EXPECT_EQ(attempts(get(kStatus).with("X-Retry-Attempt", "1"), with_status(503)), 1);
  EXPECT_EQ(attempts(get(kStatus), with_status(503, "X-Retry-Advice: no\r\n")), 1);
  EXPECT_EQ(attempts(get(kStatus), with_status(503)), 3);
}

// All that may differ is the attempt's own.
TEST_F(Resilience, AttemptsCarryTheSameIdentityAndSpansOfTheirOwn_M059_M060) {
  owner_.then({with_status(503), with_status(503)});
  const Response response = sidecar().call(get(kStatus)
                                               .with("X-User-ID", std::string(seed::kAlice))
                                               .with("X-Trace-ID", "trace-7")
                                               .with("X-Span-ID", "span-7"));
  EXPECT_EQ(response.fields.one("X-Trace-ID"), "trace-7");
  const std::vector<Message> attempts = owner_.requests();
  ASSERT_EQ(attempts.size(), 3U);
  const std::set<std::string> own = {"traceparent", "X-Retry-Attempt", "X-Request-Timeout-Ms",
                                     "x-internal-timestamp", "x-internal-signature"};
  std::set<std::string> traces, spans;
  for (std::size_t i = 0; i < attempts.size(); ++i) {
    for (const auto& [name, value] : attempts[0].fields) {
      if (own.contains(name)) continue;
      EXPECT_EQ(attempts[i].fields.one(name), value) << name;
    }
    const std::string parent = attempts[i].fields.one("traceparent");
    traces.insert(parent.substr(0, 36));
    spans.insert(parent.substr(36, 16));
    EXPECT_EQ(attempts[i].fields.all("X-Retry-Attempt"),
              i == 0 ? std::vector<std::string>{} : std::vector{std::to_string(i)});
  }
  EXPECT_EQ(traces.size(), 1U);
  EXPECT_EQ(spans.size(), 3U);
  EXPECT_EQ(attempts[2].fields.one("X-Tenant-ID"), seed::kTenant);
  EXPECT_EQ(attempts[2].fields.one("X-User-ID"), seed::kAlice);
  EXPECT_EQ(attempts[2].fields.one("X-Span-ID"), "span-7") << "it is the consumer's";
}

TEST_F(Resilience, EachAttemptIsSignedAnew_M011) {
  owners().set_scheme("ticket", "standard");
  config_.service("ticket-service")["auth"]["preset"] = "standard";
  owners().add_fault({{"kind", "status"},
                      {"status", 503},
                      {"headers", {{"retry-after", "1"}}},
                      {"afterAuth", true},
                      {"times", 1}});
  const Sidecar with_owners(config_, "payment-service");
  EXPECT_EQ(attempts_of(with_owners.call(get(kStatus))), 2);
  const auto field = [](const Json& request, const std::string& name) {
    for (const Json& entry : request.at("headers")) {
      if (same_name(entry.at(0).get<std::string>(), name)) return entry.at(1).get<std::string>();
    }
    return std::string();
  };
  const Json attempts = owners().requests("ticket", 2);
  EXPECT_EQ(attempts.at(0).at("verdict"), "fault") << "it would have been served";
  EXPECT_EQ(attempts.at(1).at("verdict"), "served");
  EXPECT_NE(field(attempts[0], "x-internal-nonce"), field(attempts[1], "x-internal-nonce"));
  EXPECT_GE(std::stoll(field(attempts[1], "x-internal-timestamp")),
            std::stoll(field(attempts[0], "x-internal-timestamp")) + 1000);
}

TEST_F(Resilience, MutationsHaveOneKeyForAllAttempts_M061) {
  endpoint("ticket-transfer")["idempotent"] = "key";
  const Sidecar with_owner = sidecar("transfer-service");
  const Request transfer = post(kTransfer, "{}");
  owner_.then({kReset, with_status(503)});
  EXPECT_EQ(with_owner.call(transfer).status, 200);
  EXPECT_EQ(with_owner.call(transfer).status, 200);
  owner_.then({with_status(503)});
  EXPECT_EQ(with_owner.call(transfer.with("Idempotency-Key", "mine")).status, 200);
  std::vector<std::string> keys;
  for (const Message& request : owner_.requests()) {
    keys.push_back(request.fields.one("Idempotency-Key"));
  }
  ASSERT_EQ(keys.size(), 6U);
  EXPECT_TRUE(std::regex_match(keys[0], std::regex(kUuid4))) << keys[0];
  EXPECT_EQ(keys[1], keys[0]);
  EXPECT_EQ(keys[2], keys[0]);
  EXPECT_TRUE(std::regex_match(keys[3], std::regex(kUuid4)));
  EXPECT_NE(keys[3], keys[0]) << "another call";
  EXPECT_EQ(keys[4], "mine");
  EXPECT_EQ(keys[5], "mine");
}

TEST_F(Resilience, AnOwnerThatFailsAlwaysGetsAFifthMore_M058) {
  constexpr int kCalls = 1000;
  config_.service("ticket-service").erase("retry_budget");
  const Sidecar with_owner = sidecar();
  owner_.then(std::vector<std::string>(3 * kCalls, with_status(503)));
  Client client(with_owner.port());
  for (int i = 0; i < kCalls; ++i) ASSERT_EQ(client.call(get(kStatus)).status, 503);
  const std::size_t received = owner_.requests().size();
  EXPECT_LE(received, kCalls * 12U / 10U);
  EXPECT_GT(received, kCalls * 11U / 10U);
  EXPECT_GT(with_owner.metric(R"(usher_retries_total{service="ticket-service",)"
                              R"(endpoint="ticket-status",decision="no_budget"})"),
            0);
}

// Each resets a fiftieth of the calls that it gets, the repeated ones too.
TEST_F(Resilience, NoReadIsLostToConnectionsThatDie_M058) {
  constexpr int kCalls = 2500;
  config_.service("ticket-service").erase("retry_budget");
  std::atomic<int> received = 0;
  RawOwner owner([&](Peer& peer) {
    while (peer.read_head()) {
      if (++received % 50 == 0) return peer.reset();
      if (!peer.answer()) return;
    }
  });
  const Sidecar with_owner(config_.redirect("ticket-service", owner.address()), "payment-service");
  std::atomic<int> answered = 0;
  std::vector<std::thread> consumers;
  for (int i = 0; i < 4; ++i) {
    consumers.emplace_back([&] {
      Client client(with_owner.port());
      for (int call = 0; call < kCalls; ++call) {
        if (client.call(get(kStatus)).status == 200) ++answered;
      }
    });
  }
  for (std::thread& consumer : consumers) consumer.join();
  EXPECT_EQ(answered, 4 * kCalls);
  EXPECT_GT(received, 4 * kCalls);
}

}  // namespace
}  // namespace e2e
