#include "net/own_connections.h"

#include <gtest/gtest.h>

#include <optional>
#include <utility>

#include "unit/net/uv_loop.h"

namespace usher::net {
namespace {

SocketAddress at(const char* ip, std::uint16_t port) {
  return *SocketAddress::from_ip(ip, port);
}

TEST(OwnConnections, AreKnownWhileTheyLast) {
  const SocketAddress local = at("10.0.0.9", 40'001);
  EXPECT_FALSE(is_own_connection(local));
  {
    const OwnConnection own(local);
    EXPECT_TRUE(is_own_connection(local));
    EXPECT_TRUE(is_own_connection(at("::ffff:10.0.0.9", 40'001)));
    EXPECT_FALSE(is_own_connection(at("10.0.0.9", 40'002)));
    EXPECT_FALSE(is_own_connection(at("10.0.0.8", 40'001)));
  }
  EXPECT_FALSE(is_own_connection(local));
}

TEST(OwnConnections, MappedIsAsPlain) {
  const OwnConnection own(at("::ffff:10.0.0.7", 40'001));
  EXPECT_TRUE(is_own_connection(at("10.0.0.7", 40'001)));
}

TEST(OwnConnections, OneOfTwoAlikeMayEnd) {
  const SocketAddress local = at("fd00::9", 40'001);
  std::optional<OwnConnection> first(std::in_place, local);
  const OwnConnection second(local);
  first.reset();
  EXPECT_TRUE(is_own_connection(local));
}

TEST(OwnConnections, AnEntryMoves) {
  const SocketAddress local = at("10.0.0.6", 40'001);
  const SocketAddress other = at("10.0.0.5", 40'001);
  OwnConnection kept(other);
  {
    OwnConnection first(local);
    kept = std::move(first);
  }
  EXPECT_TRUE(is_own_connection(local));
  EXPECT_FALSE(is_own_connection(other));
}

TEST(OwnConnections, AUnixSocketIsNone) {
  EXPECT_FALSE(is_own_connection(*SocketAddress::from_unix_path("/run/usher.sock")));
}

class ConnectionOriginTest : public UvLoop {};

TEST_F(ConnectionOriginTest, ALoopIsSeen) {
  for (const char* ip : {"127.0.0.1", "::1"}) {
    SCOPED_TRACE(ip);
    listen(at(ip, 0));
    Record client;
    client.stream = network.connect(address, client);
    Record& server = accept();
    EXPECT_TRUE(server.stream->is_from_self());
    client.close();
    ASSERT_TRUE(run_until([&] { return server.ends == 1; }));
    turn();
    EXPECT_FALSE(server.stream->is_from_self()) << "it is closed";
  }
}

TEST_F(ConnectionOriginTest, OthersAreNoLoop) {
  listen();
  Peer peer(address);
  Record& server = accept();
  EXPECT_FALSE(server.stream->is_from_self());
  const auto local = *SocketAddress::from_unix_path(testing::TempDir() + "connection_origin.sock");
  listen(local);
  Record client;
  client.stream = network.connect(address, client);
  Record& by_file = accept();
  EXPECT_FALSE(by_file.stream->is_from_self());
  EXPECT_FALSE(by_file.stream->original_destination().has_value());
  ::unlink(reinterpret_cast<const sockaddr_un*>(local.data())->sun_path);
}

// With connection tracking the kernel names the listener itself, without it nothing.
TEST_F(ConnectionOriginTest, ADirectConnectionHasNoOtherDestination) {
  for (const char* ip : {"127.0.0.1", "::1"}) {
    SCOPED_TRACE(ip);
    listen(at(ip, 0));
    Peer peer(address);
    EXPECT_FALSE(accept().stream->original_destination().has_value());
  }
}

}  // namespace
}  // namespace usher::net
