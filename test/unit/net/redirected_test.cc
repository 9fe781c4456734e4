// Connections that the kernel's rules redirect, in a network namespace of the test's own. Skipped
// where none may be made.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <string>
#include <thread>

#include "net/connection_origin.h"
#include "unit/net/uv_loop.h"

namespace usher::net {
namespace {

constexpr std::uint16_t kCaptured = 3000;
constexpr std::uint16_t kPort = 7401;

SocketAddress at(const char* ip, std::uint16_t port) {
  return *SocketAddress::from_ip(ip, port);
}

bool bring_loopback_up() {
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq request{};
  std::strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  const bool done = ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
  ::close(fd);
  return done;
}

bool redirect_captured_port() {
  const std::string path = testing::TempDir() + "redirected_test.nft";
  std::ofstream(path) << "table inet usher_test {\n chain output {\n"
                         "  type nat hook output priority -100; policy accept;\n"
                         "  tcp dport "
                      << kCaptured << " redirect to :" << kPort << "\n }\n}\n";
  const int status = std::system(("nft -f " + path + " 2>/dev/null").c_str());
  std::remove(path.c_str());
  return status == 0;
}

class Redirected : public UvLoop {
 protected:
  void listen_on_both() {
    listen(at("127.0.0.1", kPort));
    listen(at("::1", kPort));
  }
  // On a thread of its own, whose namespace ends with it.
  void in_a_namespace(const std::function<void()>& story) {
    bool possible = false;
    std::thread([&] {
      possible = ::unshare(CLONE_NEWNET) == 0 && bring_loopback_up() && redirect_captured_port();
      if (!possible) return;
      story();
      network.close_listeners();
    }).join();
    if (!possible) GTEST_SKIP() << "no network namespace, or no nft";
  }
};

TEST_F(Redirected, SayWhereTheyWereGoing) {
  in_a_namespace([&] {
    listen_on_both();
    for (const char* ip : {"127.0.0.1", "127.0.0.5", "::1", "::ffff:127.0.0.1"}) {
      SCOPED_TRACE(ip);
      const SocketAddress destination = at(ip, kCaptured);
      const Peer peer(destination);
      EXPECT_EQ(accept().stream->original_destination(), destination.unmapped());
    }
  });
}

// As a socket of somebody else's making, which serves both families, sees IPv4.
TEST_F(Redirected, AMappedConnectionIsAskedAsIpv4) {
  in_a_namespace([&] {
    const int listening = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int off = 0;
    ::setsockopt(listening, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
    const SocketAddress any = at("::", kPort);
    EXPECT_EQ(::bind(listening, any.data(), any.size()), 0);
    EXPECT_EQ(::listen(listening, 8), 0);
    const SocketAddress destination = at("127.0.0.5", kCaptured);
    const Peer peer(destination);
    const int fd = ::accept4(listening, nullptr, nullptr, SOCK_CLOEXEC);
    EXPECT_EQ(local_address(fd)->family(), AF_INET6);
    EXPECT_EQ(redirected_from(fd), destination);
    ::close(fd);
    ::close(listening);
  });
}

// The kernel tracks it, and names the listener's own address.
TEST_F(Redirected, OneAimedAtTheListenerIsNot) {
  in_a_namespace([&] {
    listen_on_both();
    for (const char* ip : {"127.0.0.1", "::1"}) {
      SCOPED_TRACE(ip);
      const Peer peer(at(ip, kPort));
      EXPECT_FALSE(accept().stream->original_destination().has_value());
    }
  });
}

TEST_F(Redirected, ALoopIsSeen) {
  in_a_namespace([&] {
    listen_on_both();
    Record client;
    client.stream = network.connect(at("127.0.0.5", kCaptured), client);
    EXPECT_TRUE(accept().stream->is_from_self());
    const Peer peer(at("127.0.0.5", kCaptured));
    EXPECT_FALSE(accept().stream->is_from_self());
  });
}

}  // namespace
}  // namespace usher::net
