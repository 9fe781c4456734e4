#include "proxy/protocol_sniffer.h"

#include <gtest/gtest.h>

#include <string>

namespace usher::proxy {
namespace {

constexpr std::size_t kLineMax = 64;

Protocol of(std::string_view bytes) {
  return sniff(bytes, kLineMax);
}

TEST(ProtocolSniffer, KnowsHttpByItsRequestLine) {
  EXPECT_EQ(of("GET / HTTP/1.1\r\n"), Protocol::Http);
  EXPECT_EQ(of("\r\nPOST /x HTTP/1.0\r\nHost: a\r\n"), Protocol::Http);
  EXPECT_EQ(of("M-SEARCH * HTTP/1.1\r\n"), Protocol::Http);
  // And these are refused as such.
  EXPECT_EQ(of("GET / HTTP/1.1\n"), Protocol::Http);
  EXPECT_EQ(of("GET / HTTP/1.1 \r\n"), Protocol::Http);
  EXPECT_EQ(of("\nGET / HTTP/1.1\r\n"), Protocol::Http);
  EXPECT_EQ(of("\r\n\r\nGET / HTTP/1.1\r\n"), Protocol::Http);
  EXPECT_EQ(of("GET /" + std::string(kLineMax, 'a')), Protocol::Http);
}

TEST(ProtocolSniffer, CarriesEverythingElse) {
  EXPECT_EQ(of(std::string("\x16\x03\x01\x02", 4)), Protocol::Raw);            // TLS
  EXPECT_EQ(of(std::string("\0\0\0\x08\x04\xd2\x16\x2f", 8)), Protocol::Raw);  // Postgres
  EXPECT_EQ(of("*1\r\n$4\r\nPING\r\n"), Protocol::Raw);                        // Redis
  EXPECT_EQ(of("PING\r\n"), Protocol::Raw);
  EXPECT_EQ(of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), Protocol::Raw);
  EXPECT_EQ(of("NICK somebody\r\n"), Protocol::Raw);
  EXPECT_EQ(of("get key\r\n"), Protocol::Raw);
  EXPECT_EQ(of(" GET / HTTP/1.1\r\n"), Protocol::Raw);
  EXPECT_EQ(of("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), Protocol::Raw);
}

TEST(ProtocolSniffer, WaitsForARequestLineAsLongAsItMayBeOne) {
  const std::string line = "DELETE /a?b HTTP/1.1\r\n";
  for (std::size_t size = 0; size + 1 < line.size(); ++size) {
    EXPECT_EQ(of(line.substr(0, size)), Protocol::Unknown) << size;
  }
  EXPECT_EQ(of("\r"), Protocol::Unknown);
  EXPECT_EQ(of("\r\n\r\n"), Protocol::Unknown);
  EXPECT_EQ(of(std::string(kLineMax + 1, '\n')), Protocol::Raw);
}

}  // namespace
}  // namespace usher::proxy
