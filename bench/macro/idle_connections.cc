// Opens connections to a proxy and keeps them idle until it is killed, so that somebody can look at
// the proxy's memory meanwhile. Prints "ready" when all are open.
//
// usage: idle_connections PORT COUNT [called]     "called": each connection makes one call first

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

constexpr std::string_view kCall =
    "GET /internal/tickets/7b1d9c52-3c1f-4f5e-8a77-2f0d6f0e1a01/status HTTP/1.1\r\n"
    "Host: localhost\r\nX-Tenant-ID: c0a8012e-9a52-4b7e-8d11-0a1b2c3d4e5f\r\n\r\n";

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

int number(const char* text) {
  int value = 0;
  std::from_chars(text, text + std::string_view(text).size(), value);
  return value;
}

// As many descriptors as the system lets one have.
void raise_descriptor_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int connect_to(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) fail("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("connect");
  const timeval guard{10, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &guard, sizeof guard);
  return fd;
}

// One call, answered with a Content-Length.
void call(int fd) {
  constexpr std::string_view kLength = "\r\nContent-Length: ";
  if (send(fd, kCall.data(), kCall.size(), 0) != static_cast<ssize_t>(kCall.size())) fail("send");
  std::string answer;
  std::size_t wanted = std::string::npos;
  while (answer.size() < wanted) {
    std::array<char, 4096> bytes;
    const ssize_t size = recv(fd, bytes.data(), bytes.size(), 0);
    if (size <= 0) fail("recv");
    answer.append(bytes.data(), static_cast<std::size_t>(size));
    const std::size_t end = answer.find("\r\n\r\n");
    const std::size_t length = answer.find(kLength);
    if (end == std::string::npos || length == std::string::npos) continue;
    wanted = end + 4 + static_cast<std::size_t>(number(answer.c_str() + length + kLength.size()));
  }
  if (!answer.starts_with("HTTP/1.1 200")) {
    std::fprintf(stderr, "idle_connections: %s\n", answer.c_str());
    std::exit(1);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: idle_connections PORT COUNT [called]\n");
    return 2;
  }
  raise_descriptor_limit();
  const bool called = argc > 3;
  for (int i = 0; i < number(argv[2]); ++i) {
    const int fd = connect_to(number(argv[1]));
    if (called) call(fd);
  }
  std::puts("ready");
  std::fflush(stdout);
  pause();
  return 0;
}
