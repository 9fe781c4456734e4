#include "config/redis_url.h"

#include <gtest/gtest.h>

namespace usher::config {
namespace {

TEST(RedisUrl, ReadsEveryForm) {
  struct Case {
    std::string text;
    std::string host;
    std::string path;
    std::string username;
    std::string password;
    unsigned port;
    std::optional<unsigned> database;
    bool tls;
  };
  const Case cases[] = {
      {"redis://redis", "redis", "", "", "", 6379, std::nullopt, false},
      {"redis://10.0.0.7:7000/", "10.0.0.7", "", "", "", 7000, std::nullopt, false},
      {"redis://[::1]:7000/15", "::1", "", "", "", 7000, 15, false},
      {"redis://h/65535", "h", "", "", "", 6379, 65535, false},
      {"redis://h?db=3", "h", "", "", "", 6379, 3, false},
      {"redis://:secret@h:1/0", "h", "", "", "secret", 1, 0, false},
      {"redis://usher:secret@h:1", "h", "", "usher", "secret", 1, std::nullopt, false},
      {"redis://usher@h", "h", "", "usher", "", 6379, std::nullopt, false},
      {"redis://u%40x:a%2Fb%3a%25@h", "h", "", "u@x", "a/b:%", 6379, std::nullopt, false},
      {"redis://u:a/b@c?d#e:f@h/1", "h", "", "u", "a/b@c?d#e:f", 6379, 1, false},
      {"rediss://h:6380/2", "h", "", "", "", 6380, 2, true},
      {"unix:///run/redis.sock", "", "/run/redis.sock", "", "", 0, std::nullopt, false},
      {"unix:///run/a%20b@c.sock?db=1", "", "/run/a b@c.sock", "", "", 0, 1, false},
      {"unix://u:p@/run/redis.sock", "", "/run/redis.sock", "u", "p", 0, std::nullopt, false},
  };
  for (const Case& c : cases) {
    const auto url = parse_redis_url(c.text);
    ASSERT_TRUE(url) << c.text << ": " << url.error();
    EXPECT_EQ(url->address.host, c.host) << c.text;
    EXPECT_EQ(url->address.port, c.port) << c.text;
    EXPECT_EQ(url->address.path, c.path) << c.text;
    EXPECT_EQ(url->username, c.username) << c.text;
    EXPECT_EQ(url->password, c.password) << c.text;
    EXPECT_EQ(url->database, c.database) << c.text;
    EXPECT_EQ(url->tls, c.tls) << c.text;
  }
}

TEST(RedisUrl, SaysWhatIsWrongWithoutQuotingIt) {
  const std::string wanted =
      R"(; expected "redis://host:6379/0", "rediss://host:6379/0" or "unix:///path?db=0")";
  const std::pair<std::string, std::string> cases[] = {
      {"", "is not a URL of a Redis server"},
      {"redis", "is not a URL of a Redis server"},
      {"redis:6379", "is not a URL of a Redis server"},
      {"http://redis:6379", "has an unknown scheme"},
      {"redis://", "has no usable host and port"},
      {"redis:///0", "has no usable host and port"},
      {"redis://a b", "has no usable host and port"},
      {"redis://h:0", "has no usable host and port"},
      {"redis://h:65536", "has no usable host and port"},
      {"redis://::1", "has no usable host and port"},
      {"redis://h#1", "has no usable host and port"},
      {"redis://u:secret%4@h", "has a '%' without two hexadecimal digits in its user or password"},
      {"redis://u:secret@h/one", "has a path that is not the number of a database"},
      {"redis://h/65536", "has a path that is not the number of a database"},
      {"redis://h/0/", "has a path that is not the number of a database"},
      {"redis://h?timeout=1",
       "has a query that is not the number of its database, as in \"?db=0\""},
      {"redis://h?db=", "has a query that is not the number of its database, as in \"?db=0\""},
      {"redis://h/1?db=1", "has a query that is not the number of its database, as in \"?db=0\""},
      {"unix://", "has no usable path of a Unix socket"},
      {"unix://run/redis.sock", "has no usable path of a Unix socket"},
      {"unix:///run/%zz", "has no usable path of a Unix socket"},
      {"unix:///run/%00", "has no usable path of a Unix socket"},
      {"unix:///" + std::string(107, 'a'), "has no usable path of a Unix socket"},
  };
  for (const auto& [text, message] : cases) {
    const auto url = parse_redis_url(text);
    ASSERT_FALSE(url) << text;
    EXPECT_EQ(url.error(), message + wanted) << text;
  }
  EXPECT_FALSE(parse_redis_url(std::string_view("redis://h\0x", 11)));
}

}  // namespace
}  // namespace usher::config
