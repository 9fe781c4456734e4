// One connection by itself: a subscriber's, and what an owner may do with any.

#include "cache/redis_connection.h"

#include <gtest/gtest.h>

#include "unit/cache/redis_support.h"
#include "unit/cache/scripted_redis.h"

namespace usher::cache {
namespace {

struct Events final : RedisConnectionEvents {
  int ready = 0;
  std::vector<std::string> closed;
  std::vector<std::string> pushed;
  std::vector<std::string> answered;

  void on_ready() override { ++ready; }
  void on_closed(RedisFailure why) override { closed.push_back(describe(why)); }
  void on_answered(std::string_view refusal) override { answered.emplace_back(refusal); }
  void on_push(const RedisReply& reply) override { pushed.push_back(describe(reply)); }
};

using Strings = std::vector<std::string>;

class SubscriberTest : public net::UvLoop {
 protected:
  test::RedisServer server{{{}, "secret"}};
  RedisOptions options;
  Events events;
};

TEST_F(SubscriberTest, GetsMessagesAndPongs) {
  options.password = "secret";
  options.connect_timeout = std::chrono::seconds(5);
  RedisTransport transport(network, options);
  RedisConnection connection(transport, RedisLogin::to_data(options), RedisUse::Subscriber, events);
  const std::string_view subscribe[] = {"SUBSCRIBE", "usher:i"};
  EXPECT_FALSE(connection.write(subscribe)) << "closed";
  connection.open({"127.0.0.1", static_cast<std::uint16_t>(server.port()), ""});
  EXPECT_FALSE(connection.write(subscribe)) << "not ready";
  ASSERT_TRUE(run_until([&] { return events.ready == 1; }));
  const std::string_view ping[] = {"PING"};
  EXPECT_TRUE(connection.write(subscribe));
  EXPECT_TRUE(connection.write(ping));
  ASSERT_TRUE(run_until([&] { return events.pushed.size() == 2; }));
  EXPECT_EQ(server.command({"PUBLISH", "usher:i", "tag"}), "1");
  ASSERT_TRUE(run_until([&] { return events.pushed.size() == 3; }));
  EXPECT_EQ(events.pushed,
            (Strings{"[$subscribe $usher:i :1]", "[$pong $]", "[$message $usher:i $tag]"}));
  server.kill();
  ASSERT_TRUE(run_until([&] { return events.closed.size() == 1; }));
  EXPECT_EQ(events.closed.front(), "unreachable");
  server.start();
  connection.open({"127.0.0.1", static_cast<std::uint16_t>(server.port()), ""});
  EXPECT_TRUE(run_until([&] { return events.ready == 2; })) << "again";
}

class ConnectionTest : public testing::Test {
 protected:
  ConnectionTest() {
    network.listen(*net::SocketAddress::from_ip("127.0.0.1", 6379), server);
    connection.emplace(transport, RedisLogin{}, RedisUse::Commands, events);
  }

