// "cache" of usher.json.
#include "config/redis_settings.h"

#include <gmock/gmock.h>

#include "unit/config/loader_fixture.h"

namespace usher::config::test {
namespace {

using cache::RedisOptions;
using cache::RedisTopology;
using testing::ElementsAre;
using testing::IsEmpty;

class RedisSettingsTest : public LoaderTest {
 protected:
  void SetUp() override {
    environment_.set("REDIS_PASSWORD", "hunter2hunter2");
    environment_.set("SEAL", kSecret);
    environment_.set("BAD_NODE", "redis://a");
    directory_.write("ca.pem", "pem");
    directory_.write("client.pem", "pem");
    directory_.write("client.key", "pem");
  }
  // The mistakes of usher.json with this "cache" in its second line.
  std::vector<std::string> with_cache(const std::string& cache) {
    return with_usher("{\"consumer\": \"c\", \"cache\":\n" + cache + "}");
  }
  std::vector<std::string> with_redis(const std::string& members) {
    return with_cache("{\"redis\": {" + members + "}}");
  }
  // What such members come to.
  RedisOptions options(const std::string& members) {
    EXPECT_THAT(with_redis(members), IsEmpty());
    return loaded()->redis.value();
  }
};

TEST_F(RedisSettingsTest, NoneByDefault) {
  EXPECT_THAT(with_usher(kUsher), IsEmpty());
  EXPECT_EQ(loaded()->redis, std::nullopt);
  EXPECT_EQ(loaded()->cache_memory_bytes, 32U * 1024 * 1024);
  EXPECT_THAT(with_cache("{\"memory\": \"0B\"}"), IsEmpty());
  EXPECT_EQ(loaded()->cache_memory_bytes, 0U);
  EXPECT_THAT(with_cache("{\"memory\": \"64GiB\"}"), IsEmpty());
  EXPECT_EQ(loaded()->cache_memory_bytes, std::size_t{64} << 30);
}

TEST_F(RedisSettingsTest, AServerByItsUrl) {
  const RedisOptions by_default = options(R"("url": "redis://redis")");
  EXPECT_EQ(by_default.topology, RedisTopology::Single);
  ASSERT_EQ(by_default.addresses.size(), 1U);
  EXPECT_EQ(by_default.addresses[0].host, "redis");
  EXPECT_EQ(by_default.addresses[0].port, 6379);
  EXPECT_EQ(by_default.password, "");
  EXPECT_EQ(by_default.database, 0U);
  EXPECT_FALSE(by_default.tls.enabled);
  EXPECT_EQ(by_default.prefix, "usher:");
  EXPECT_EQ(by_default.seal_key, "");
  EXPECT_EQ(by_default.connections, 2U);
  EXPECT_EQ(by_default.connect_timeout, Duration(50ms));
  EXPECT_EQ(by_default.timeout, Duration(20ms));
  EXPECT_EQ(by_default.failures, 3U);
  EXPECT_EQ(by_default.pause, Duration(1s));
  EXPECT_EQ(by_default.memory_ttl, Duration(2s));
  EXPECT_EQ(by_default.tenant_channel, "");

  environment_.set("REDIS_URL", "rediss://usher:p%40ss@10.0.0.7:6380/4");
  const RedisOptions from_url = options(R"("url": {"env": "REDIS_URL"})");
  EXPECT_EQ(from_url.addresses[0].host, "10.0.0.7");
  EXPECT_EQ(from_url.addresses[0].port, 6380);
  EXPECT_EQ(from_url.username, "usher");
  EXPECT_EQ(from_url.password, "p@ss");
  EXPECT_EQ(from_url.database, 4U);
  EXPECT_TRUE(from_url.tls.enabled);

  const RedisOptions socket = options(R"("url": "unix:///run/redis.sock?db=2")");
  EXPECT_EQ(socket.addresses[0].path, "/run/redis.sock");
  EXPECT_EQ(socket.database, 2U);
}

TEST_F(RedisSettingsTest, EveryKey) {
  const RedisOptions all = options(R"("url": "redis://redis", "username": "usher",
      "password": {"env": "REDIS_PASSWORD"}, "database": 65535,
      "tls": {"ca": "ca.pem", "certificate": "client.pem", "key": "client.key",
              "server_name": "redis.internal", "verify": false},
      "secret": {"env": "SEAL"}, "prefix": "a:b/c", "connections": 16, "connect_timeout": "10s",
      "timeout": "1ms", "failures": 100, "pause": "1m", "memory_ttl": "0s",
      "tenant_channel": "tenant:cache:invalidate")");
  EXPECT_EQ(all.username, "usher");
  EXPECT_EQ(all.password, "hunter2hunter2");
  EXPECT_EQ(all.database, 65535U);
  EXPECT_TRUE(all.tls.enabled);
  EXPECT_EQ(all.tls.ca_file, (directory_.path() / "ca.pem").string());
  EXPECT_EQ(all.tls.certificate_file, (directory_.path() / "client.pem").string());
  EXPECT_EQ(all.tls.key_file, (directory_.path() / "client.key").string());
  EXPECT_EQ(all.tls.server_name, "redis.internal");
  EXPECT_FALSE(all.tls.verify);
  EXPECT_EQ(all.seal_key, kSecret);
  EXPECT_EQ(all.prefix, "a:b/c");
  EXPECT_EQ(all.connections, 16U);
  EXPECT_EQ(all.connect_timeout, Duration(10s));
  EXPECT_EQ(all.timeout, Duration(1ms));
  EXPECT_EQ(all.failures, 100U);
  EXPECT_EQ(all.pause, Duration(60s));
  EXPECT_EQ(all.memory_ttl, Duration(0s));
  EXPECT_EQ(all.tenant_channel, "tenant:cache:invalidate");
  EXPECT_TRUE(options(R"("url": "redis://redis", "tls": true)").tls.verify);
}

TEST_F(RedisSettingsTest, AClusterByItsSeeds) {
  environment_.set("NODE", "[::1]:7001");
  const RedisOptions cluster =
      options(R"("cluster": ["redis-1", "10.0.0.2:7000", {"env": "NODE"}])");
  EXPECT_EQ(cluster.topology, RedisTopology::Cluster);
  ASSERT_EQ(cluster.addresses.size(), 3U);
  EXPECT_EQ(cluster.addresses[0].host, "redis-1");
  EXPECT_EQ(cluster.addresses[0].port, 6379);
  EXPECT_EQ(cluster.addresses[1].port, 7000);
  EXPECT_EQ(cluster.addresses[2].host, "::1");
}

TEST_F(RedisSettingsTest, AMasterBySentinels) {
  const RedisOptions sentinel = options(R"("sentinel": {"master": "main",
      "addresses": ["s1", "s2:26380"], "password": {"env": "REDIS_PASSWORD"}}, "database": 1)");
  EXPECT_EQ(sentinel.topology, RedisTopology::Sentinel);
  EXPECT_EQ(sentinel.sentinel_master, "main");
  EXPECT_EQ(sentinel.sentinel_password, "hunter2hunter2");
  EXPECT_EQ(sentinel.password, "");
  EXPECT_EQ(sentinel.database, 1U);
  ASSERT_EQ(sentinel.addresses.size(), 2U);
  EXPECT_EQ(sentinel.addresses[0].port, 26379);
  EXPECT_EQ(sentinel.addresses[1].port, 26380);
}

TEST_F(RedisSettingsTest, Mistakes) {
  environment_.set("SHORT", "0a1b2c3d4e5f60718293a4b5c6d7e8f");
  environment_.set("KNOWN", "change-me-change-me-change-me-change-me");
  const std::string url = R"("url": "redis://r", )";
  const std::string offset = "2:32: ";
  const std::string name = "; expected 1 to 64 visible characters";
  const std::pair<std::string, std::string> cases[] = {
      {R"("prefix": "a:")",
       "2:11: \"redis\" does not say where it is; write \"url\", \"cluster\" or \"sentinel\""},
      {R"("url": "redis://r", "cluster": ["a"])",
       "2:43: \"cluster\" stands beside \"url\"; leave out one of them"},
      {R"("url": "a")",
       "2:19: \"url\" is not a URL of a Redis server; expected \"redis://host:6379/0\", "
       "\"rediss://host:6379/0\" or \"unix:///path?db=0\""},
      {R"("url": 1)",
       "2:19: \"url\" is a number; expected a string, {\"env\": \"NAME\"} or {\"file\": "
       "\"/path\"}"},
      {R"("cluster": [])",
       "2:23: \"cluster\" is an empty list; expected a list such as "
       "[\"redis-1:6379\"]"},
      {R"("cluster": ["redis://a"])",
       "2:24: \"redis://a\" is not the address of a node; expected \"host:port\""},
      {R"("cluster": ["user:hunter2@a"])",
       "2:24: this is not the address of a node; expected \"host:port\""},
      {R"("cluster": [{"env": "BAD_NODE"}])",
       "2:24: this is not the address of a node; expected \"host:port\""},
      {R"("cluster": ["a"], "database": 1)",
       "2:42: a cluster has no databases but 0; leave \"database\" out"},
      {R"("sentinel": {"master": "m"})", "2:24: \"addresses\" is missing; it is required here"},
      {R"("sentinel": {"master": "", "addresses": ["a"]})",
       "2:35: \"master\" is \"\"; expected the name of a master"},
      {R"("sentinel": ["a"])", "2:24: \"sentinel\" is an array; expected an object"},
      {url + R"("password": "hunter2")",
       "2:44: \"password\" is a secret and may not stand in the file; put it in {\"env\": "
       "\"NAME\"} or {\"file\": \"/path\"}"},
      {url + R"("secret": "hunter2")",
       "2:42: \"secret\" is a secret and may not stand in the file; put it in {\"env\": \"NAME\"} "
       "or {\"file\": \"/path\"}"},
      {url + R"("secret": {"env": "SHORT"})",
       "2:42: the secret in environment variable SHORT has 31 bytes; at least 32 are needed"},
      {url + R"("secret": {"env": "KNOWN"})",
       "2:42: the secret in environment variable KNOWN is a publicly known placeholder; make one "
       "with `openssl rand -hex 32`"},
      {url + R"("username": "u")",
       "2:44: there is a user name without a password; write \"password\" too"},
      {R"("url": "redis://u@r")",
       "2:19: there is a user name without a password; write \"password\" too"},
      {R"("url": "redis://:hunter2@r")",
       "2:19: \"url\" holds a password, which is a secret and may not stand in the file; put the "
       "URL in {\"env\": \"NAME\"} or {\"file\": \"/path\"}, or the password alone, as "
       "\"password\""},
      {R"("url": {"env": "NONE", "default": "redis://:hunter2@r"})",
       "2:19: \"url\" holds a password, which is a secret and may not stand in the file; put the "
       "URL in {\"env\": \"NAME\"} or {\"file\": \"/path\"}, or the password alone, as "
       "\"password\""},
      {R"("url": "redis://u@r", "username": "v", "password": {"env": "REDIS_PASSWORD"})",
       "2:46: \"username\" stands in \"url\" too; leave out one of them"},
      {R"("url": "redis://r/1", "database": 2)",
       "2:46: \"database\" stands in \"url\" too; leave out one of them"},
      {url + R"("database": 65536)",
       "2:44: \"database\" is 65536; expected a whole number from 0 to 65535"},
      {url + R"("tls": "yes")", "2:39: \"tls\" is \"yes\"; expected true, false or an object"},
      {R"("url": "rediss://r", "tls": false)",
       "2:40: \"tls\": false contradicts the scheme \"rediss\" of \"url\"; change one"},
      {R"("url": "unix:///r", "tls": true)",
       "2:39: \"tls\" is not for a Unix socket, whose file says who may connect; leave it out"},
      {url + R"("tls": {"certificate": "client.pem"})",
       "2:55: \"certificate\" stands without \"key\"; Usher needs both to prove who it is, or "
       "neither"},
      {url + R"("tls": {"key": "client.key"})",
       "2:47: \"key\" stands without \"certificate\"; Usher needs both to prove who it is, or "
       "neither"},
      {url + R"("tls": {"ca": "none.pem"})",
       "2:46: the file none.pem cannot be opened: No such file or directory"},
      {url + R"("tls": {"ca": ""})", "2:46: \"ca\" is not a path; expected \"/path\""},
      {url + R"("tls": {"server_name": "a:1"})",
       "2:55: \"server_name\" is \"a:1\"; expected a host's name"},
      {url + R"("prefix": "a{b")", "2:42: \"prefix\" is \"a{b\"" + name + " other than { and }"},
      {url + R"("prefix": "")", "2:42: \"prefix\" is \"\"" + name + " other than { and }"},
      {url + R"("prefix": "a b")", "2:42: \"prefix\" is \"a b\"" + name + " other than { and }"},
      {url + "\"tenant_channel\": \"" + std::string(65, 'a') + "\"",
       "2:50: \"tenant_channel\" is \"" + std::string(65, 'a') + "\"" + name},
      {url + R"("connections": 17)",
       "2:47: \"connections\" is 17; expected a whole number from 1 to 16"},
      {url + R"("timeout": "0s")",
       "2:43: \"timeout\" is \"0s\"; expected a duration from 1ms to 10s, such as \"250ms\", "
       "\"5s\" or \"1m\""},
  };
  for (const auto& [members, message] : cases) {
    EXPECT_THAT(with_redis(members), ElementsAre("usher.json:" + message)) << members;
  }
  EXPECT_THAT(with_cache("{\"memory\": \"65GiB\"}"),
              ElementsAre("usher.json:2:12: \"memory\" is \"65GiB\"; expected a size from 0B to "
                          "64GiB, such as \"512B\", \"64KiB\" or \"1MiB\""));
  EXPECT_THAT(with_cache("{\"redis\": \"redis://r\"}"),
              ElementsAre("usher.json:2:11: \"redis\" is \"redis://r\"; expected an object"));
}

// A URL from the environment may hold a password that the parser stumbles over.
TEST_F(RedisSettingsTest, NoMistakeShowsAPassword) {
  environment_.set("REDIS_URL", "redis://:hunter2%@h");
  for (const std::string& problem : with_redis(R"("url": {"env": "REDIS_URL"})")) {
    EXPECT_EQ(problem.find("hunter2"), std::string::npos) << problem;
  }
}

TEST_F(RedisSettingsTest, TheFirstOfSeveralSecretsSeals) {
  const std::string url = "\"url\": \"redis://a\",";
  const std::string next = "9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a3928";
  environment_.set("NEXT", next);
  directory_.write("former", "former-former-0123456789abcdef0123456789abcdef\n");
  EXPECT_THAT(options(url + R"("secret": {"env": "SEAL"})").other_seal_keys, IsEmpty());
  const RedisOptions one = options(url + R"("secret": [{"env": "NEXT"}])");
  EXPECT_EQ(one.seal_key, next);
  EXPECT_THAT(one.other_seal_keys, IsEmpty());
  const RedisOptions several =
      options(url + R"("secret": [{"env": "SEAL"}, {"env": "NEXT"}, {"file": "former"}])");
  EXPECT_EQ(several.seal_key, kSecret);
  EXPECT_THAT(several.other_seal_keys,
              ElementsAre(next, "former-former-0123456789abcdef0123456789abcdef"));
}

TEST_F(RedisSettingsTest, MistakesInListsOfSecrets) {
  const std::string seal = R"({"env": "SEAL"})";
  const std::string list = R"({"redis": {"url": "redis://a", "secret": [)";
  const auto with_list = [&](const std::string& secrets) {
    return with_cache(list + secrets + "]}}");
  };
  EXPECT_THAT(with_list(""),
              ElementsAre("usher.json:2:42: \"secret\" is a list of 0; expected 1 to "
                          "4 references, the first of which seals"));
  EXPECT_THAT(with_list(seal + ',' + seal + ',' + seal + ',' + seal + ',' + seal),
              ElementsAre("usher.json:2:42: \"secret\" is a list of 5; expected 1 to 4 references, "
                          "the first of which seals"));
  EXPECT_THAT(with_list(seal + R"(, {"env": "NOT_THERE"})"),
              ElementsAre("usher.json:2:60: \"secret\": environment variable NOT_THERE is not set; "
                          "set it"));
  EXPECT_THAT(with_list(seal + R"(, "written")"),
              ElementsAre("usher.json:2:60: \"secret\" is a secret and may not stand in the file; "
                          "put it in {\"env\": \"NAME\"} or {\"file\": \"/path\"}"));
  environment_.set("SHORT", "short");
  EXPECT_THAT(with_list(seal + R"(, {"env": "SHORT"})"),
              ElementsAre("usher.json:2:60: the secret in environment variable SHORT has 5 bytes; "
                          "at least 32 are needed"));
  EXPECT_THAT(with_list(seal + ", " + seal), IsEmpty());
  const auto warnings = load({directory_.path()}, 0).warnings;
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(warnings[0].column, 60U);
  EXPECT_EQ(warnings[0].message,
            "this secret is the same as one before it; leave it out, or give it the value that it "
            "is to have");
}

}  // namespace
}  // namespace usher::config::test
