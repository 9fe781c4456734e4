// A real redis-server on the loopback, in a directory of its own, which ends with the test.
//
// It listens on a free port of 127.0.0.1 and on a Unix socket, and keeps nothing on disk unless its
// configuration says so. What the test itself asks it goes by the Unix socket, so that neither TLS
// nor a test's traffic is in the way.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/certificates.h"
#include "support/temporary_directory.h"

struct redisContext;

namespace usher::test {

// Runs `done` again and again until it is true; throws when that takes longer than anything here
// does.
void wait_until(const std::string& what, const std::function<bool()>& done);

struct RedisServerOptions {
  std::vector<std::string> config{};  // lines of redis.conf: "maxmemory 2mb"
  std::string password{};             // requirepass
  // The port speaks TLS; clients' certificates are asked for as "tls-auth-clients" says (no).
  std::optional<CertificateFiles> tls{};
  bool is_sentinel = false;
};

class RedisServer {
 public:
  using Options = RedisServerOptions;

  // Starts it and waits until it answers. Throws when it does not.
  explicit RedisServer(Options options = {});
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  int port() const { return port_; }
  std::string socket_path() const { return (directory_.path() / "redis.sock").string(); }
  // What it and its earlier lives wrote.
  std::string log() const;

  // SIGTERM; waits for its end.
  void stop();
  // SIGKILL; likewise.
  void kill();
  // Again, on the same port and with the same files; waits until it answers.
  void start();
  // SIGSTOP and SIGCONT: it takes connections and bytes, and answers nothing.
  void freeze();
  void thaw();
  bool is_running();

  // Asks it something and returns the reply as text: an array's elements on a line each, an error
  // with "-" before it. Throws when there is no reply. Asks twice when its connection was cut.
  std::string command(const std::vector<std::string>& arguments);

 private:
  struct Disconnect {
    void operator()(redisContext* context) const;
  };

  void configure();
  void spawn();
  void end(int signal);
  bool answers();
  void connect();
  std::optional<std::string> ask(const std::vector<std::string>& arguments);

  Options options_;
  TemporaryDirectory directory_;
  int port_ = 0;
  pid_t pid_ = -1;
  std::unique_ptr<redisContext, Disconnect> console_;
};

// A port of 127.0.0.1 that nobody had a moment ago.
int free_port();

}  // namespace usher::test
