#include "cli/admin_client.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include "config/address.h"

namespace usher::cli {
namespace {

constexpr int kTimeoutSeconds = 10;
constexpr std::size_t kMaxBytes = 256 * 1024 * 1024;  // of an answer

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }

  bool connect(const sockaddr* address, socklen_t size) const {
    if (descriptor_ < 0) return false;
    const timeval timeout = {.tv_sec = kTimeoutSeconds, .tv_usec = 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    ::setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    return ::connect(descriptor_, address, size) == 0;
  }
  bool send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }
  // All that comes until the other side closes.
  bool receive(std::string& bytes) const {
    char buffer[16 * 1024];
    for (;;) {
      const ssize_t size = ::recv(descriptor_, buffer, sizeof(buffer), 0);
      if (size == 0) return true;
      if (size < 0 || bytes.size() > kMaxBytes) return false;
      bytes.append(buffer, static_cast<std::size_t>(size));
    }
  }

 private:
  int descriptor_;
};

std::string error_text() {
  return std::strerror(errno);  // NOLINT(concurrency-mt-unsafe): one thread
}

std::unique_ptr<Socket> connect_unix(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    errno = ENAMETOOLONG;
    return nullptr;
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  auto socket = std::make_unique<Socket>(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto* bytes = reinterpret_cast<const sockaddr*>(&address);
  if (!socket->connect(bytes, sizeof(address))) return nullptr;
  return socket;
}

std::unique_ptr<Socket> connect_tcp(const config::ListenAddress& listen) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(listen.port);
  if (::getaddrinfo(listen.host.c_str(), port.c_str(), &hints, &found) != 0) {
    errno = EADDRNOTAVAIL;
    return nullptr;
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, ::freeaddrinfo);
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    auto socket = std::make_unique<Socket>(
        ::socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC, one->ai_protocol));
    if (socket->connect(one->ai_addr, one->ai_addrlen)) return socket;
  }
  return nullptr;
}

tl::expected<AdminReply, std::string> read_reply(const std::string& bytes) {
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  const std::size_t end = bytes.find("\r\n\r\n");
  AdminReply reply;
  const char* const status = bytes.data() + kVersion.size();
  if (!bytes.starts_with(kVersion) || end == std::string::npos ||
      std::from_chars(status, bytes.data() + end, reply.status).ec != std::errc()) {
    return tl::unexpected(std::string("what answers there is no admin port of Usher"));
  }
  reply.body = bytes.substr(end + 4);
  return reply;
}

}  // namespace

tl::expected<AdminReply, std::string> ask_admin(const std::string& address,
                                                const std::string& target) {
  const auto listen = config::parse_listen_address(address);
  if (!listen) return tl::unexpected(listen.error());
  const bool is_unix = !listen->unix_path.empty();
  const auto socket = is_unix ? connect_unix(listen->unix_path) : connect_tcp(*listen);
  if (socket == nullptr) return tl::unexpected("cannot connect: " + error_text());
  const std::string request =
      "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + "Connection: close\r\n\r\n";
  std::string bytes;
  if (!socket->send(request) || !socket->receive(bytes)) {
    return tl::unexpected("no whole answer: " + error_text());
  }
  return read_reply(bytes);
}

}  // namespace usher::cli
