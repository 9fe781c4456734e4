#include "http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <system_error>

namespace owners {
namespace {

// Node's headersTimeout: how long a fresh connection may stay silent.
constexpr std::chrono::seconds kFirstRequestPatience{60};

[[noreturn]] void fail(const std::string& host, int port, const char* step) {
  throw std::system_error(errno, std::generic_category(),
                          std::string("cannot ") + step + " " + host + ":" + std::to_string(port));
}

}  // namespace

HttpServer::HttpServer(const std::string& host, int port, std::chrono::seconds keep_alive)
    : keep_alive_(keep_alive) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
    errno = EINVAL;
    fail(host, port, "use as an IPv4 address");
  }
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener_ < 0) fail(host, port, "open a socket for");
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t length = sizeof address;
  if (::bind(listener_, generic, length) != 0) fail(host, port, "bind to");
  if (::listen(listener_, SOMAXCONN) != 0) fail(host, port, "listen on");
  ::getsockname(listener_, generic, &length);
  port_ = ntohs(address.sin_port);
}

HttpServer::~HttpServer() {
  ::close(listener_);
}

void HttpServer::start(Handler handler) {
  handler_ = std::move(handler);
  acceptor_ = std::thread([this] { accept_loop(); });
}

void HttpServer::stop() {
  if (!acceptor_.joinable()) return;
  std::unique_lock lock(mutex_);
  stopping_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
  all_closed_.wait(lock, [this] { return open_.empty(); });
  lock.unlock();
  acceptor_.join();
}

HttpServer::Counts HttpServer::counts() {
  const std::lock_guard lock(mutex_);
  return {accepted_, open_.size()};
}

void HttpServer::clear_counts() {
  const std::lock_guard lock(mutex_);
  accepted_ = 0;
}

void HttpServer::accept_loop() {
  for (;;) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      if (socket >= 0) ::close(socket);
      return;
    }
    if (socket < 0) continue;
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ++accepted_;
    open_.insert(socket);
    std::thread([this, socket] { serve(socket); }).detach();
  }
}

void HttpServer::serve(int socket) {
  Connection connection(socket);
  serve_requests(connection);
  // Out of the set before the descriptor is closed, as its number may be given out again at once;
  // and under one lock, as the server may be gone as soon as the set is empty.
  const std::lock_guard lock(mutex_);
  open_.erase(socket);
  all_closed_.notify_all();
}

void HttpServer::serve_requests(Connection& connection) {
  std::chrono::milliseconds patience = kFirstRequestPatience;
  while (connection.wait_readable(patience)) {
    Request request;
    const Connection::Read read = connection.read_head(request);
    if (read == Connection::Read::Closed) return;
    if (read == Connection::Read::Malformed) {
      connection.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
      return connection.close_gently();
    }
    if (!handler_(connection, request)) return;
    patience = keep_alive_;
  }
}

}  // namespace owners
