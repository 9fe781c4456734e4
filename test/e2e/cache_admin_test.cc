// Answers made stale in every sidecar, by the admin port and the platform's channel; the caches
// that ship.
#include "support/catalogue.h"
#include "support/redis_server.h"
#include "support/thing_owner.h"

namespace e2e {
namespace {

using usher::test::RedisServer;

bool is_hit(const Response& response) {
  return response.fields.one("Cache-Status").starts_with("usher; hit");
}

bool trusts(const Sidecar& sidecar) {
  return sidecar.metric("usher_cache_channel_trusted") == 1;
}

Response invalidate(const Sidecar& sidecar, const Json& order) {
  return call(sidecar.admin_port(),
              {.method = "POST",
               .target = "/cache/invalidate",
               .fields = {{"Host", "127.0.0.1"}, {"Content-Type", "application/json"}},
               .body = order.dump()});
}

class CacheAdmin : public testing::Test {
 protected:
  // Whether an answer to this tenant is kept; asks for one that is not.
  bool is_kept(const Sidecar& sidecar, int tenant) const {
    return is_hit(sidecar.call(read_thing(tenant_number(tenant), "a")));
  }

  ThingOwner owner_;
  Json cache_ = {{"ttl", "60s"}, {"tags", {"thing:{id}"}}};
};

TEST_F(CacheAdmin, IsNotThereWhereNothingIsKept) {
  Config config = thing_config(owner_, false);
  const Sidecar sidecar(config, "payment-service");
  EXPECT_EQ(sidecar.admin("/cache").status, 404);
  EXPECT_EQ(invalidate(sidecar, {{"all", true}}).status, 404);
}

class CacheAdminOnRedis : public CacheAdmin {
 protected:
  Config config() {
    Config result = thing_config(owner_, cache_);
    result.usher()["cache"]["redis"] = {{"url", "unix://" + redis_.socket_path()},
                                        {"tenant_channel", "tenants"}};
    return result;
  }
  // Waits until an answer to each of the tenants is kept for both.
  void keep(const Sidecar& one, const Sidecar& other, int tenants) {
    for (int tenant = 1; tenant <= tenants; ++tenant) {
      EXPECT_TRUE(eventually([&] { return is_kept(one, tenant) && is_kept(other, tenant); }));
    }
  }

  RedisServer redis_;
};

TEST_F(CacheAdminOnRedis, MakesAnswersStaleInEverySidecar) {
  const Sidecar one(config(), "payment-service");
  const Sidecar other(config(), "payment-service");
  ASSERT_TRUE(eventually([&] { return trusts(one) && trusts(other); }));
  keep(one, other, 2);
  EXPECT_EQ(one.admin("/cache").json().at("redis").at("available"), true);

  const Response tags = invalidate(one, {{"tags", {"thing:a"}}, {"tenant", tenant_number(1)}});
  EXPECT_EQ(tags.status, 200) << tags.body;
  EXPECT_EQ(tags.json().at("redis"), "done");
  EXPECT_TRUE(eventually([&] { return !is_kept(other, 1); }));
  EXPECT_TRUE(is_kept(other, 2));

  keep(one, other, 2);
  const int before = owner_.reads();
  EXPECT_EQ(invalidate(one, {{"all", true}}).json().at("redis"), "done");
  EXPECT_TRUE(eventually([&] {
    is_kept(other, 1);
    is_kept(other, 2);
    return owner_.reads() == before + 2;
  }));
}

TEST_F(CacheAdminOnRedis, SaysWhenRedisIsTold) {
  const Sidecar sidecar(config(), "payment-service");
  ASSERT_TRUE(eventually([&] { return trusts(sidecar); }));
  redis_.kill();
  const Response late = invalidate(sidecar, {{"tags", {"thing:a"}}, {"tenant", tenant_number(1)}});
  EXPECT_EQ(late.status, 202) << late.body;
  EXPECT_EQ(late.json().at("redis"), "late");
}

// What auth-service says on the platform's own channel.
TEST_F(CacheAdminOnRedis, ATenantThatChangedIsAskedForAnew) {
  const Sidecar one(config(), "payment-service");
  const Sidecar other(config(), "payment-service");
  ASSERT_TRUE(eventually([&] { return trusts(one) && trusts(other); }));
  keep(one, other, 2);
  const int before = owner_.reads();
  EXPECT_EQ(redis_.command({"PUBLISH", "tenants", tenant_number(1)}), "2");
  EXPECT_TRUE(eventually([&] {
    is_kept(one, 1);
    is_kept(other, 1);
    return owner_.reads() > before;
  }));
  EXPECT_TRUE(is_kept(one, 2));
  EXPECT_TRUE(is_kept(other, 2));
}

// What is shipped fits together: cancelling a ticket makes the answers stale that it is part of.
class ShippedCaches : public PlatformTest {};

TEST_F(ShippedCaches, AChangedTicketIsAskedForAnew) {
  Config config(Config::Caches::AsShipped);
  const Sidecar sidecar(config, "payment-service");
  const Request tickets = endpoint_case("order-tickets").request;
  const Response first = sidecar.call(tickets);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.fields.one("Cache-Status"), "usher; fwd=uri-miss; stored");
  EXPECT_TRUE(is_hit(sidecar.call(tickets)));
  EXPECT_EQ(sidecar.call(endpoint_case("cancel-batch").request).status, 200);
  const Response changed = sidecar.call(tickets);
  EXPECT_FALSE(is_hit(changed));
  EXPECT_NE(changed.body, first.body);
  EXPECT_FALSE(sidecar.call(endpoint_case("ticket-status").request).fields.has("Cache-Status"));
}

TEST_F(ShippedCaches, AnAnswerOfEachIsKept) {
  Config config(Config::Caches::AsShipped);
  for (const char* name : {"user-tenant", "admins", "event", "venue", "order-items",
                           "ticket-by-token", "order-tickets", "events-attended"}) {
    const EndpointCase& endpoint = endpoint_case(name);
    const Sidecar sidecar(config, endpoint.consumer);
    const std::string body = sidecar.call(endpoint.request).body;
    const Response again = sidecar.call(endpoint.request);
    EXPECT_TRUE(is_hit(again)) << name << ": " << again.fields.one("Cache-Status");
    EXPECT_EQ(again.body, body) << name;
  }
}

}  // namespace
}  // namespace e2e
