// How long a server is waited for, when it is left alone, and what may be done with commands
// meanwhile: in simulated time.

#include <gtest/gtest.h>

#include <set>

#include "cache/redis_connection.h"
#include "unit/cache/redis_story.h"

namespace usher::cache {
namespace {

using std::chrono::milliseconds;
using Session = ScriptedRedis::Session;

class RedisPatienceTest : public RedisStory {};

// --- time ---------------------------------------------------------------------------------------

TEST_F(RedisPatienceTest, ALateReplyIsNobodys) {
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
TEST_F(RedisPatienceTest, AReplyThatWaitsToBeReadIsNotLate) {
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

TEST_F(RedisPatienceTest, ACommandThatWasCancelledCountsNevertheless) {
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

TEST_F(RedisPatienceTest, ErrorsThatSayThatItCannotWork) {
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

TEST_F(RedisPatienceTest, GreetingsThatAreRefused) {
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

// As one does who meets itself on the loopback.
TEST_F(RedisPatienceTest, AServerThatEchoesIsNone) {
  server.script = [](Session& session, const auto& args) {
    std::string bytes;
    append_command(bytes, std::vector<std::string_view>(args.begin(), args.end()));
    session.say(bytes);
  };
  connect();
  Asked& command = get("key");
  network.advance(milliseconds(10));
  EXPECT_EQ(command.outcome, "refused");
  EXPECT_EQ(client->facts().connections, 0u);
}

TEST_F(RedisPatienceTest, ThreeFailuresInARow) {
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

TEST_F(RedisPatienceTest, LeftAloneUntilItIsBack) {
  options.pause = milliseconds(20);
  connect_and_greet();
  open_breaker();
  network.never_answer(address);
  for (int i = 0; i < 3000; ++i) {
    network.advance(milliseconds(1));
    ASSERT_FALSE(client->is_available()) << "nobody waits for a connection to a server that fails";
  }
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

TEST_F(RedisPatienceTest, NoMoreThanItMayHold) {
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
TEST_F(RedisPatienceTest, CallbacksThatSendAndCancel) {
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

TEST_F(RedisPatienceTest, TheClientGoesWithCommandsOnTheirWay) {
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
TEST_F(RedisPatienceTest, Storm) {
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
