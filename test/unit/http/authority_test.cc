#include "http/authority.h"

#include <gtest/gtest.h>

namespace usher::http {
namespace {

std::string read(std::string_view text) {
  const auto authority = parse_authority(text);
  return authority ? authority->host + "|" + std::to_string(authority->port) : "none";
}

TEST(Authority, IsReadAsItIsCompared) {
  EXPECT_EQ(read("ticket-service:3004"), "ticket-service|3004");
  EXPECT_EQ(read("Ticket-Service.Shop.:3004"), "ticket-service.shop|3004");
  EXPECT_EQ(read("ticket-service"), "ticket-service|0");
  EXPECT_EQ(read("10.0.0.7:80"), "10.0.0.7|80");
  EXPECT_EQ(read("[0:0::1]:80"), "::1|80");
  EXPECT_EQ(read("[FD00::AB]"), "fd00::ab|0");
  EXPECT_EQ(read("[::ffff:10.0.0.7]:80"), "10.0.0.7|80");
  EXPECT_EQ(read("user@host"), "none");
  EXPECT_EQ(read("host:70000"), "none");
  EXPECT_EQ(read(""), "none");
}

TEST(Authority, IsWrittenWithBracketsAroundIpv6) {
  EXPECT_EQ(to_string(Authority{.host = "::1", .port = 80}), "[::1]:80");
  EXPECT_EQ(to_string(Authority{.host = "::1"}), "[::1]");
  EXPECT_EQ(to_string(Authority{.host = "a", .port = 1}), "a:1");
}

TEST(Authority, KnowsLoopbackAndLiterals) {
  EXPECT_TRUE(is_loopback_host("localhost"));
  EXPECT_TRUE(is_loopback_host("127.0.0.5"));
  EXPECT_TRUE(is_loopback_host("::1"));
  EXPECT_TRUE(is_loopback_host("0.0.0.0"));
  EXPECT_TRUE(is_loopback_host("::"));
  EXPECT_FALSE(is_loopback_host("127.example.com"));
  EXPECT_FALSE(is_loopback_host("10.0.0.1"));
  EXPECT_TRUE(is_ip_literal("fd00::1"));
  EXPECT_FALSE(is_ip_literal("ticket-service"));
}

TEST(Authority, KnowsLinkLocalAddresses) {
  for (const auto* host : {"169.254.169.254", "fe80::1", "febf::1", "fd00:ec2::254"}) {
    EXPECT_TRUE(is_link_local(host)) << host;
  }
  for (const auto* host : {"169.254.example.com", "fec0::1", "fe8::1", "feed.example.com",
                           "10.0.0.1", "fd00:ec2::255"}) {
    EXPECT_FALSE(is_link_local(host)) << host;
  }
}

}  // namespace
}  // namespace usher::http
