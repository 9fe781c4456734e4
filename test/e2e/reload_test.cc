// A changed configuration, taken into use while calls run.
#include <atomic>
#include <csignal>
#include <fstream>
#include <thread>

#include "support/thing_owner.h"

namespace e2e {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsOurs = false;  // a sanitizer keeps what was freed
#else
constexpr bool kMemoryIsOurs = true;
#endif

class Reload : public testing::Test {
 protected:
  Json& read_endpoint() { return config_.services().at("thing-service")["endpoints"][0]; }
  Json reload(const Sidecar& sidecar) { return sidecar.change("/reload").json(); }
  void write(const Sidecar& sidecar) { config_.write(sidecar.directory()); }
  static int status(const Sidecar& sidecar, const std::string& name = "a") {
    return sidecar.call(read_thing(tenant_number(1), name)).status;
  }

  ThingOwner owner_;
  Config config_ = thing_config(owner_, false);
};

TEST_F(Reload, ByTheAdminPortChangesWhatCallsGoBy) {
  const Sidecar sidecar(config_, "payment-service");
  EXPECT_EQ(status(sidecar), 200);
  EXPECT_EQ(sidecar.call(get("/internal/others/1")).status, 404);
  EXPECT_EQ(reload(sidecar).at("result"), "unchanged");
  read_endpoint()["match"] = "GET /internal/others/{id}";
  write(sidecar);
  const Json report = reload(sidecar);
  EXPECT_EQ(report.at("result"), "applied") << report;
  EXPECT_EQ(report.at("revision"), 2);
  EXPECT_EQ(status(sidecar), 405) << "PUT is still there";
  EXPECT_EQ(sidecar.call(get("/internal/others/1")).status, 200);
  EXPECT_EQ(sidecar.admin("/reload").json().at("revision"), 2);
  EXPECT_EQ(sidecar.metric("usher_config_revision"), 2);
}

TEST_F(Reload, ByAChangedFileAndBySignal) {
  Sidecar sidecar(config_, "payment-service");
  EXPECT_EQ(status(sidecar), 200);
  read_endpoint()["consumers"] = {"somebody-else"};
  write(sidecar);
  EXPECT_TRUE(eventually([&] { return status(sidecar) == 403; }));
  EXPECT_TRUE(sidecar.logs(R"("trigger":"files")"));
  ::kill(sidecar.process().pid(), SIGHUP);
  EXPECT_TRUE(sidecar.logs(R"("trigger":"signal")"));
  EXPECT_EQ(status(sidecar), 403);
}

TEST_F(Reload, OfABadFileKeepsTheGoodOne) {
  const Sidecar sidecar(config_, "payment-service");
  read_endpoint()["timeuot"] = "1s";
  write(sidecar);
  const Response response = sidecar.change("/reload");
  EXPECT_EQ(response.status, 422);
  const Json report = response.json();
  EXPECT_EQ(report.at("result"), "refused");
  const std::string message = report.at("problems").at(0).at("message");
  EXPECT_NE(message.find("did you mean \"timeout\"?"), std::string::npos) << message;
  EXPECT_EQ(status(sidecar), 200);
  EXPECT_EQ(sidecar.admin("/ready").status, 200);
  EXPECT_EQ(sidecar.metric("usher_config_last_reload_successful"), 0);
  read_endpoint().erase("timeuot");
  write(sidecar);
  EXPECT_EQ(reload(sidecar).at("result"), "unchanged") << "what is in use is on disk again";
  EXPECT_EQ(sidecar.metric("usher_config_last_reload_successful"), 1);
}

TEST_F(Reload, KeepsBreakersConnectionsCountersAndCache) {
  read_endpoint()["cache"] = {{"ttl", "60s"}, {"tags", {"thing:{id}"}}};
  read_endpoint()["breaker"] = {{"failure_threshold", 3}, {"reset_timeout", "60s"}};
  const Sidecar sidecar(config_, "payment-service");
  EXPECT_EQ(status(sidecar), 200);
  owner_.set_status(500);
  for (int i = 0; i < 3; ++i) status(sidecar, "failing");
  EXPECT_EQ(status(sidecar, "failing"), 503);
  const double calls = sidecar.metric(
      R"(usher_requests_total{service="thing-service",endpoint="read",outcome="2xx"})");
  config_.services().at("thing-service")["endpoints"][1]["timeout"] = "4s";
  write(sidecar);
  EXPECT_EQ(reload(sidecar).at("result"), "applied");
  EXPECT_EQ(status(sidecar, "failing"), 503) << "the breaker is still open";
  const int reads = owner_.reads();
  EXPECT_EQ(status(sidecar), 200) << "still kept";
  EXPECT_EQ(owner_.reads(), reads);
  EXPECT_EQ(sidecar.metric(
                R"(usher_requests_total{service="thing-service",endpoint="read",outcome="2xx"})"),
            calls + 1);
  EXPECT_EQ(
      sidecar.admin("/connections").json().at("owners").at(0).at("hosts").at(0).at("connections"),
      1);
}

TEST_F(Reload, LetsACallEndUnderThePolicyThatItBeganWith) {
  const Sidecar sidecar(config_, "payment-service");
  owner_.set_pause(std::chrono::milliseconds(600));
  int ended = 0;
  std::thread call([&] { ended = status(sidecar); });
  EXPECT_TRUE(eventually([&] { return owner_.reads() == 1; }));
  config_.services().at("thing-service")["addresses"] = {"http://127.0.0.1:1"};
  read_endpoint()["timeout"] = "10ms";
  read_endpoint()["per_try_timeout"] = "10ms";
  read_endpoint()["connect_timeout"] = "10ms";
  write(sidecar);
  EXPECT_EQ(reload(sidecar).at("result"), "applied");
  EXPECT_EQ(owner_.reads(), 1);
  EXPECT_NE(status(sidecar), 200) << "a new call goes by the new policy";
  call.join();
  EXPECT_EQ(ended, 200);
}

TEST_F(Reload, OpensAndClosesListeners) {
  const Sidecar sidecar(config_, "payment-service");
  const std::string path = sidecar.directory().path() / "own.sock";
  config_.services().at("thing-service")["listen"] = "unix:" + path;
  write(sidecar);
  EXPECT_EQ(reload(sidecar).at("result"), "applied");
  EXPECT_TRUE(std::filesystem::exists(path));
  EXPECT_EQ(status(sidecar), 404) << "it has a listener of its own";
  config_.services().at("thing-service").erase("listen");
  write(sidecar);
  EXPECT_EQ(reload(sidecar).at("result"), "applied");
  EXPECT_EQ(status(sidecar), 200);
}

TEST_F(Reload, SaysWhatNeedsANewProcess) {
  const Sidecar sidecar(config_, "payment-service");
  config_.usher()["workers"] = 2;
  write(sidecar);
  const Json report = reload(sidecar);
  EXPECT_EQ(report.at("result"), "applied");
  EXPECT_EQ(report.at("needsRestart"), Json({"workers"}));
}

int reloads_to_make() {
  const char* count = std::getenv("USHER_RELOADS");
  return count == nullptr ? 60 : std::atoi(count);
}

// Half of them bad: no call fails, the breaker of an endpoint that fails stays open, what was kept
// stays kept, and memory does not grow.
TEST_F(Reload, ManyUnderLoadLoseNothing) {
  read_endpoint()["cache"] = {{"ttl", "600s"}, {"tags", {"thing:{id}"}}};
  Json bad = read_endpoint();
  bad["name"] = "bad";
  bad["match"] = "GET /internal/bad/{id}";
  bad["cache"] = false;
  config_.services().at("thing-service")["endpoints"].push_back(bad);
  config_.usher()["workers"] = 2;
  Sidecar sidecar(config_, "payment-service");
  ASSERT_EQ(sidecar.change("/breakers/thing-service/bad/open").status, 200);
  ASSERT_EQ(status(sidecar, "kept"), 200);
  std::atomic<bool> stop = false;
  std::atomic<int> calls = 0;
  std::atomic<int> failed = 0;
  std::vector<std::thread> consumers;
  for (int i = 0; i < 3; ++i) {
    consumers.emplace_back([&, i] {
      for (int n = 0; !stop; ++n) {
        const std::string name = std::to_string(i) + "-" + std::to_string(n % 50);
        const Request request =
            n % 10 == 0 ? change_thing(tenant_number(i), name) : read_thing(tenant_number(i), name);
        failed += sidecar.call(request).status != 200 ? 1 : 0;
        ++calls;
      }
    });
  }
  const int reloads = reloads_to_make();
  std::size_t resident = 0;
  for (int i = 1; i <= reloads; ++i) {
    Json& change = config_.services().at("thing-service")["endpoints"][1];
    change["timeout"] = std::to_string(1000 + i) + "ms";
    change.erase("nonsense");
    if (i % 2 == 0) change["nonsense"] = i;
    write(sidecar);
    reload(sidecar);
    if (i == reloads / 2) resident = sidecar.process().resident();
  }
  stop = true;
  for (std::thread& consumer : consumers) consumer.join();
  EXPECT_EQ(failed, 0) << "of " << calls;
  EXPECT_GT(sidecar.metric("usher_config_revision"), reloads / 2) << "by the file's change or ours";
  EXPECT_EQ(sidecar.call(get("/internal/bad/1")).status, 503);
  const int reads = owner_.reads();
  EXPECT_EQ(status(sidecar, "kept"), 200);
  EXPECT_EQ(owner_.reads(), reads) << "still kept";
  if (kMemoryIsOurs) {
    EXPECT_LT(sidecar.process().resident(), resident + 4 * 1024 * 1024);
  }
}

}  // namespace
}  // namespace e2e
