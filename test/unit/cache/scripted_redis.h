// A server on a simulated network that says what a test wants it to say: nothing of it is Redis but
// the form of commands.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cache/redis_codec.h"
#include "sim/sim_network.h"

namespace usher::cache {

class ScriptedRedis final : public net::ListenerEvents {
 public:
  class Session;
  // What a session does with a command.
  using Script = std::function<void(Session&, const std::vector<std::string>& args)>;

  class Session final : public net::StreamEvents {
   public:
    Session(ScriptedRedis& server, net::Stream& stream) : server_(&server), stream_(&stream) {}
    ~Session() { close(); }

    void say(std::string_view bytes) {
      const std::string_view parts[] = {bytes};
      if (stream_ != nullptr) stream_->write(parts);
    }
    void close() {
      if (stream_ != nullptr) stream_->close();
      stream_ = nullptr;
    }
    void reset() {
      if (stream_ != nullptr) stream_->reset();
      stream_ = nullptr;
    }
    bool is_open() const { return stream_ != nullptr; }

   private:
    void on_read(std::string_view bytes) override {
      reader_.feed(bytes);
      while (stream_ != nullptr && reader_.next() == ReplyReader::Status::Reply) {
        std::vector<std::string> args;
        for (std::size_t i = 0; i < reader_.reply().size(); ++i) {
          args.emplace_back(reader_.reply()[i].text());
        }
        ++server_->commands;
        server_->script(*this, args);
      }
    }
    void on_end() override { close(); }
    void on_writable() override {}
    void on_failure() override { close(); }

    ScriptedRedis* server_;
    net::Stream* stream_;
    ReplyReader reader_;
  };

  // Greets, and answers GET with its key.
  static void polite(Session& session, const std::vector<std::string>& args) {
    if (args[0] == "GET") {
      session.say("$" + std::to_string(args[1].size()) + "\r\n" + args[1] + "\r\n");
    } else {
      session.say("+OK\r\n");
    }
  }
  // Greets, and leaves the rest to `script`.
  static Script greeting_then(Script script) {
    return [script](Session& session, const std::vector<std::string>& args) {
      args[0] == "CLIENT" ? polite(session, args) : script(session, args);
    };
  }

  Script script = polite;
  std::function<void(Session&)> at_accept;
  std::vector<std::unique_ptr<Session>> sessions;
  std::size_t commands = 0;

  std::size_t open_sessions() const {
    std::size_t count = 0;
    for (const auto& session : sessions) count += session->is_open() ? 1 : 0;
    return count;
  }

 private:
  net::StreamEvents* on_accept(net::Stream& stream) override {
    sessions.push_back(std::make_unique<Session>(*this, stream));
    Session& session = *sessions.back();
    if (at_accept) at_accept(session);
    return session.is_open() ? &session : nullptr;
  }
  bool may_accept() override { return true; }
};

}  // namespace usher::cache
