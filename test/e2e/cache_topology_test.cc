// Kept answers in every Redis that can be configured: what one sidecar kept another finds, and what
// one changes is stale in the other.
#include "support/certificates.h"
#include "support/redis_topology.h"
#include "support/thing_owner.h"

namespace e2e {
namespace {

using usher::test::CertificateAuthority;
using usher::test::RedisCluster;
using usher::test::RedisSentinels;
using usher::test::RedisServer;

std::string address_of(const RedisServer& server) {
  return "127.0.0.1:" + std::to_string(server.port());
}

class Topology : public testing::Test {
 protected:
  // As two sidecars see it.
  void expect_shared(const Json& redis, const Environment& more = {}) {
    Config config = thing_config(owner, cache);
    config.usher()["cache"] = {{"redis", redis}};
    Sidecar one(config, "payment-service", more);
    Sidecar other(config, "payment-service", more);
    for (const Sidecar* sidecar : {&one, &other}) {
      ASSERT_TRUE(eventually([&] { return sidecar->metric("usher_cache_channel_trusted") == 1; }));
    }
    for (int tenant = 0; tenant < 5; ++tenant) expect_shared(one, other, tenant_number(tenant));
  }

  static void expect_shared(const Sidecar& one, const Sidecar& other, const std::string& tenant) {
    const Request read = read_thing(tenant, "a");
    one.call(read);
    EXPECT_TRUE(eventually([&] {
      one.call(read);
      return other.call(read).fields.one("Cache-Status").find("usher; hit") == 0;
    }));
    EXPECT_EQ(other.call(change_thing(tenant, "a")).status, 200);
    EXPECT_EQ(Thing::read(other.call(read)).version, 1);
    EXPECT_TRUE(eventually([&] { return Thing::read(one.call(read)).version == 1; }));
  }

  ThingOwner owner;
  Json cache = {{"ttl", "60s"}, {"tags", {"thing:{id}"}}};
};

TEST_F(Topology, ByAUserOfItsOwn) {
  RedisServer redis;
  redis.command({"ACL", "SETUSER", "usher", "on", ">sesame", "~usher:*", "&usher:*", "+@all"});
  expect_shared({{"url", "redis://" + address_of(redis) + "/3"},
                 {"username", "usher"},
                 {"password", {{"env", "CACHE_PASSWORD"}}}},
                {{"CACHE_PASSWORD", "sesame"}});
}

TEST_F(Topology, ByAUrlThatIsASecret) {
  RedisServer redis({.password = "open"});
  expect_shared({{"url", {{"env", "REDIS_URL"}}}},
                {{"REDIS_URL", "redis://:open@" + address_of(redis)}});
}

TEST_F(Topology, ByAUnixSocket) {
  RedisServer redis;
  expect_shared({{"url", "unix://" + redis.socket_path()}});
}

TEST_F(Topology, ByTls) {
  CertificateAuthority authority;
  RedisServer redis({.tls = authority.issue()});
  expect_shared({{"url", "rediss://" + address_of(redis)}, {"tls", {{"ca", authority.file()}}}});
}

TEST_F(Topology, InACluster) {
  RedisCluster redis;
  expect_shared({{"cluster", {address_of(redis.node(0)), address_of(redis.node(1))}}});
}

TEST_F(Topology, BehindSentinels) {
  RedisSentinels redis;
  expect_shared(
      {{"sentinel",
        {{"master", RedisSentinels::kName},
         {"addresses", {address_of(redis.sentinel(0)), address_of(redis.sentinel(1))}}}}});
}

}  // namespace
}  // namespace e2e
