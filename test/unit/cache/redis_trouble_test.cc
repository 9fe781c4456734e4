// Everything that a server or the way to it can do to a command, in simulated time: it is told
// once, soon, and never another one's reply.

#include <gtest/gtest.h>

#include <set>

#include "cache/redis_connection.h"
#include "unit/cache/redis_support.h"
#include "unit/cache/scripted_redis.h"

namespace usher::cache {
namespace {

using std::chrono::milliseconds;
using Session = ScriptedRedis::Session;

class RedisTroubleTest : public testing::Test {
 protected:
  RedisTroubleTest() {
    options.addresses = {{"127.0.0.1", 6379, ""}};
    options.connections = 1;
    network.listen(address, server);
  }

  void connect() { client.emplace(network, options); }
  void connect_and_greet() {
    connect();
    network.run_until_idle();
    ASSERT_EQ(client->facts().connections, 1u);
  }
  // "" when it is not sent.
  Asked& get(const std::string& key) {
    asked.push_back(std::make_unique<Asked>());
    was_sent = client->send(*asked.back(), key, Args{"GET", key});
    return *asked.back();
  }
  std::uint64_t failures(RedisFailure why) const {
    return client->facts().failures[static_cast<int>(why)];
  }
  // Until it is told; how long that took.
  Duration wait(const Asked& command) {
    const Instant start = network.now();
    while (command.told == 0 && network.now() - start < std::chrono::seconds(60)) {
      network.advance(milliseconds(1));
    }
    return network.now() - start;
  }
  void open_breaker() {
    network.refuse(address);
    for (const auto& session : server.sessions) session->reset();
    while (client->facts().available || failures(RedisFailure::Unreachable) < options.failures) {
      network.advance(milliseconds(1));
    }
  }

