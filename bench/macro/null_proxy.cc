// A null proxy: what a proxy costs at the very least. One thread, epoll, no parsing beyond finding
// a message's end, one owner connection kept per consumer connection: four system calls a request.
// Usher's cost is told as a multiple of this one's.
//
// usage: null_proxy PORT OWNER_PORT

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

void set_no_delay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

int listen_on(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  const sockaddr_in address = loopback(port);
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      listen(fd, 4096) != 0) {
    std::perror("null_proxy");
    std::exit(1);
  }
  return fd;
}

int connect_to(std::uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(port);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    std::perror("null_proxy: owner");
    std::exit(1);
  }
  set_no_delay(fd);
  return fd;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: null_proxy PORT OWNER_PORT\n");
    return 2;
  }
  const int listener = listen_on(static_cast<std::uint16_t>(std::atoi(argv[1])));
  const auto owner_port = static_cast<std::uint16_t>(std::atoi(argv[2]));
  const int poller = epoll_create1(0);
  static std::array<int, 65536> other_side;  // by descriptor
  const auto watch = [poller](int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
  };
  watch(listener);
  std::array<epoll_event, 256> events{};
  static std::array<char, 65536> buffer;
  for (;;) {
    const int ready = epoll_wait(poller, events.data(), events.size(), -1);
    for (int i = 0; i < ready; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == listener) {
        const int consumer = accept(listener, nullptr, nullptr);
        if (consumer < 0) continue;
        set_no_delay(consumer);
        const int owner = connect_to(owner_port);
        other_side[static_cast<std::size_t>(consumer)] = owner;
        other_side[static_cast<std::size_t>(owner)] = consumer;
        watch(consumer);
        watch(owner);
        continue;
      }
      const int other = other_side[static_cast<std::size_t>(fd)];
      if (other == 0) continue;  // closed in this round
      const ssize_t count = read(fd, buffer.data(), buffer.size());
      if (count > 0 &&
          send(other, buffer.data(), static_cast<std::size_t>(count), MSG_NOSIGNAL) == count)
        continue;
      other_side[static_cast<std::size_t>(fd)] = other_side[static_cast<std::size_t>(other)] = 0;
      close(fd);
      close(other);
    }
  }
}
