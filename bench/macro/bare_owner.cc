// A bare owner: one thread, epoll, the same answer to every request, as cheap as a server can be.
// It checks nothing, so that what a benchmark shows is the proxy in front of it.
//
// usage: bare_owner PORT [BODY_BYTES]

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>

namespace {

// What of the present request has arrived: its head as far as needed, then how much of the body is
// missing.
struct Connection {
  std::string head;
  std::size_t body_missing = 0;
};

std::size_t content_length(std::string_view head) {
  constexpr std::string_view kName = "\r\nContent-Length: ";
  const std::size_t at = head.find(kName);
  if (at == std::string_view::npos) return 0;
  std::size_t length = 0;
  const std::string_view digits = head.substr(at + kName.size());
  std::from_chars(digits.data(), digits.data() + digits.size(), length);
  return length;
}

// Takes `bytes` and returns how many requests were completed by them.
int requests_completed(Connection& connection, std::string_view bytes) {
  int completed = 0;
  while (!bytes.empty()) {
    if (connection.body_missing > 0) {
      const std::size_t taken = std::min(bytes.size(), connection.body_missing);
      connection.body_missing -= taken;
      bytes.remove_prefix(taken);
      if (connection.body_missing == 0) ++completed;
      continue;
    }
    const std::size_t before = connection.head.size();
    connection.head.append(bytes);
    const std::size_t end = connection.head.find("\r\n\r\n", before < 3 ? 0 : before - 3);
    if (end == std::string::npos) return completed;
    bytes.remove_prefix(end + 4 - before);
    connection.body_missing = content_length(std::string_view(connection.head).substr(0, end + 2));
    connection.head.clear();
    if (connection.body_missing == 0) ++completed;
  }
  return completed;
}

int listen_on(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(fd, 4096) != 0) {
    std::perror("bare_owner");
    std::exit(1);
  }
  return fd;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::string make_answer(std::size_t body_bytes) {
  std::string body =
      "{\"ticketId\":\"7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01\",\"status\":\"SOLD\",\"padding\":\"";
  body.resize(body_bytes < body.size() + 2 ? body.size() : body_bytes - 2, 'x');
  body += "\"}";
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bare_owner PORT [BODY_BYTES]\n");
    return 2;
  }
  const std::string answer = make_answer(argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 350);
  const int listener = listen_on(static_cast<std::uint16_t>(std::atoi(argv[1])));
  const int poller = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener;
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
  std::unordered_map<int, Connection> connections;
  std::array<epoll_event, 256> events{};
  static std::array<char, 65536> buffer;
  for (;;) {
    const int ready = epoll_wait(poller, events.data(), events.size(), -1);
    for (int i = 0; i < ready; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == listener) {
        const int accepted = accept(listener, nullptr, nullptr);
        if (accepted < 0) continue;
        const int on = 1;
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
        event.events = EPOLLIN;
        event.data.fd = accepted;
        epoll_ctl(poller, EPOLL_CTL_ADD, accepted, &event);
        connections[accepted];
        continue;
      }
      const ssize_t count = read(fd, buffer.data(), buffer.size());
      bool alive = count > 0;
      if (alive) {
        int answers =
            requests_completed(connections[fd], {buffer.data(), static_cast<std::size_t>(count)});
        for (; alive && answers > 0; --answers) alive = write_all(fd, answer);
      }
      if (!alive) {
        connections.erase(fd);
        close(fd);
      }
    }
  }
}
