#include "config/address.h"

#include <gtest/gtest.h>

namespace usher::config {
namespace {

using std::string_view_literals::operator""sv;

TEST(ListenAddress, ReadsEveryForm) {
  const auto v4 = parse_listen_address("127.0.0.1:7401");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->host, "127.0.0.1");
  EXPECT_EQ(v4->port, 7401);
  const auto v6 = parse_listen_address("[::1]:0");
  ASSERT_TRUE(v6);
  EXPECT_EQ(v6->host, "::1");
  EXPECT_EQ(v6->port, 0);
  EXPECT_EQ(parse_listen_address("localhost:80")->host, "localhost");
  const auto unix_socket = parse_listen_address("unix:/run/usher.sock");
  ASSERT_TRUE(unix_socket);
  EXPECT_EQ(unix_socket->unix_path, "/run/usher.sock");
  EXPECT_TRUE(unix_socket->host.empty());
}

TEST(ListenAddress, SaysWhatIsWrong) {
  const std::string wanted =
      R"(; expected "127.0.0.1:7401", "[::1]:7401", "localhost:7401" or "unix:/path")";
  const std::pair<std::string, std::string> cases[] = {
      {"", "\"\" is not an address to listen on" + wanted},
      {"7401", "\"7401\" is not an address to listen on" + wanted},
      {"127.0.0.1", "\"127.0.0.1\" is not an address to listen on" + wanted},
      {"127.0.0.1:70000", "\"127.0.0.1:70000\" is not an address to listen on" + wanted},
      {"::1:7401", "\"::1:7401\" is not an address to listen on" + wanted},
      {"[::g]:7401", "\"[::g]:7401\" is not an address to listen on" + wanted},
      {"ticket:7401", "the host of \"ticket:7401\" is not a literal address" + wanted},
      {"unix:run", "\"unix:run\" has no absolute path" + wanted},
      {"unix:/" + std::string(107, 'a'), "the path of \"unix:/" + std::string(74, 'a') +
                                             "…\" is longer than the 107 bytes that a "
                                             "Unix socket may have; choose a shorter one"},
  };
  for (const auto& [text, message] : cases) {
    const auto parsed = parse_listen_address(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error(), message);
  }
}

TEST(ListenAddress, EndsAtNoNul) {
  for (const std::string_view text : {"127.0.0.1\0x:1"sv, "[::1\0x]:1"sv, "unix:/run/a\0b"sv}) {
    EXPECT_FALSE(parse_listen_address(text)) << text;
  }
}

TEST(ListenAddress, KnowsWhatIsLocal) {
  for (const char* text : {"127.0.0.1:1", "127.9.9.9:1", "[::1]:1", "localhost:1", "unix:/a"}) {
    EXPECT_TRUE(is_local(*parse_listen_address(text))) << text;
  }
  for (const char* text : {"0.0.0.0:1", "10.0.0.1:1", "[::]:1", "[fe80::1]:1"}) {
    EXPECT_FALSE(is_local(*parse_listen_address(text))) << text;
  }
}

TEST(ListenAddress, KnowsWhatClashes) {
  struct Case {
    const char* a;
    const char* b;
    bool expected;
  };
  const Case cases[] = {
      {"127.0.0.1:1", "127.0.0.1:1", true},  {"127.0.0.1:1", "127.0.0.1:2", false},
      {"127.0.0.1:0", "127.0.0.1:0", false}, {"127.0.0.1:1", "127.0.0.2:1", false},
      {"0.0.0.0:1", "127.0.0.1:1", true},    {"0.0.0.0:1", "[::1]:1", false},
      {"[::]:1", "127.0.0.1:1", true},       {"localhost:1", "127.0.0.1:1", true},
      {"localhost:1", "[::1]:1", true},      {"unix:/a", "unix:/a", true},
      {"unix:/a", "unix:/b", false},         {"unix:/a", "127.0.0.1:1", false},
  };
  for (const Case& c : cases) {
    const auto a = *parse_listen_address(c.a);
    const auto b = *parse_listen_address(c.b);
    EXPECT_EQ(clash(a, b), c.expected) << c.a << " " << c.b;
    EXPECT_EQ(clash(b, a), c.expected) << c.a << " " << c.b;
  }
}

TEST(OwnerAddress, ReadsHostPortAndAuthority) {
  struct Case {
    const char* text;
    const char* host;
    int port;
    const char* authority;
  };
  const Case cases[] = {
      {"http://ticket-service:3004", "ticket-service", 3004, "ticket-service:3004"},
      {"http://ticket_service", "ticket_service", 80, "ticket_service"},
      {"http://10.0.0.7:80/", "10.0.0.7", 80, "10.0.0.7"},
      {"http://[::1]:3004", "::1", 3004, "[::1]:3004"},
      {"http://[::1]", "::1", 80, "[::1]"},
  };
  for (const Case& c : cases) {
    const auto parsed = parse_owner_address(c.text);
    ASSERT_TRUE(parsed) << c.text;
    EXPECT_EQ(parsed->host, c.host);
    EXPECT_EQ(parsed->port, c.port);
    EXPECT_EQ(parsed->authority, c.authority);
  }
}

TEST(OwnerAddress, SaysWhatIsWrong) {
  const std::string wanted = R"(; expected "http://host:port" without a path)";
  const std::string no_user =
      "a user or password stands in this address; Usher signs calls instead, leave it out";
  const std::pair<std::string, std::string> cases[] = {
      {"https://a", "\"https://a\": TLS to owners is not available in this version; use http://"},
      {"a:3004", "\"a:3004\" is not an owner's address" + wanted},
      {"http://a/b", "\"http://a/b\" has a path, which \"prefix\" or \"rewrite\" is for" + wanted},
      {"http://a?b", "\"http://a?b\" has a path, which \"prefix\" or \"rewrite\" is for" + wanted},
      {"http://", "\"http://\" has no usable host" + wanted},
      {"http://u:p@a", no_user},
      {"http://u@a", no_user},
      {"http://a:0", "\"http://a:0\" has no usable port" + wanted},
      {"http://a:b", "\"http://a:b\" has no usable port" + wanted},
  };
  for (const auto& [text, message] : cases) {
    const auto parsed = parse_owner_address(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error(), message);
  }
}

TEST(OwnerAddress, EndsAtNoNul) {
  EXPECT_FALSE(parse_owner_address("http://[::1\0x]:80"sv));
}

}  // namespace
}  // namespace usher::config
