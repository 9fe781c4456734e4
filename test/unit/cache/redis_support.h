// What tests of the Redis client share: commands that write down what became of them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/redis_client.h"
#include "support/redis_server.h"
#include "unit/net/uv_loop.h"

namespace usher::cache {

// A reply in words: "+OK", "-ERR no", ":1", "$text", "nil", "[:1 nil]".
inline std::string describe(const RedisReply& reply) {
  switch (reply.type()) {
    case RedisReply::Type::Nil:
      return "nil";
    case RedisReply::Type::Status:
      return "+" + std::string(reply.text());
    case RedisReply::Type::Error:
      return "-" + std::string(reply.text());
    case RedisReply::Type::Integer:
      return ":" + std::to_string(reply.integer());
    case RedisReply::Type::String:
      return "$" + std::string(reply.text());
    case RedisReply::Type::Array:
      break;
  }
  std::string text = "[";
  for (std::size_t i = 0; i < reply.size(); ++i) text += (i > 0 ? " " : "") + describe(reply[i]);
  return text + "]";
}

inline std::string describe(RedisFailure failure) {
  static constexpr const char* kNames[] = {"unreachable", "timeout", "protocol", "refused"};
  return kNames[static_cast<int>(failure)];
}

// What became of a command: its reply, or its failure, in words; empty while it waits.
struct Asked final : RedisCommand {
  std::string outcome;
  int told = 0;

  void on_reply(const RedisReply& reply) override {
    outcome = describe(reply);
    ++told;
  }
  void on_redis_failure(RedisFailure failure) override {
    outcome = describe(failure);
    ++told;
  }
};

using Args = std::vector<std::string_view>;

// A client of a real server, on a loop of the test's.
class RealRedis : public net::UvLoop {
 protected:
  // Patient: nothing here may depend on how busy the machine is.
  static RedisOptions options_for(const test::RedisServer& server) {
    RedisOptions options;
    options.addresses = {{"127.0.0.1", static_cast<std::uint16_t>(server.port()), ""}};
    options.connect_timeout = std::chrono::seconds(5);
    options.timeout = std::chrono::seconds(5);
    options.pause = std::chrono::milliseconds(50);
    return options;
  }

  void connect(const RedisOptions& wanted) {
    options = wanted;
    client = std::make_unique<RedisClient>(network, options);
  }
  bool wait_for_connections(unsigned count) {
    return run_until([this, count] { return client->facts().connections == count; });
  }
  // What comes of one command; "not sent" when it is not available.
  std::string ask(const Args& args, std::string_view key = "") {
    Asked asked;
    if (!client->send(asked, key, args)) return "not sent";
    EXPECT_EQ(asked.told, 0) << "inline";
    EXPECT_TRUE(run_until([&] { return asked.told > 0; }));
    return asked.outcome;
  }
  // Asks until `outcome` comes.
  bool ask_until(const Args& args, const std::string& outcome, std::string_view key = "") {
    return run_until([&] { return ask(args, key) == outcome; });
  }

  RedisOptions options;
  std::unique_ptr<RedisClient> client;
};

}  // namespace usher::cache
