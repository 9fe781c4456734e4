// A connection to a server that says what it likes: every command is told once, whatever comes and
// however it is cut, and nothing is left.
//
// Input: a byte for what happens with the commands, one for the pieces, then the server's bytes.
#include <array>
#include <memory>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "cache/redis_connection.h"
#include "fuzz/support/input.h"
#include "sim/sim_network.h"

namespace {

using namespace usher;
using namespace usher::cache;
using usher::fuzz::Input;
using usher::fuzz::Pieces;

// Sends its bytes piece by piece, one for each that arrives.
class Server final : public net::ListenerEvents, public net::StreamEvents {
 public:
  Server(std::string_view bytes, std::uint8_t cut) : pieces_(bytes, cut) {}
  ~Server() {
    if (stream_ != nullptr) stream_->close();
  }
  void say_more() {
    if (stream_ == nullptr || pieces_.empty()) return;
    const std::string_view parts[] = {pieces_.next()};
    stream_->write(parts);
  }

 private:
  net::StreamEvents* on_accept(net::Stream& stream) override {
    stream_ = &stream;
    return this;
  }
  bool may_accept() override { return stream_ == nullptr; }
  void on_read(std::string_view) override { say_more(); }
  void on_end() override {}
  void on_writable() override {}
  void on_failure() override {}

  Pieces pieces_;
  net::Stream* stream_ = nullptr;
};

struct Command final : RedisCommand {
  int told = 0;
  bool was_cancelled = false;
  void on_reply(const RedisReply& reply) override {
    USHER_CHECK(reply.type() != RedisReply::Type::Error || !is_refusal(reply.text()));
    ++told;
  }
  void on_redis_failure(RedisFailure) override { ++told; }
};

struct Events final : RedisConnectionEvents {
  int closed = 0;
  void on_closed(RedisFailure) override { ++closed; }
};

// What servers say against their client is not worth a line here.
void be_quiet() {
  static const bool kQuiet = [] {
    start_log(LogLevel::Error);
    stop_log();  // the level stays
    return true;
  }();
  static_cast<void>(kQuiet);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  be_quiet();
  Input input(data, size);
  std::uint8_t choices = input.byte();
  const std::uint8_t cut = input.byte();
  sim::SimNetwork network(1);
  Server server(input.rest(), cut);
  network.listen(*net::SocketAddress::from_ip("127.0.0.1", 6379), server);
  const RedisOptions options;
  RedisTransport transport(network, options);
  Events events;
  std::array<Command, 8> commands;
  RedisConnection connection(transport, {"", "secret", 1, (choices & 1) != 0}, RedisUse::Commands,
                             events);
  connection.open({"127.0.0.1", 6379, ""});
  for (Command& command : commands) {
    const std::string_view args[] = {"GET", "key"};
    if (!connection.send(command, args)) command.was_cancelled = true;
    if ((choices >>= 1) % 2 == 1) network.step();
    server.say_more();
    if (choices % 4 == 3 && command.place.connection != nullptr) {
      RedisConnection::cancel(command);
      command.was_cancelled = true;
    }
  }
  for (int i = 0; i < 50; ++i) {
    network.advance(std::chrono::milliseconds(10));
    server.say_more();
  }
  USHER_CHECK(events.closed <= 1);
  for (const Command& command : commands) {
    USHER_CHECK(command.told + (command.was_cancelled ? 1 : 0) == 1);
    USHER_CHECK(command.place.connection == nullptr);
  }
  return 0;
}
