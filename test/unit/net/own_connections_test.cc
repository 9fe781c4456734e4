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

SocketAddress remote() {
  return at("192.0.2.1", 3004);
}

// The kernel lends a local port to several sockets, if they go elsewhere.
TEST(OwnConnections, TheSamePortGoingElsewhereIsAnothers) {
  const OwnConnection own(at("10.0.0.9", 40'001), remote());
  EXPECT_TRUE(is_own_connection(at("10.0.0.9", 40'001), remote()));
  EXPECT_FALSE(is_own_connection(at("10.0.0.9", 40'001), at("192.0.2.1", 3005)));
  EXPECT_FALSE(is_own_connection(at("10.0.0.9", 40'001), at("192.0.2.2", 3004)));
  EXPECT_TRUE(is_own_end(at("::ffff:10.0.0.9", 40'001)));
  EXPECT_FALSE(is_own_end(at("10.0.0.9", 40'002)));
  EXPECT_FALSE(is_own_end(*SocketAddress::from_unix_path("/run/usher.sock")));
}

TEST(OwnConnections, AreKnownWhileTheyLast) {
  const SocketAddress local = at("10.0.0.9", 40'001);
  EXPECT_FALSE(is_own_connection(local, remote()));
  {
    const OwnConnection own(local, remote());
    EXPECT_TRUE(is_own_connection(local, remote()));
    EXPECT_TRUE(is_own_connection(at("::ffff:10.0.0.9", 40'001), remote()));
    EXPECT_FALSE(is_own_connection(at("10.0.0.9", 40'002), remote()));
    EXPECT_FALSE(is_own_connection(at("10.0.0.8", 40'001), remote()));
  }
  EXPECT_FALSE(is_own_connection(local, remote()));
}

TEST(OwnConnections, MappedIsAsPlain) {
  const OwnConnection own(at("::ffff:10.0.0.7", 40'001), remote());
  EXPECT_TRUE(is_own_connection(at("10.0.0.7", 40'001), remote()));
}

TEST(OwnConnections, OneOfTwoAlikeMayEnd) {
  const SocketAddress local = at("fd00::9", 40'001);
  std::optional<OwnConnection> first(std::in_place, local, remote());
  const OwnConnection second(local, remote());
  first.reset();
  EXPECT_TRUE(is_own_connection(local, remote()));
}

TEST(OwnConnections, AnEntryMoves) {
  const SocketAddress local = at("10.0.0.6", 40'001);
  const SocketAddress other = at("10.0.0.5", 40'001);
  OwnConnection kept(other, remote());
  {
    OwnConnection first(local, remote());
    kept = std::move(first);
  }
  EXPECT_TRUE(is_own_connection(local, remote()));
  EXPECT_FALSE(is_own_connection(other, remote()));
}

TEST(OwnConnections, AUnixSocketIsNone) {
  EXPECT_FALSE(is_own_connection(*SocketAddress::from_unix_path("/run/usher.sock"), remote()));
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