  sim::SimNetwork network{5};
  ScriptedRedis server;
  RedisOptions options;
  RedisTransport transport{network, options};
  Events events;
  std::optional<RedisConnection> connection;
  const RedisAddress address{"127.0.0.1", 6379, ""};
};

TEST_F(ConnectionTest, ClosedAtEveryMoment) {
  for (int steps = 0; steps < 12; ++steps) {
    Asked asked;
    connection->open(address);
    ASSERT_TRUE(connection->send(asked, Args{"GET", "key"}));
    for (int i = 0; i < steps; ++i) network.step();
    const bool was_answered = asked.told == 1;
    connection->close();
    EXPECT_EQ(asked.told, was_answered ? 1 : 0) << "inline";
    network.run_until_idle();
    EXPECT_EQ(asked.told, 1);
    EXPECT_EQ(asked.outcome, was_answered ? "$key" : "unreachable") << steps;
    EXPECT_EQ(connection->outstanding(), 0u);
  }
  EXPECT_TRUE(events.closed.empty()) << "the owner knows";
  EXPECT_EQ(server.open_sessions(), 0u);
}

// Opened again in the turn in which it was closed: what waited for the old one is told first.
TEST_F(ConnectionTest, ClosedAndOpened) {
  Asked old;
  connection->open(address);
  connection->send(old, Args{"GET", "old"});
  network.run_until_idle();
  Asked lost;
  connection->send(lost, Args{"GET", "lost"});
  connection->close();
  connection->open(address);
  Asked fresh;
  connection->send(fresh, Args{"GET", "fresh"});
  network.run_until_idle();
  EXPECT_EQ(old.outcome, "$old");
  EXPECT_EQ(lost.outcome, "unreachable");
  EXPECT_EQ(fresh.outcome, "$fresh");
}

// In the middle of replies that came together.
TEST_F(ConnectionTest, ClosedInACallback) {
  struct Closer final : RedisCommand {
    RedisConnection* connection = nullptr;
    std::string seen;
    void on_reply(const RedisReply& reply) override {
      connection->close();
      seen = describe(reply);
    }
    void on_redis_failure(RedisFailure) override {}
  } closer;
  closer.connection = &*connection;
  connection->open(address);
  network.run_until_idle();
  Asked before;
  Asked after;
  connection->send(before, Args{"GET", "before"});
  connection->send(closer, Args{"GET", "closer"});
  connection->send(after, Args{"GET", "after"});
  network.run_until_idle();
  EXPECT_EQ(before.outcome, "$before");
  EXPECT_EQ(closer.seen, "$closer");
  EXPECT_EQ(after.outcome, "unreachable");
  EXPECT_EQ(after.told, 1);
}

TEST_F(ConnectionTest, TellsOfRefusalsBeforeTheCommand) {
  connection->open(address);
  network.run_until_idle();
  std::vector<Asked> asked(3);
  for (Asked& each : asked) connection->send(each, Args{"GET"});
  server.script = [](ScriptedRedis::Session&, const auto&) {};
  server.sessions.front()->say("-READONLY no\r\n:1\r\n-ERR other\r\n");
  network.run_until_idle();
  EXPECT_EQ(events.answered, (Strings{"READONLY no", "", ""}));
  EXPECT_EQ(asked[0].outcome, "refused");
  EXPECT_EQ(asked[2].outcome, "-ERR other");
}

TEST_F(ConnectionTest, AskingGoesRightBefore) {
  Strings seen;
  server.script =
      ScriptedRedis::greeting_then([&](ScriptedRedis::Session& session, const auto& args) {
        seen.push_back(args[0]);
        ScriptedRedis::polite(session, args);
      });
  connection->open(address);
  Asked one;
  Asked two;
  std::string bytes;
  append_command(bytes, Args{"GET", "two"});
  connection->send(one, Args{"GET", "one"});
  connection->send_encoded(two, bytes, true);
  network.run_until_idle();
  EXPECT_EQ(seen, (Strings{"GET", "ASKING", "GET"}));
  EXPECT_EQ(one.outcome, "$one");
  EXPECT_EQ(two.outcome, "$two");
}

// The command is still here when the reply comes: it is another's.
TEST_F(ConnectionTest, ReplyToWhatWasNotWrittenYetEndsIt) {
  server.script = [](ScriptedRedis::Session& session, const auto& args) {
    session.say(args[0] == "CLIENT" ? "+OK\r\n$5\r\nstray\r\n" : "+OK\r\n");
  };
  connection->open(address);
  Asked asked;
  connection->send(asked, Args{"GET", "key"});
  network.run_until_idle();
  EXPECT_EQ(asked.outcome, "protocol");
  EXPECT_EQ(events.closed, Strings{"protocol"});
}

// "unknown command" repeats what it was asked.
TEST_F(ConnectionTest, RefusedPasswordIsNotLogged) {
  server.script = [](ScriptedRedis::Session& session, const auto& args) {
    session.say(args[0] == "AUTH"
                    ? "-ERR unknown command 'AUTH', with args beginning with: 'hunter2'\r\n"
                    : "+OK\r\n");
  };
  RedisConnection other(transport, {.username = {}, .password = "hunter2"}, RedisUse::Commands,
                        events);
  testing::internal::CaptureStderr();
  other.open(address);
  network.run_until_idle();
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(events.closed, Strings{"refused"});
  EXPECT_NE(log.find("\"error\":\"ERR\""), std::string::npos) << log;
  EXPECT_EQ(log.find("hunter2"), std::string::npos) << log;
}

TEST(CommandQueue, KeepsNumbersWhileItGrows) {
  CommandQueue queue;
  std::uint64_t number = 0;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 100; ++i) {
      EXPECT_EQ(queue.push({nullptr, Instant{} + std::chrono::seconds(number)}), number);
      ++number;
    }
    for (int i = 0; i < (round < 25 ? 60 : 140); ++i) {
      const std::uint64_t first = queue.first();
      EXPECT_EQ(queue.pop().deadline, Instant{} + std::chrono::seconds(first));
      EXPECT_FALSE(queue.holds(first));
    }
    for (std::uint64_t held = queue.first(); queue.holds(held); ++held) {
      ASSERT_EQ(queue[held].deadline, Instant{} + std::chrono::seconds(held));
    }
  }
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace usher::cache
