#include "intercept/service.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <stdexcept>

#include "support/raw_http.h"
#include "support/raw_owner.h"

namespace e2e {
namespace {

constexpr int kBacklog = 1024;

// Both families: a v4 connection comes to :: too.
Socket listen_everywhere(int port) {
  Socket socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(static_cast<std::uint16_t>(port));
  if (::bind(socket.fd(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket.fd(), kBacklog) != 0) {
    throw std::runtime_error("cannot listen on port " + std::to_string(port));
  }
  // accept() has to wait as long as it takes, not for the hang guard only.
  const timeval forever{};
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof forever);
  return socket;
}

std::string seen_by(const std::string& owner, const Message& call) {
  const auto begin = call.start_line.find(' ') + 1;
  const Json seen = {{"owner", owner},
                     {"target", call.start_line.substr(begin, call.start_line.rfind(' ') - begin)},
                     {"host", call.fields.one("Host")},
                     {"signed", call.fields.has("x-internal-signature")},
                     {"body", call.body}};
  return seen.dump();
}

}  // namespace

Service::Service(const Namespace& place, int port, Script script) : script_(std::move(script)) {
  const Within scope(place);
  listener_ = listen_everywhere(port);
  acceptor_ = std::thread([this] { accept_all(); });
}

Service::~Service() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const Socket& socket : sockets_) socket.shut();
  }
  listener_.shut();
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
}

int Service::connections() {
  const std::lock_guard lock(mutex_);
  return static_cast<int>(sockets_.size());
}

void Service::accept_all() {
  for (;;) {
    const int fd = ::accept4(listener_.fd(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const std::lock_guard lock(mutex_);
    const Socket& socket = sockets_.emplace_back(fd);
    if (stopping_) return;
    threads_.emplace_back([this, &socket] {
      try {
        script_(socket);
      } catch (const std::exception&) {  // the sidecar hung up, or the test is over
      }
      socket.shut();
    });
  }
}

Service::Script http_owner(const std::string& name) {
  return [name](const Socket& socket) {
    MessageReader reader(socket);
    while (const auto head = reader.read_head()) {
      Message call = reader.parse_head(*head);
      if (call.fields.has("Upgrade")) {
        socket.write(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
        return echo(socket);
      }
      reader.read_body(call, false, true);
      if (!call.complete) return;
      socket.write(ok_with(seen_by(name, call)));
    }
  };
}

void echo(const Socket& socket) {
  for (std::string bytes = socket.read(); !bytes.empty(); bytes = socket.read()) {
    socket.write(bytes);
  }
}

void database(const Socket& socket) {
  socket.write(kGreeting);
  std::string lines;
  for (std::string bytes = socket.read(); !bytes.empty(); bytes = socket.read()) {
    lines += bytes;
    for (auto end = lines.find('\n'); end != std::string::npos; end = lines.find('\n')) {
      socket.write("row " + lines.substr(0, end + 1));
      lines.erase(0, end + 1);
    }
  }
}

void count_to_the_end(const Socket& socket) {
  socket.write(std::to_string(socket.read_to_end().size()) + " bytes");
}

}  // namespace e2e
