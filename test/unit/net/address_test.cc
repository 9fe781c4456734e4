#include "net/address.h"

#include <gtest/gtest.h>

namespace usher::net {
namespace {

TEST(SocketAddress, Ipv4) {
  const auto address = SocketAddress::from_ip("127.0.0.1", 7401);
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->to_string(), "127.0.0.1:7401");
  EXPECT_EQ(address->family(), AF_INET);
  EXPECT_EQ(address->port(), 7401);
  EXPECT_EQ(address->size(), sizeof(sockaddr_in));
  EXPECT_EQ(address->with_port(80).to_string(), "127.0.0.1:80");
}

TEST(SocketAddress, Ipv6) {
  const auto address = SocketAddress::from_ip("::1", 7401);
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->to_string(), "[::1]:7401");
  EXPECT_EQ(address->family(), AF_INET6);
  EXPECT_EQ(address->with_port(1).port(), 1);
  EXPECT_EQ(SocketAddress::from_ip("2001:DB8:0:0::1", 1)->to_string(), "[2001:db8::1]:1");
}

TEST(SocketAddress, NamesAreNoAddresses) {
  for (const char* text :
       {"", "localhost", "256.0.0.1", "1.2.3", "1.2.3.4 ", "[::1]", ":::", "0x7f.1"}) {
    EXPECT_FALSE(SocketAddress::from_ip(text, 80).has_value()) << text;
  }
}

TEST(SocketAddress, UnixPaths) {
  const auto address = SocketAddress::from_unix_path("/run/usher.sock");
  ASSERT_TRUE(address.has_value());
  EXPECT_EQ(address->to_string(), "unix:/run/usher.sock");
  EXPECT_EQ(address->port(), 0);
  EXPECT_EQ(address->with_port(80), *address);
  EXPECT_TRUE(SocketAddress::from_unix_path(std::string(107, 'x')).has_value());
  EXPECT_FALSE(SocketAddress::from_unix_path(std::string(108, 'x')).has_value());
  EXPECT_FALSE(SocketAddress::from_unix_path("").has_value());
}

TEST(SocketAddress, Equality) {
  const auto a = *SocketAddress::from_ip("10.0.0.1", 80);
  EXPECT_EQ(a, *SocketAddress::from_ip("10.0.0.1", 80));
  EXPECT_FALSE(a == *SocketAddress::from_ip("10.0.0.1", 81));
  EXPECT_FALSE(a == *SocketAddress::from_ip("10.0.0.2", 80));
  EXPECT_FALSE(a == *SocketAddress::from_ip("::1", 80));
  EXPECT_EQ(SocketAddress::from_system(a.data(), a.size()), a);
}

TEST(SocketAddress, Loopback) {
  for (const char* ip : {"127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(SocketAddress::from_ip(ip, 80)->is_loopback()) << ip;
  }
  for (const char* ip : {"128.0.0.1", "10.127.0.1", "0.0.0.0", "::", "::2", "::ffff:10.0.0.9"}) {
    EXPECT_FALSE(SocketAddress::from_ip(ip, 80)->is_loopback()) << ip;
  }
  EXPECT_FALSE(SocketAddress::from_unix_path("/run/usher.sock")->is_loopback());
}

TEST(SocketAddress, MappedIntoIpv6) {
  const auto plain = *SocketAddress::from_ip("10.0.0.9", 3000);
  EXPECT_EQ(SocketAddress::from_ip("::ffff:10.0.0.9", 3000)->unmapped(), plain);
  EXPECT_EQ(plain.unmapped(), plain);
  EXPECT_EQ(plain.ip_bytes(), SocketAddress::from_ip("::ffff:10.0.0.9", 1)->ip_bytes());
  const auto v6 = *SocketAddress::from_ip("::a00:9", 3000);
  EXPECT_EQ(v6.unmapped(), v6);
  EXPECT_NE(v6.ip_bytes(), plain.ip_bytes());
}

}  // namespace
}  // namespace usher::net
