#include "support/redis_server.h"

#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <random>
#include <stdexcept>
#include <thread>

namespace usher::test {
namespace {

constexpr std::chrono::seconds kHangGuard{30};
constexpr timeval kReplyTimeout{5, 0};
constexpr int kPortsTried = 5;  // another program may be faster

using Reply = std::unique_ptr<redisReply, decltype(&freeReplyObject)>;

std::string text_of(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
  if (reply.type == REDIS_REPLY_NIL) return "";
  if (reply.type == REDIS_REPLY_ERROR) return "-" + std::string(reply.str, reply.len);
  if (reply.type != REDIS_REPLY_ARRAY) return {reply.str, reply.len};
  std::string text;
  for (std::size_t i = 0; i < reply.elements; ++i) text += text_of(*reply.element[i]) + "\n";
  return text;
}

}  // namespace

void wait_until(const std::string& what, const std::function<bool()>& done) {
  const auto hopeless = std::chrono::steady_clock::now() + kHangGuard;
  while (!done()) {
    if (std::chrono::steady_clock::now() > hopeless) throw std::runtime_error("never: " + what);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

namespace {

bool is_free(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
  ::close(fd);
  return bound;
}

}  // namespace

// Below those that the system gives to whoever connects: a server that is killed comes back on its
// port, and nobody may have it meanwhile. (A client that tries to connect there could even be given
// the port itself, and meet itself.)
int free_port() {
  static std::mt19937 chance(std::random_device{}());
  std::uniform_int_distribution<int> ports(10'000, 32'000);
  for (int i = 0; i < 1000; ++i) {
    const int port = ports(chance);
    if (is_free(port)) return port;
  }
  throw std::runtime_error("no free port");
}

void RedisServer::Disconnect::operator()(redisContext* context) const {
  redisFree(context);
}

RedisServer::RedisServer(Options options) : options_(std::move(options)) {
  std::signal(SIGPIPE, SIG_IGN);  // a console whose server was killed
  for (int i = 0; i < kPortsTried; ++i) {
    configure();
    spawn();
    wait_until("redis-server answers", [this] { return !is_running() || answers(); });
    if (is_running()) return;
  }
  throw std::runtime_error("redis-server does not start: " + log());
}

RedisServer::~RedisServer() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

void RedisServer::configure() {
  port_ = free_port();
  const std::string port = std::to_string(port_);
  std::string text = "bind 127.0.0.1\nsave \"\"\nappendonly no\n";
  text += "dir " + directory_.path().string() + "\n";
  text += "unixsocket " + socket_path() + "\n";
  if (options_.tls) {
    text += "port 0\ntls-port " + port + "\ntls-auth-clients no\n";
    text += "tls-cert-file " + options_.tls->certificate + "\n";
    text += "tls-key-file " + options_.tls->key + "\n";
    text += "tls-ca-cert-file " + options_.tls->authority + "\n";
  } else {
    text += "port " + port + "\n";
  }
  if (!options_.password.empty()) text += "requirepass " + options_.password + "\n";
  for (const std::string& line : options_.config) text += line + "\n";
  directory_.write("redis.conf", text);
}

void RedisServer::spawn() {
  const std::string config = (directory_.path() / "redis.conf").string();
  const int log =
      ::open((directory_.path() / "log").c_str(), O_CREAT | O_APPEND | O_WRONLY | O_CLOEXEC, 0600);
  const pid_t parent = ::getpid();
  pid_ = ::fork();
  if (pid_ != 0) ::close(log);
  if (pid_ < 0) throw std::runtime_error("cannot fork");
  if (pid_ > 0) return;
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  ::execlp("redis-server", "redis-server", config.c_str(),
           options_.is_sentinel ? "--sentinel" : nullptr, nullptr);
  ::_exit(127);
}

bool RedisServer::answers() {
  try {
    const std::string pong = command({"PING"});
    return pong == "PONG" || pong.starts_with("-NOAUTH") || pong.starts_with("-MASTERDOWN");
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::string RedisServer::log() const {
  std::ifstream file(directory_.path() / "log");
  return {std::istreambuf_iterator<char>(file), {}};
}

bool RedisServer::is_running() {
  if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
  return pid_ > 0;
}

void RedisServer::end(int signal) {
  console_.reset();
  if (pid_ > 0) ::kill(pid_, signal);
  wait_until("redis-server ends", [this] { return !is_running(); });
}

void RedisServer::stop() {
  end(SIGTERM);
}

void RedisServer::kill() {
  end(SIGKILL);
}

void RedisServer::start() {
  if (!is_running()) spawn();
  wait_until("redis-server answers again", [this] {
    if (!is_running()) spawn();  // its port was not free again yet
    return answers();
  });
}

void RedisServer::freeze() {
  ::kill(pid_, SIGSTOP);
}

void RedisServer::thaw() {
  ::kill(pid_, SIGCONT);
}

std::string RedisServer::command(const std::vector<std::string>& arguments) {
  const bool was_connected = console_ != nullptr;
  if (!was_connected) connect();
  std::optional<std::string> reply = ask(arguments);
  if (!reply && was_connected) {  // a server that changes its role cuts its clients off
    connect();
    reply = ask(arguments);
  }
  if (!reply) throw std::runtime_error("redis-server does not answer " + arguments.front());
  return *reply;
}

void RedisServer::connect() {
  console_.reset(redisConnectUnixWithTimeout(socket_path().c_str(), kReplyTimeout));
  if (!console_ || console_->err != 0) {
    console_.reset();
    throw std::runtime_error("redis-server is not there");
  }
  redisSetTimeout(console_.get(), kReplyTimeout);
  if (!options_.password.empty()) ask({"AUTH", options_.password});
}

std::optional<std::string> RedisServer::ask(const std::vector<std::string>& arguments) {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string& argument : arguments) {
    texts.push_back(argument.data());
    sizes.push_back(argument.size());
  }
  if (!console_) return std::nullopt;
  const Reply reply(
      static_cast<redisReply*>(redisCommandArgv(console_.get(), static_cast<int>(texts.size()),
                                                texts.data(), sizes.data())),
      freeReplyObject);
  if (reply) return text_of(*reply);
  console_.reset();
  return std::nullopt;
}

}  // namespace usher::test