  sim::SimNetwork network{7};
  net::SocketAddress address = *net::SocketAddress::from_ip("127.0.0.1", 6379);
  ScriptedRedis server;
  RedisOptions options;
  std::vector<std::unique_ptr<Asked>> asked;
  bool was_sent = false;
  std::optional<RedisClient> client;  // goes first: commands may still wait
};

// --- connecting ---------------------------------------------------------------------------------

TEST_F(RedisTroubleTest, NobodyIsThere) {
  network.refuse(address);
  connect();
  Asked& first = get("first");
  EXPECT_EQ(first.told, 0) << "inline";
  network.run_until_idle();
  EXPECT_EQ(first.outcome, "unreachable");
  EXPECT_FALSE(client->is_available());
  EXPECT_FALSE(client->facts().available);
}

TEST_F(RedisTroubleTest, ConnectingIsNotWaitedForLongerThanForAReply) {
  network.never_answer(address);
  connect();
  Asked& first = get("first");
  EXPECT_LE(wait(first), options.timeout + milliseconds(8));
  EXPECT_EQ(first.outcome, "timeout");
  network.listen(address, server);
  network.advance(std::chrono::seconds(2));
  Asked& second = get("second");
  network.run_until_idle();
  EXPECT_EQ(second.outcome, "$second");
}

TEST_F(RedisTroubleTest, TheGreetingIsNeverAnswered) {
  server.script = [](Session&, const auto&) {};
  connect();
  network.advance(milliseconds(10));
  Asked& command = get("key");
  EXPECT_LE(wait(command), options.timeout + milliseconds(8));
  EXPECT_EQ(command.outcome, "timeout");
  network.advance(options.connect_timeout);
  EXPECT_EQ(failures(RedisFailure::Timeout), 1u);
}

// What was sent before the connection was ready, and given up, is not mistaken for what came later.
TEST_F(RedisTroubleTest, GivenUpBeforeItWasSent) {
  network.options().delay_min = network.options().delay_max = milliseconds(15);
  options.connect_timeout = milliseconds(500);
  connect();
  Asked& first = get("first");
  network.advance(milliseconds(25));
  EXPECT_EQ(first.outcome, "timeout");
  Asked& second = get("second");
  ASSERT_TRUE(was_sent);
  network.run_until_idle();
  EXPECT_EQ(first.told, 1);
  EXPECT_EQ(second.outcome, "$second");
}

TEST_F(RedisTroubleTest, ConnectsAgainWithoutEndButNotWithoutPause) {
  network.refuse(address);
  connect();
  network.advance(std::chrono::seconds(60));
  EXPECT_GT(network.connects(), 60u);
  EXPECT_LT(network.connects(), 400u);
  network.listen(address, server);
  network.advance(std::chrono::seconds(2));
  EXPECT_EQ(client->facts().connections, 1u);
  Asked& command = get("key");
  network.run_until_idle();
  EXPECT_EQ(command.outcome, "$key");
}

TEST_F(RedisTroubleTest, AServerThatGreetsAndLeaves) {
  server.script = [](Session& session, const auto& args) {
    ScriptedRedis::polite(session, args);
    session.close();
  };
  connect();
  network.advance(std::chrono::seconds(60));
  EXPECT_LT(network.connects(), 400u);
}

TEST_F(RedisTroubleTest, NamesAreTriedInTurn) {
  network.set_name("redis", {*net::SocketAddress::from_ip("10.0.0.1", 0),
                             *net::SocketAddress::from_ip("127.0.0.1", 0)});
  network.never_answer(*net::SocketAddress::from_ip("10.0.0.1", 6379));
  options.addresses = {{"redis", 6379, ""}};
  connect();
  network.advance(milliseconds(100));
  EXPECT_EQ(client->facts().connections, 1u);
  options.addresses = {{"nobody", 6379, ""}};
  connect();
  EXPECT_EQ(wait(get("key")), milliseconds(1));
  EXPECT_EQ(asked.back()->outcome, "unreachable");
  network.set_hanging("slow");
  options.addresses = {{"slow", 6379, ""}};
  connect();
  EXPECT_LE(wait(get("key")), options.timeout + milliseconds(8));
  network.advance(RedisDial::kLookupTimeout);
  EXPECT_EQ(failures(RedisFailure::Unreachable), 1u);
}

// --- a connection breaks ------------------------------------------------------------------------

TEST_F(RedisTroubleTest, ResetAfterConnecting) {
  server.at_accept = [](Session& session) { session.reset(); };
  connect();
  get("one");
  get("two");
  network.run_until_idle();
  EXPECT_EQ(asked[0]->outcome, "unreachable");
  EXPECT_EQ(asked[1]->outcome, "unreachable");
}

TEST_F(RedisTroubleTest, EndedOrResetWithCommandsOnTheirWay) {
  for (const bool by_reset : {false, true}) {
    server.script = ScriptedRedis::greeting_then([&](Session& session, const auto& args) {
      if (args[1] == "one") {
        session.say("$3\r\none\r\n$3\r\ntw");
      } else {
        by_reset ? session.reset() : session.close();
      }
    });
    asked.clear();
    connect_and_greet();
    for (const char* key : {"one", "two", "three"}) get(key);
    network.run_until_idle();
    EXPECT_EQ(asked[0]->outcome, by_reset ? "unreachable" : "$one");
    EXPECT_EQ(asked[1]->outcome, "unreachable");
    EXPECT_EQ(asked[2]->outcome, "unreachable");
    for (const auto& each : asked) EXPECT_EQ(each->told, 1);
    EXPECT_EQ(failures(RedisFailure::Unreachable), 1u) << "one connection";
  }
}

TEST_F(RedisTroubleTest, TooManyClientsThenTheEnd) {
  server.script = ScriptedRedis::greeting_then([](Session& session, const auto&) {
    session.say("-ERR max number of clients reached\r\n");
    session.reset();
  });
  connect_and_greet();
  get("one");
  get("two");
  network.run_until_idle();
  EXPECT_EQ(asked[0]->told, 1);
  EXPECT_EQ(asked[1]->told, 1);
  EXPECT_EQ(asked[1]->outcome, "unreachable");
}

TEST_F(RedisTroubleTest, RubbishClosesTheConnection) {
  for (const std::string rubbish : {
           "HTTP/1.1 400 Bad Request\r\n\r\n",
           "$3\r\ntwoXY",
           "*1073741825\r\n",
           "$-5\r\n",
           ">1\r\n+push\r\n",
       }) {
    server.script = ScriptedRedis::greeting_then(
        [&](Session& session, const auto&) { session.say("$3\r\none\r\n" + rubbish); });
    asked.clear();
    connect_and_greet();
    for (const char* key : {"one", "two", "three"}) get(key);
    network.run_until_idle();
    EXPECT_EQ(asked[0]->outcome, "$one") << rubbish;
    EXPECT_EQ(asked[1]->outcome, "protocol") << rubbish;
    EXPECT_EQ(asked[2]->outcome, "protocol") << rubbish;
    EXPECT_EQ(failures(RedisFailure::Protocol), 1u);
    EXPECT_EQ(server.open_sessions(), 0u);
  }
}

TEST_F(RedisTroubleTest, AReplyThatNobodyAskedFor) {
  connect_and_greet();
  server.sessions.front()->say("+surprise\r\n");
  network.run_until_idle();
  EXPECT_EQ(failures(RedisFailure::Protocol), 1u);
  EXPECT_EQ(server.open_sessions(), 0u);
}

TEST_F(RedisTroubleTest, AReplyThatNeverEnds) {
  bool goes_on = true;
  server.script = ScriptedRedis::greeting_then([&](Session& session, const auto&) {
    session.say("$2147483648\r\n");
    for (int i = 0; i < 100 && goes_on; ++i) session.say(std::string(64 * 1024, 'x'));
  });
  options.timeout = std::chrono::seconds(10);
  connect_and_greet();
  Asked& command = get("key");
  network.run_until_idle();
  EXPECT_EQ(command.outcome, "protocol");
  EXPECT_EQ(server.open_sessions(), 0u);
}

// --- time ---------------------------------------------------------------------------------------

TEST_F(RedisTroubleTest, ALateReplyIsNobodys) {
  std::string late;
  Session* answering = nullptr;
  server.script = ScriptedRedis::greeting_then([&](Session& session, const auto& args) {
    answering = &session;
    late += "$" + std::to_string(args[1].size()) + "\r\n" + args[1] + "\r\n";
  });
  connect_and_greet();
  Asked& slow = get("slow");
  network.advance(milliseconds(15));
  Asked& behind = get("behind");
  const Duration took = wait(slow) + milliseconds(15);
  EXPECT_GE(took, options.timeout);
  EXPECT_LE(took, options.timeout + milliseconds(8));
  EXPECT_EQ(slow.outcome, "timeout");
  EXPECT_EQ(behind.outcome, "unreachable") << "it had time left";
  answering->say(late);
  server.script = ScriptedRedis::polite;
  network.advance(milliseconds(100));
  Asked& next = get("next");
  network.run_until_idle();
  EXPECT_EQ(next.outcome, "$next");
  EXPECT_EQ(server.sessions.size(), 2u);
  EXPECT_EQ(failures(RedisFailure::Timeout), 1u);
}

// A loop that was held up finds its timers first, and behind them replies that came in time.
TEST_F(RedisTroubleTest, AReplyThatWaitsToBeReadIsNotLate) {
  server.script = ScriptedRedis::greeting_then([&](Session& session, const auto& args) {
    network.options().delay_min = network.options().delay_max = milliseconds(24);
    ScriptedRedis::polite(session, args);
  });
  connect_and_greet();
  Asked& command = get("key");
  network.run_until_idle();
  EXPECT_EQ(command.outcome, "$key");
  network.options().delay_min = network.options().delay_max = milliseconds(1);
  server.script = ScriptedRedis::greeting_then([&](Session& session, const auto& args) {
    network.options().delay_min = network.options().delay_max = milliseconds(100);
    ScriptedRedis::polite(session, args);
  });
  Asked& never = get("key");
  EXPECT_LE(wait(never), 2 * options.timeout + milliseconds(8));
  EXPECT_EQ(never.outcome, "timeout");
}

TEST_F(RedisTroubleTest, ACommandThatWasCancelledCountsNevertheless) {
  server.script = ScriptedRedis::greeting_then([](Session&, const auto&) {});
  connect_and_greet();
  Asked& command = get("key");
  client->cancel(command);
  network.advance(milliseconds(100));
  EXPECT_EQ(command.told, 0);
  EXPECT_EQ(failures(RedisFailure::Timeout), 1u);
  EXPECT_EQ(server.open_sessions(), 1u) << "a new one";
}

// --- refusals and the breaker -------------------------------------------------------------------

TEST_F(RedisTroubleTest, ErrorsThatSayThatItCannotWork) {
  server.script = ScriptedRedis::greeting_then(
      [](Session& session, const auto& args) { session.say("-" + args[1] + "\r\n"); });
  options.failures = 100;
  connect_and_greet();
  Asked& full = get("OOM command not allowed when used memory > 'maxmemory'.");
  Asked& own = get("WRONGTYPE Operation against a key");
  Asked& script = get("NOSCRIPT No matching script.");
  network.run_until_idle();
  EXPECT_EQ(full.outcome, "refused");
  EXPECT_EQ(own.outcome, "-WRONGTYPE Operation against a key");
  EXPECT_EQ(script.outcome, "-NOSCRIPT No matching script.");
  EXPECT_EQ(failures(RedisFailure::Refused), 1u);
  EXPECT_EQ(client->facts().connections, 1u) << "it stays";
}

TEST_F(RedisTroubleTest, GreetingsThatAreRefused) {
  options.password = "secret";
  options.database = 2;
  for (const std::string word : {"AUTH", "SELECT", "CLIENT"}) {
    server.script = [&](Session& session, const auto& args) {
      args[0] == word ? session.say("-NOAUTH no\r\n") : ScriptedRedis::polite(session, args);
    };
    connect();
    Asked& command = get("key");
    network.advance(milliseconds(10));
    EXPECT_EQ(command.outcome, "refused") << word;
    EXPECT_GE(failures(RedisFailure::Refused), 1u);
    EXPECT_EQ(client->facts().connections, 0u);
  }
  server.script = [&](Session& session, const auto& args) {
    args[0] == "CLIENT" ? session.say("-ERR unknown command\r\n")
                        : ScriptedRedis::polite(session, args);
  };
  connect();
  Asked& command = get("key");
  network.run_until_idle();
  EXPECT_EQ(command.outcome, "$key") << "a name is not needed";
}

TEST_F(RedisTroubleTest, ThreeFailuresInARow) {
  server.script = ScriptedRedis::greeting_then([](Session& session, const auto& args) {
    args[1] == "good" ? ScriptedRedis::polite(session, args) : session.say("-LOADING\r\n");
  });
  connect_and_greet();
  for (const char* key : {"bad", "bad", "good", "bad", "bad"}) {
    EXPECT_TRUE(client->is_available());
    get(key);
    network.run_until_idle();
  }
  EXPECT_TRUE(client->is_available()) << "not in a row";
  get("bad");
  network.run_until_idle();
  EXPECT_FALSE(client->is_available());
  EXPECT_FALSE(client->facts().available);
  get("good");
  EXPECT_FALSE(was_sent);

  network.advance(options.pause);
  EXPECT_TRUE(client->is_available());
  get("bad");
  EXPECT_TRUE(was_sent) << "one tries";
  get("good");
  EXPECT_FALSE(was_sent) << "only one";
  network.run_until_idle();
  EXPECT_FALSE(client->is_available());

  network.advance(options.pause);
  Asked& good = get("good");
  network.run_until_idle();
  EXPECT_EQ(good.outcome, "$good");
  EXPECT_TRUE(client->is_available());
  EXPECT_TRUE(client->facts().available);
}

TEST_F(RedisTroubleTest, LeftAloneUntilItIsBack) {
  connect_and_greet();
  open_breaker();
  network.listen(address, server);
  network.advance(std::chrono::seconds(3));
  EXPECT_EQ(client->facts().connections, 1u);
  EXPECT_TRUE(client->is_available());
  EXPECT_FALSE(client->facts().available) << "nothing is known yet";
  Asked& command = get("key");
  network.run_until_idle();
  EXPECT_EQ(command.outcome, "$key");
  EXPECT_TRUE(client->facts().available);
}

// --- bounds -------------------------------------------------------------------------------------

TEST_F(RedisTroubleTest, NoMoreThanItMayHold) {
  server.script = ScriptedRedis::greeting_then([](Session&, const auto&) {});
  options.timeout = std::chrono::seconds(10);
  connect_and_greet();
  std::size_t sent = 0;
  for (;; ++sent) {
    get("key");
    if (!was_sent) break;
  }
  EXPECT_EQ(sent, RedisConnection::kOutstandingMax);
  connect();
  network.run_until_idle();
  const std::string large(1 << 20, 'x');
  for (sent = 0; sent < 100; ++sent) {
    get(large);
    if (!was_sent) break;
  }
  EXPECT_EQ(sent, RedisConnection::kOutgoingMax >> 20);
}

// --- commands in the hands of others ------------------------------------------------------------

// A command's end is where the next one is often sent, and others cancelled.
TEST_F(RedisTroubleTest, CallbacksThatSendAndCancel) {
  struct Chain final : RedisCommand {
    RedisClient* client = nullptr;
    Chain* victim = nullptr;
    int told = 0;
    int left = 100;
    void on_reply(const RedisReply&) override { next(); }
    void on_redis_failure(RedisFailure) override { next(); }
    void next() {
      ++told;
      if (victim != nullptr) client->cancel(*victim);
      if (left-- > 0) client->send(*this, "", Args{"GET", "x"});
    }
  };
  connect_and_greet();
  Chain first;
  Chain second;
  first.client = second.client = &*client;
  first.victim = &second;
  first.client->send(first, "", Args{"GET", "x"});
  second.client->send(second, "", Args{"GET", "x"});
  network.run_until_idle();
  EXPECT_EQ(first.told, 101);
  EXPECT_EQ(second.told, 0);

  // A failure likewise: nothing is told twice, and nobody is called for ever.
  first.left = 100;
  first.told = 0;
  client->send(first, "", Args{"GET", "x"});
  client->send(second, "", Args{"GET", "x"});
  server.sessions.front()->reset();
  network.run_until_idle();
  EXPECT_EQ(first.told, 1);
  EXPECT_EQ(second.told, 0);
}

TEST_F(RedisTroubleTest, TheClientGoesWithCommandsOnTheirWay) {
  server.script = ScriptedRedis::greeting_then([](Session&, const auto&) {});
  connect_and_greet();
  Asked& command = get("key");
  client.reset();
  network.advance(std::chrono::seconds(1));
  EXPECT_EQ(command.told, 0);
  EXPECT_EQ(command.place.connection, nullptr);
}

// --- chance -------------------------------------------------------------------------------------

// Whatever a server does at whatever moment: each command is told once, with its own answer or a
// failure.
TEST_F(RedisTroubleTest, Storm) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    sim::SimOptions sim_options;
    sim_options.split = seed % 2 == 0;
    sim_options.delay_max = milliseconds(seed % 3 == 0 ? 30 : 3);
    sim_options.delay_min = Duration::zero();
    sim::SimNetwork stormy(seed, sim_options);
    Random random(seed);
    ScriptedRedis wild;
    stormy.listen(address, wild);
    std::set<const Session*> silent;
    wild.script = [&](Session& session, const auto& args) {
      if (silent.contains(&session)) return;
      const std::uint64_t chance = random.next() % 100;
      if (chance == 0) return session.reset();
      if (chance == 1) return session.close();
      if (chance == 2) return session.say("$5\r\nrubbish");
      if (chance == 3) {
        silent.insert(&session);
        return;
      }
      if (chance == 4) return session.say("+surprise\r\n");
      ScriptedRedis::polite(session, args);
    };
    options.connections = 2;
    RedisClient stormed(stormy, options);
    std::vector<std::unique_ptr<Asked>> commands;
    std::vector<std::string> keys;
    for (int i = 0; i < 300; ++i) {
      commands.push_back(std::make_unique<Asked>());
      keys.push_back(std::to_string(seed * 1000 + static_cast<std::uint64_t>(i)));
      if (!stormed.send(*commands.back(), keys.back(), Args{"GET", keys.back()})) {
        commands.pop_back();
        keys.pop_back();
      }
      if (random.next() % 3 == 0) stormy.advance(milliseconds(random.next() % 20));
    }
    stormy.advance(std::chrono::seconds(1));
    for (std::size_t i = 0; i < commands.size(); ++i) {
      ASSERT_EQ(commands[i]->told, 1) << "seed " << seed << " key " << keys[i];
      if (commands[i]->outcome.starts_with('$')) {
        ASSERT_EQ(commands[i]->outcome, "$" + keys[i]) << "seed " << seed;
      }
    }
  }
}

}  // namespace
}  // namespace usher::cache
