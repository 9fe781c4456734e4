// What an idle connection of a consumer costs: these two objects and eight bytes of libuv's table
// of descriptors. `./dev bench connections` measures all of it.
#include <gtest/gtest.h>

#include "net/uv_stream.h"
#include "proxy/downstream_connection.h"

namespace usher::server {
namespace {

TEST(ConnectionSize, IsWithinAKibibyte) {
  EXPECT_LE(sizeof(net::UvStream) + sizeof(proxy::DownstreamConnection), 1000U);
}

}  // namespace
}  // namespace usher::server
