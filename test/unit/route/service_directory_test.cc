#include "route/service_directory.h"

#include <gtest/gtest.h>

namespace usher::route {
namespace {

class ServiceDirectoryTest : public testing::Test {
 protected:
  ServiceDirectoryTest() {
    add("ticket-service", "10.0.0.4", 3004);
    add("order-service", "orders.example.com", 3005);
    directory_.add_listener("127.0.0.1", 7401);
  }
  void add(std::string_view name, std::string_view host, std::uint16_t port) {
    const std::uint32_t service = directory_.add_service({.host = std::string(host), .port = port});
    directory_.add_name(service, host, port);
    directory_.add_name(service, name, port);
  }
  static std::string word(const ServiceChoice& choice) {
    switch (choice.kind) {
      case ServiceChoice::Kind::Unknown:
        return "unknown";
      case ServiceChoice::Kind::Service:
        return std::to_string(choice.service);
      case ServiceChoice::Kind::Shared:
        return "shared";
      case ServiceChoice::Kind::Listener:
        return "listener";
      case ServiceChoice::Kind::Contradiction:
        return "contradiction";
    }
    return "";
  }
  static http::Authority at(std::string_view text) {
    return http::parse_authority(text).value_or(http::Authority{});
  }
  std::string proxied(std::string_view authority) { return word(directory_.choose(at(authority))); }
  std::string redirected(std::string_view host, std::string_view destination) {
    return word(directory_.choose(at(host), at(destination)));
  }

  ServiceDirectory directory_;
};

TEST_F(ServiceDirectoryTest, AProxysTargetNamesTheService) {
  EXPECT_EQ(proxied("ticket-service:3004"), "0");
  EXPECT_EQ(proxied("TICKET-SERVICE:3004"), "0");
  EXPECT_EQ(proxied("10.0.0.4:3004"), "0");
  EXPECT_EQ(proxied("orders.example.com:3005"), "1");
  EXPECT_EQ(proxied("localhost:3005"), "1");
  EXPECT_EQ(proxied("127.0.0.1:7401"), "listener");
  EXPECT_EQ(proxied("localhost:7401"), "listener");
  EXPECT_EQ(proxied("ticket-service"), "unknown");
  EXPECT_EQ(proxied("ticket-service:9090"), "unknown");
  EXPECT_EQ(proxied("example.com:3004"), "unknown");
}

TEST_F(ServiceDirectoryTest, HostNamesTheServiceOfARedirectedConnection) {
  EXPECT_EQ(redirected("ticket-service:3004", "10.96.5.5:3004"), "0");
  EXPECT_EQ(redirected("ticket-service", "10.96.5.5:3004"), "0");
  EXPECT_EQ(redirected("ticket-service:3004", "127.0.0.1:3004"), "0");
  EXPECT_EQ(redirected("localhost:3005", "[::1]:3005"), "1");
  EXPECT_EQ(redirected("10.0.0.4:3004", "10.0.0.4:3004"), "0");
  EXPECT_EQ(redirected("", "10.0.0.4:3004"), "0");
  EXPECT_EQ(redirected("alias.example.com:3004", "10.0.0.4:3004"), "0");
}

TEST_F(ServiceDirectoryTest, TheDestinationChecksIt) {
  EXPECT_EQ(redirected("ticket-service:3004", "10.96.5.5:3005"), "contradiction");
  EXPECT_EQ(redirected("ticket-service", "10.96.5.5:80"), "contradiction");
  EXPECT_EQ(redirected("ticket-service:3005", "10.96.5.5:3005"), "contradiction");
  EXPECT_EQ(redirected("order-service:3005", "10.0.0.4:3004"), "contradiction");
  EXPECT_EQ(redirected("10.0.0.4:3004", "192.0.2.1:3004"), "contradiction");
  EXPECT_EQ(redirected("192.0.2.1:3004", "10.0.0.4:3004"), "contradiction");
  EXPECT_EQ(redirected("localhost:3004", "10.0.0.4:3004"), "contradiction");
  EXPECT_EQ(redirected("alias.example.com:99", "10.0.0.4:3004"), "contradiction");
}

TEST_F(ServiceDirectoryTest, WhatIsNoServicesIsUnknown) {
  EXPECT_EQ(redirected("example.com", "192.0.2.1:80"), "unknown");
  EXPECT_EQ(redirected("example.com:8080", "192.0.2.1:80"), "unknown");
  EXPECT_EQ(redirected("192.0.2.9", "192.0.2.1:80"), "unknown");
  EXPECT_EQ(redirected("example.com:3004", "192.0.2.1:3004"), "unknown");
}

TEST_F(ServiceDirectoryTest, AnAddressThatServicesShareIsLookedThroughByPath) {
  add("venue-service", "gateway", 80);
  add("event-service", "gateway", 80);
  EXPECT_EQ(proxied("gateway"), "shared");
  EXPECT_EQ(redirected("gateway", "10.0.0.9:80"), "shared");
  EXPECT_EQ(proxied("venue-service"), "2");
  EXPECT_EQ(proxied("localhost:80"), "unknown");
}

}  // namespace
}  // namespace usher::route
