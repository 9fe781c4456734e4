// The client and a real server.

#include "cache/redis_client.h"

#include <gtest/gtest.h>

#include "unit/cache/redis_support.h"

namespace usher::cache {
namespace {

using test::RedisServer;

class RedisClientTest : public RealRedis {};

TEST_F(RedisClientTest, AsksAndIsAnswered) {
  RedisServer server;
  connect(options_for(server));
  const std::string value("a\0\r\n$1", 6);
  EXPECT_EQ(ask({"SET", "key", value}), "+OK") << "also while it connects";
  EXPECT_EQ(ask({"GET", "key"}), "$" + value);
  EXPECT_EQ(ask({"GET", "other"}), "nil");
  EXPECT_EQ(ask({"INCR", "number"}), ":1");
  EXPECT_EQ(ask({"MGET", "key", "other"}), "[$" + value + " nil]");
  EXPECT_EQ(ask({"LPUSH", "key", "x"}).substr(0, 10), "-WRONGTYPE");
  EXPECT_EQ(ask({"EVALSHA", "0000000000000000000000000000000000000000", "0"}).substr(0, 9),
            "-NOSCRIPT");
  EXPECT_TRUE(client->is_available());
  EXPECT_TRUE(wait_for_connections(2));
  const RedisFacts facts = client->facts();
  EXPECT_TRUE(facts.available);
  EXPECT_EQ(facts.commands, 7u);
  EXPECT_EQ(facts.reconnects, 0u);
  EXPECT_NE(server.command({"CLIENT", "LIST"}).find("name=usher"), std::string::npos);
}

TEST_F(RedisClientTest, PipelinesTenThousandCommands) {
  RedisServer server;
  connect(options_for(server));
  std::vector<Asked> asked(10'000);
  std::size_t told = 0;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const std::string value = std::to_string(i);
    ASSERT_TRUE(client->send(asked[i], "", Args{"ECHO", value}));
  }
  ASSERT_TRUE(run_until([&] {
    while (told < asked.size() && asked[told].told == 1) ++told;
    return told == asked.size();
  }));
  for (std::size_t i = 0; i < asked.size(); ++i) {
    ASSERT_EQ(asked[i].outcome, "$" + std::to_string(i));
  }
}

// What is sent in one turn goes by one connection, and leaves in few writes.
TEST_F(RedisClientTest, OneTurnOneWrite) {
  RedisServer server;
  connect(options_for(server));
  ASSERT_TRUE(wait_for_connections(2));
  server.command({"CONFIG", "RESETSTAT"});
  std::vector<Asked> asked(100);
  for (Asked& each : asked) ASSERT_TRUE(client->send(each, "", Args{"CLIENT", "ID"}));
  ASSERT_TRUE(run_until([&] { return asked.back().told == 1; }));
  for (const Asked& each : asked) EXPECT_EQ(each.outcome, asked.front().outcome);
  const std::string first = ask({"CLIENT", "ID"});
  EXPECT_NE(first, asked.front().outcome) << "the next turn's go by the other one";
  EXPECT_EQ(ask({"CLIENT", "ID"}), asked.front().outcome);
  const std::string stats = server.command({"INFO", "stats"});
  const auto reads = stats.find("total_reads_processed:");
  ASSERT_NE(reads, std::string::npos);
  EXPECT_LT(std::stoi(stats.substr(reads + 22)), 12);
}

TEST_F(RedisClientTest, CancelledCommandsKeepTheirPlaces) {
  RedisServer server;
  connect(options_for(server));
  std::vector<Asked> asked(100);
  for (std::size_t i = 0; i < asked.size(); ++i) {
    ASSERT_TRUE(client->send(asked[i], "", Args{"ECHO", std::to_string(i)}));
  }
  for (std::size_t i = 0; i < asked.size(); i += 2) client->cancel(asked[i]);
  ASSERT_TRUE(run_until([&] { return asked.back().told == 1; }));
  for (std::size_t i = 0; i < asked.size(); ++i) {
    EXPECT_EQ(asked[i].outcome, i % 2 == 0 ? "" : "$" + std::to_string(i));
    client->cancel(asked[i]);  // nothing happens
  }
}

TEST_F(RedisClientTest, LargeValues) {
  RedisServer server;
  connect(options_for(server));
  const std::string value(1 << 20, 'v');
  EXPECT_EQ(ask({"SET", "key", value}), "+OK");
  EXPECT_EQ(ask({"GET", "key"}), "$" + value);
  ASSERT_TRUE(wait_for_connections(2));
  EXPECT_EQ(ask({"APPEND", "key", value}), ":2097152");
  EXPECT_EQ(ask({"GET", "key"}), "protocol") << "more than is read";
  EXPECT_TRUE(ask_until({"STRLEN", "key"}, ":2097152")) << "on another connection";
}

TEST_F(RedisClientTest, PasswordUserAndDatabase) {
  RedisServer server({{"user reader on >pass ~* +@all"}, "secret"});
  RedisOptions wanted = options_for(server);
  wanted.password = "secret";
  wanted.database = 3;
  connect(wanted);
  EXPECT_EQ(ask({"ACL", "WHOAMI"}), "$default");
  EXPECT_EQ(ask({"SET", "key", "three"}), "+OK");
  wanted.username = "reader";
  wanted.password = "pass";
  connect(wanted);
  EXPECT_EQ(ask({"ACL", "WHOAMI"}), "$reader");
  EXPECT_EQ(ask({"GET", "key"}), "$three");
  wanted.database = 0;
  connect(wanted);
  EXPECT_EQ(ask({"GET", "key"}), "nil");
}

// Who may do its work and nothing else is served.
TEST_F(RedisClientTest, AUserWithFewRights) {
  RedisServer server({{"user few on >pass ~usher:* +get +set"}});
  RedisOptions wanted = options_for(server);
  wanted.username = "few";
  wanted.password = "pass";
  connect(wanted);
  EXPECT_EQ(ask({"SET", "usher:x", "1"}), "+OK");
  EXPECT_EQ(ask({"GET", "usher:x"}), "$1");
  EXPECT_EQ(ask({"GET", "other"}), "refused");
}

TEST_F(RedisClientTest, AWrongPasswordIsRefused) {
  RedisServer server({{}, "secret"});
  RedisOptions wanted = options_for(server);
  for (const char* password : {"wrong", ""}) {
    wanted.password = password;
    connect(wanted);
    EXPECT_EQ(ask({"GET", "key"}), "refused");
    EXPECT_TRUE(run_until([&] { return !client->is_available(); }));
    EXPECT_EQ(client->facts().connections, 0u);
  }
  wanted.password = "secret";
  wanted.database = 99;
  connect(wanted);
  EXPECT_EQ(ask({"GET", "key"}), "refused") << "no such database";
}

TEST_F(RedisClientTest, UnixSocketAndNames) {
  RedisServer server;
  RedisOptions wanted = options_for(server);
  wanted.addresses = {{"", 0, server.socket_path()}};
  connect(wanted);
  EXPECT_EQ(ask({"SET", "key", "value"}), "+OK");
  wanted.addresses = {{"localhost", static_cast<std::uint16_t>(server.port()), ""}};
  connect(wanted);
  EXPECT_EQ(ask({"GET", "key"}), "$value");
  for (const RedisAddress& wrong :
       {RedisAddress{"", 0, "/no/such/socket"}, RedisAddress{"no.such.host.invalid", 1, ""},
        RedisAddress{"not a name", 1, ""}, RedisAddress{std::string(300, 'x'), 1, ""},
        RedisAddress{"", 1, std::string(200, 'x')}}) {
    wanted.addresses = {wrong};
    connect(wanted);
    EXPECT_EQ(ask({"GET", "key"}), "unreachable") << wrong.host << wrong.path;
  }
}

TEST_F(RedisClientTest, Tls) {
  test::CertificateAuthority authority;
  const test::CertificateFiles mine = authority.issue({{"DNS:usher"}});
  RedisServer server({{"tls-auth-clients yes"}, "secret", authority.issue()});
  RedisOptions wanted = options_for(server);
  wanted.password = "secret";
  wanted.tls = {true, authority.file(), mine.certificate, mine.key, "", true};
  connect(wanted);
  const std::string value(500'000, 'v');
  EXPECT_EQ(ask({"SET", "key", value}), "+OK");
  EXPECT_EQ(ask({"GET", "key"}), "$" + value);
  wanted.addresses.front().host = "localhost";
  connect(wanted);
  EXPECT_EQ(ask({"STRLEN", "key"}), ":500000");

  const auto is_unreachable = [&](const RedisTls& tls) {
    RedisOptions changed = wanted;
    changed.tls = tls;
    connect(changed);
    return ask({"GET", "key"}) == "unreachable";
  };
  EXPECT_TRUE(is_unreachable({true, "", mine.certificate, mine.key, "", true})) << "not trusted";
  EXPECT_TRUE(is_unreachable({true, authority.file(), mine.certificate, mine.key, "other", true}));
  EXPECT_TRUE(is_unreachable({true, authority.file(), "", "", "", true})) << "no certificate";
  EXPECT_TRUE(is_unreachable({true, "/no/file", "", "", "", true}));
  EXPECT_TRUE(is_unreachable({})) << "no TLS";
  EXPECT_FALSE(is_unreachable({true, "", mine.certificate, mine.key, "other", false}));
}

// A Unix socket has no TLS.
TEST_F(RedisClientTest, TlsAndAUnixSocket) {
  test::CertificateAuthority authority;
  RedisServer server({{}, "", authority.issue()});
  RedisOptions wanted = options_for(server);
  wanted.addresses = {{"", 0, server.socket_path()}};
  wanted.tls.enabled = true;
  connect(wanted);
  EXPECT_EQ(ask({"PING"}), "+PONG");
}

// --- trouble ------------------------------------------------------------------------------------

TEST_F(RedisClientTest, KilledAndRestarted) {
  RedisServer server;
  connect(options_for(server));
  ASSERT_TRUE(wait_for_connections(2));
  EXPECT_EQ(ask({"GET", "key"}), "nil");
  server.kill();
  ASSERT_TRUE(run_until([&] { return !client->is_available(); }));
  Asked asked;
  EXPECT_FALSE(client->send(asked, "", Args{"GET", "key"}));
  EXPECT_FALSE(client->facts().available);
  server.start();
  EXPECT_TRUE(ask_until({"SET", "key", "again"}, "+OK"));
  EXPECT_TRUE(wait_for_connections(2));
  EXPECT_EQ(ask({"GET", "key"}), "$again");
  EXPECT_TRUE(client->facts().available);
  EXPECT_GE(client->facts().reconnects, 2u);
}

TEST_F(RedisClientTest, KilledWhileCommandsRun) {
  RedisServer server;
  connect(options_for(server));
  ASSERT_TRUE(wait_for_connections(2));
  server.freeze();
  std::vector<Asked> asked(100);
  for (Asked& each : asked) {
    if (client->send(each, "", Args{"GET", "key"})) turn();
  }
  server.kill();
  ASSERT_TRUE(run_until([&] { return asked.front().told > 0 && asked.back().told > 0; }));
  for (const Asked& each : asked) {
    EXPECT_EQ(each.told, 1);
    EXPECT_EQ(each.outcome, "unreachable");
  }
}

TEST_F(RedisClientTest, StoppedIsLeftAlone) {
  RedisServer server;
  RedisOptions wanted = options_for(server);
  wanted.connect_timeout = wanted.timeout = std::chrono::milliseconds(20);
  wanted.pause = std::chrono::milliseconds(300);
  connect(wanted);
  ASSERT_TRUE(ask_until({"GET", "key"}, "nil"));
  server.freeze();
  ASSERT_TRUE(ask_until({"GET", "key"}, "timeout"));
  const auto is_left_alone = [&] {
    Asked asked;
    if (!client->send(asked, "", Args{"GET", "key"})) return true;
    EXPECT_TRUE(run_until([&] { return asked.told > 0; }));
    return false;
  };
  ASSERT_TRUE(run_until(is_left_alone));
  EXPECT_GE(client->facts().failures[static_cast<int>(RedisFailure::Timeout)], 1u);
  server.thaw();
  EXPECT_TRUE(ask_until({"GET", "key"}, "nil"));
}

TEST_F(RedisClientTest, FullMemory) {
  RedisServer server({{"maxmemory 2mb", "maxmemory-policy noeviction"}});
  connect(options_for(server));
  EXPECT_EQ(ask({"SET", "small", "1"}), "+OK");
  const std::string value(1 << 20, 'v');
  bool is_full = false;
  for (int i = 0; i < 4 && !is_full; ++i) {
    is_full = ask({"SET", std::to_string(i), value}) == "refused";
  }
  EXPECT_TRUE(is_full);
  EXPECT_EQ(ask({"GET", "small"}), "$1") << "reading goes on";
  server.command({"FLUSHALL"});
  EXPECT_TRUE(ask_until({"SET", "small", "2"}, "+OK"));
}

// Redis takes no writes while it cannot save them: as on a full disk.
TEST_F(RedisClientTest, ADiskThatTakesNothing) {
  RedisServer server({{"save 3600 1000000", "enable-protected-configs yes"}});
  connect(options_for(server));
  EXPECT_EQ(ask({"SET", "key", "1"}), "+OK");
  const std::string directory = server.command({"CONFIG", "GET", "dir"}).substr(4);
  EXPECT_EQ(server.command({"CONFIG", "SET", "dir", "/proc"}), "OK");
  server.command({"BGSAVE"});
  test::wait_until("saving fails", [&] {
    return server.command({"INFO", "persistence"}).find("last_bgsave_status:err") !=
           std::string::npos;
  });
  EXPECT_EQ(ask({"SET", "key", "2"}), "refused");
  EXPECT_EQ(ask({"GET", "key"}), "$1") << "reading goes on";
  EXPECT_EQ(server.command({"CONFIG", "SET", "dir", directory.substr(0, directory.size() - 1)}),
            "OK");
  server.command({"SAVE"});
  EXPECT_TRUE(ask_until({"SET", "key", "3"}, "+OK"));
}

TEST_F(RedisClientTest, AReplicaThatMayNotBeWritten) {
  RedisServer master;
  RedisServer replica(
      {{"replicaof 127.0.0.1 " + std::to_string(master.port()), "replica-serve-stale-data yes"}});
  connect(options_for(replica));
  EXPECT_EQ(ask({"SET", "key", "1"}), "refused");
  EXPECT_EQ(ask({"SET", "key", "1"}), "refused");
  EXPECT_EQ(ask({"SET", "key", "1"}), "refused");
  EXPECT_FALSE(client->is_available()) << "three in a row";
  EXPECT_TRUE(ask_until({"GET", "key"}, "nil")) << "the one that tries";
  EXPECT_TRUE(client->is_available());
}

TEST_F(RedisClientTest, TooManyClients) {
  RedisServer server({{"maxclients 3"}});
  RedisOptions wanted = options_for(server);
  wanted.connections = 4;
  connect(wanted);
  server.command({"PING"});  // the test's own
  EXPECT_TRUE(wait_for_connections(2));
  EXPECT_TRUE(ask_until({"GET", "key"}, "nil"));
}

}  // namespace
}  // namespace usher::cache
