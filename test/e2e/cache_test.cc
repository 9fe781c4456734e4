// Kept answers in one sidecar's memory.
#include "support/thing_owner.h"

namespace e2e {
namespace {

using testing::Test;

class KeptAnswers : public Test {
 protected:
  ThingOwner owner;
  Json cache = {{"ttl", "60s"}, {"tags", {"thing:{id}"}}};
  Request read = read_thing(tenant_number(1), "a");
  Request change = change_thing(tenant_number(1), "a");
};

TEST_F(KeptAnswers, AreGivenUntilAMutationMakesThemStale) {
  Sidecar sidecar(thing_config(owner, cache), "payment-service");
  const Response first = sidecar.call(read);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.fields.one("Cache-Status"), "usher; fwd=uri-miss; stored");
  const Response second = sidecar.call(read);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.fields.one("Cache-Status").find("usher; hit; ttl="), 0u);
  EXPECT_TRUE(second.fields.has("Age"));
  EXPECT_EQ(second.fields.one("Usher-Attempts"), "0");
  EXPECT_EQ(owner.reads(), 1);
  EXPECT_EQ(sidecar.call(change).status, 200);
  EXPECT_EQ(Thing::read(sidecar.call(read)).version, 1);
  EXPECT_EQ(owner.reads(), 2);
}

TEST_F(KeptAnswers, OfOneTenantAreNoOthers) {
  Sidecar sidecar(thing_config(owner, cache), "payment-service");
  for (int tenant = 0; tenant < 20; ++tenant) {
    for (int call = 0; call < 2; ++call) {
      const Thing thing = Thing::read(sidecar.call(read_thing(tenant_number(tenant), "a")));
      EXPECT_EQ(thing.tenant, tenant_number(tenant));
    }
  }
  EXPECT_EQ(owner.reads(), 20);
}

TEST_F(KeptAnswers, AreAnsweredForHeadAndConditions) {
  owner.set_fields("ETag: \"one\"\r\n");
  Sidecar sidecar(thing_config(owner, cache), "payment-service");
  sidecar.call(read);
  EXPECT_EQ(sidecar.call(read.with("If-None-Match", "\"one\"")).status, 304);
  EXPECT_EQ(owner.reads(), 1);
}

TEST_F(KeptAnswers, StandInForAnOwnerThatFails) {
  cache["ttl"] = "1s";
  cache["stale_if_error"] = "1m";
  Sidecar sidecar(thing_config(owner, cache), "payment-service");
  const Response first = sidecar.call(read);
  owner.set_status(503);
  ASSERT_TRUE(eventually([&] { return sidecar.call(read).fields.one("Age") != "0"; }));
  const Response stale = sidecar.call(read);
  EXPECT_EQ(stale.status, 200);
  EXPECT_EQ(stale.body, first.body);
}

TEST_F(KeptAnswers, AreFetchedOnceForMany) {
  owner.set_pause(std::chrono::milliseconds(200));
  Config config = thing_config(owner, cache);
  config.usher()["workers"] = 2;
  Sidecar sidecar(config, "payment-service");
  std::vector<std::thread> callers;
  std::atomic<int> good = 0;
  for (int i = 0; i < 40; ++i) {
    callers.emplace_back([&] { good += sidecar.call(read).status == 200 ? 1 : 0; });
  }
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(good, 40);
  EXPECT_EQ(owner.reads(), 1);
}

// --- the admin port -----------------------------------------------------------------------------

Response order(const Sidecar& sidecar, const Json& what) {
  Request request =
      get("/cache/invalidate").with("Host", "127.0.0.1").with("Content-Type", "application/json");
  request.method = "POST";
  request.body = what.dump();
  return call(sidecar.admin_port(), request);
}

TEST_F(KeptAnswers, AreShownOnTheAdminPort) {
  Sidecar sidecar(thing_config(owner, cache), "payment-service");
  sidecar.call(read);
  sidecar.call(read);
  const Json page = sidecar.admin("/cache").json();
  EXPECT_GE(page.at("memory").at("entries"), 1);
  const std::string hits =
      R"(usher_cache_requests_total{service="thing-service",endpoint="read",result="hit"})";
  EXPECT_TRUE(eventually([&] { return sidecar.metric(hits) == 1; }));
  const std::string entry = "/cache/entry?target=/internal/things/a&tenant=" + tenant_number(1);
  EXPECT_EQ(sidecar.admin(entry).body.find("version"), std::string::npos) << "no body unasked";
  EXPECT_NE(sidecar.admin(entry + "&body=1").body.find("version"), std::string::npos);
  EXPECT_EQ(
      sidecar.admin("/cache/entry?target=/internal/things/b&tenant=" + tenant_number(1)).status,
      404);
}

TEST_F(KeptAnswers, AreMadeStaleByHand) {
  Sidecar sidecar(thing_config(owner, cache), "payment-service");
  const Request other = read_thing(tenant_number(2), "a");
  const auto calls = [&] {
    sidecar.call(read);
    sidecar.call(other);
    return owner.reads();
  };
  EXPECT_EQ(calls(), 2);
  EXPECT_EQ(calls(), 2);
  EXPECT_EQ(order(sidecar, {{"tags", {"thing:a"}}, {"tenant", tenant_number(1)}}).status, 200);
  EXPECT_EQ(calls(), 3) << "one tenant's";
  EXPECT_EQ(order(sidecar, {{"tags", {"thing:a"}}}).status, 200);
  EXPECT_EQ(calls(), 5) << "every tenant's";
  EXPECT_EQ(order(sidecar, {{"tags", {"thing:b"}}}).status, 200);
  EXPECT_EQ(calls(), 5) << "other tags";
  EXPECT_EQ(sidecar.change("/cache/invalidate?all=true").status, 200);
  EXPECT_EQ(calls(), 7) << "all";
}

}  // namespace
}  // namespace e2e
