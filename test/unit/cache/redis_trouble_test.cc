// Everything that a server or the way to it can do to a command, in simulated time: it is told
// once, soon, and never another one's reply.

#include <gtest/gtest.h>

#include "unit/cache/redis_story.h"

namespace usher::cache {
namespace {

using std::chrono::milliseconds;
using Session = ScriptedRedis::Session;

class RedisTroubleTest : public RedisStory {};

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

}  // namespace
}  // namespace usher::cache
