#include "server/connections_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "server/worker.h"

namespace usher::server {
namespace {

using testing::HasSubstr;

constexpr auto kAttempt = static_cast<std::size_t>(proxy::Phase::Attempt);

Inventory busy_inventory() {
  Inventory inventory;
  inventory.consumers = 5;
  inventory.consumers_in_head = 1;
  inventory.consumers_in_call = 2;
  inventory.calls[kAttempt] = 2;
  inventory.exchanges_lent = 2;
  inventory.exchanges_kept = 3;
  inventory.streams = 9;
  inventory.timers = 6;
  inventory.chunks = 1;
  inventory.hosts = {{.service = "ticket-service",
                      .address = "ticket-service:3004",
                      .resolved = "10.0.0.7:3004",
                      .connections = {.connections = 4, .idle = 1, .connecting = 1, .waiting = 7}},
                     {.service = "ticket-service", .address = "10.0.0.9"},
                     {.service = "order-service", .address = "order-service"}};
  return inventory;
}

const std::string kBusyMembers =
    R"("consumers":{"connections":5,"idle":2,"head":1,"call":2},)"
    R"("calls":{"active":2,"phases":{"route":0,"context":0,"lookup":0,"hold-body":0,"limit":0,)"
    R"("admit":0,"attempt":2,"backoff":0,"invalidate":0,)"
    R"("relay":0,"finish":0}},)"
    R"("exchanges":{"lent":2,"kept":3},"streams":9,"timers":6,"chunkBytes":16384,)"
    R"("owners":[{"service":"ticket-service","hosts":[)"
    R"({"address":"ticket-service:3004","resolved":["10.0.0.7:3004"],"ejected":false,)"
    R"("connections":4,"idle":1,"leased":2,"connecting":1,"waiting":7},)"
    R"({"address":"10.0.0.9","resolved":[],"ejected":false,)"
    R"("connections":0,"idle":0,"leased":0,"connecting":0,"waiting":0}]},)"
    R"({"service":"order-service","hosts":[{"address":"order-service","resolved":[],)"
    R"("ejected":false,"connections":0,"idle":0,"leased":0,"connecting":0,"waiting":0}]}])";

TEST(ConnectionsPage, ShowsTheSumAndEachWorker) {
  const Inventory workers[] = {busy_inventory()};
  EXPECT_EQ(render_connections(workers),
            "{" + kBusyMembers + ",\"workers\":[{" + kBusyMembers + "}]}\n");
}

TEST(ConnectionsPage, AddsTheWorkersHostByHost) {
  Inventory other = busy_inventory();
  other.hosts[0].ejected = true;
  HostInventory newer = other.hosts[0];
  newer.resolved = "10.0.0.8:3004";
  other.hosts.insert(other.hosts.begin() + 1, newer);
  const Inventory workers[] = {busy_inventory(), other};
  const std::string page = render_connections(workers);
  const std::string sum = page.substr(0, page.find("\"workers\""));
  EXPECT_THAT(sum, HasSubstr(R"("consumers":{"connections":10,"idle":4,"head":2,"call":4})"));
  EXPECT_THAT(sum, HasSubstr(R"("active":4)"));
  EXPECT_THAT(sum, HasSubstr(R"("exchanges":{"lent":4,"kept":6})"));
  EXPECT_THAT(sum, HasSubstr(R"("streams":18,"timers":12,"chunkBytes":32768)"));
  EXPECT_THAT(sum, HasSubstr(R"("resolved":["10.0.0.7:3004"],"ejected":true,"connections":8,)"
                             R"("idle":2,"leased":4,"connecting":2,"waiting":14)"));
  EXPECT_THAT(sum, HasSubstr(R"("waiting":0},{"address":"ticket-service:3004",)"
                             R"("resolved":["10.0.0.8:3004"],"ejected":true,"connections":4,)"));
  EXPECT_LT(sum.find("10.0.0.8"), sum.find("order-service"));
}

TEST(ConnectionsPage, AWorkerThatDoesNotAnswerIsNamed) {
  std::promise<Inventory> quick, stuck;
  quick.set_value({});
  std::future<Inventory> workers[] = {quick.get_future(), stuck.get_future()};
  const AdminAnswer answer = answer_connections(workers, Instant{});
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.body, "{\"error\":\"worker 1 did not answer in time\"}\n");
}

class CountingWorker : public testing::Test {
 protected:
  static std::shared_ptr<const config::Snapshot> snapshot() {
    auto snapshot = std::make_shared<config::Snapshot>();
    snapshot->workers = 1;
    upstream::ClusterOptions& cluster = snapshot->clusters.emplace_back();
    cluster.service = "ticket-service";
    cluster.addresses = {{.host = "127.0.0.1", .port = 3004, .authority = "127.0.0.1:3004"}};
    return snapshot;
  }

  Worker worker_{
      make_worker_setup(snapshot(), RestartSettings(*snapshot())), {}, {.served = 16}, [] {}};
};

TEST_F(CountingWorker, AnswersFromItsLoop) {
  std::future<Inventory> count = worker_.count();
  worker_.start();
  const Inventory inventory = count.get();
  worker_.stop();
  ASSERT_EQ(inventory.hosts.size(), 1U);
  EXPECT_EQ(inventory.hosts[0].service, "ticket-service");
  EXPECT_EQ(inventory.hosts[0].resolved, "127.0.0.1:3004");
  EXPECT_EQ(inventory.consumers + inventory.streams + inventory.timers + inventory.chunks, 0U);
}

// Whoever asked has given up before the worker counts, or the worker never does.
TEST_F(CountingWorker, MayAnswerTooLateOrNever) {
  {
    std::future<Inventory> counts[] = {worker_.count()};
    EXPECT_EQ(answer_connections(counts, Instant{}).status, 503);
  }
  worker_.start();
  worker_.count().wait();
  worker_.stop();
  worker_.join();
  std::future<Inventory> counts[] = {worker_.count()};
  EXPECT_EQ(answer_connections(counts, Instant{}).status, 503);
}

}  // namespace
}  // namespace usher::server
