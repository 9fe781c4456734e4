#include "cache/redis_slots.h"

#include <gtest/gtest.h>

#include "cache/redis_codec.h"

namespace usher::cache {
namespace {

const RedisAddress kAsked{"10.0.0.9", 7000, ""};

// Against CLUSTER KEYSLOT of a real server.
TEST(RedisSlots, OfKeys) {
  EXPECT_EQ(slot_of(""), 0u);
  EXPECT_EQ(slot_of("123456789"), 0x31C3u % kRedisSlots);  // the CRC's check value
  EXPECT_EQ(slot_of("foo"), 12182u);
  EXPECT_EQ(slot_of("foo{}{bar}"), slot_of("foo{}{bar}"));
  EXPECT_NE(slot_of("foo{}{bar}"), slot_of("bar")) << "empty braces: the whole key";
  EXPECT_EQ(slot_of("foo{{bar}}zap"), slot_of("{bar"));
  EXPECT_EQ(slot_of("foo{bar}{zap}"), slot_of("bar"));
  EXPECT_EQ(slot_of("usher:{0123456789abcdef}:e:1"), slot_of("usher:{0123456789abcdef}:g"));
  EXPECT_EQ(slot_of("}{x}"), slot_of("x"));
  EXPECT_EQ(slot_of("{x"), slot_of("{x"));
  EXPECT_NE(slot_of("{x"), slot_of("x"));
}

TEST(RedisSlots, Redirections) {
  const auto moved = parse_redirection("MOVED 3999 127.0.0.1:6381", kAsked);
  ASSERT_TRUE(moved.has_value());
  EXPECT_FALSE(moved->only_once);
  EXPECT_EQ(moved->slot, 3999u);
  EXPECT_EQ(moved->to, (RedisAddress{"127.0.0.1", 6381, ""}));
  const auto ask = parse_redirection("ASK 0 ::1:6382", kAsked);
  ASSERT_TRUE(ask.has_value());
  EXPECT_TRUE(ask->only_once);
  EXPECT_EQ(ask->to, (RedisAddress{"::1", 6382, ""}));
  EXPECT_EQ(parse_redirection("MOVED 1 :6383", kAsked)->to, (RedisAddress{"10.0.0.9", 6383, ""}));
  EXPECT_EQ(parse_redirection("MOVED 1 ?:6383", kAsked)->to, (RedisAddress{"10.0.0.9", 6383, ""}));
  for (const char* wrong : {"", "MOVED", "MOVED ", "MOVED 1", "MOVED 16384 127.0.0.1:1",
                            "MOVED -1 127.0.0.1:1", "MOVED x 127.0.0.1:1", "MOVED 1 127.0.0.1",
                            "MOVED 1 127.0.0.1:0", "MOVED 1 127.0.0.1:65536", "MOVED 1 127.0.0.1:x",
                            "MOVEDX 1 127.0.0.1:1", "ERR MOVED 1 127.0.0.1:1", "MOVED 1:2 3"}) {
    EXPECT_FALSE(parse_redirection(wrong, kAsked).has_value()) << wrong;
  }
}

TEST(RedisSlots, TheMap) {
  ReplyReader reader;
  reader.feed(
      "*9\r\n"
      "*4\r\n:0\r\n:100\r\n*4\r\n$9\r\n127.0.0.1\r\n:7001\r\n$2\r\nid\r\n*0\r\n"
      "*3\r\n$9\r\n127.0.0.1\r\n:7002\r\n$2\r\nid\r\n"
      "*3\r\n:101\r\n:16383\r\n*3\r\n$-1\r\n:7003\r\n$2\r\nid\r\n"
      "*3\r\n:200\r\n:100\r\n*2\r\n$1\r\nx\r\n:1\r\n"  // upside down
      "*3\r\n:0\r\n:16384\r\n*2\r\n$1\r\nx\r\n:1\r\n"  // beyond
      "*3\r\n:-1\r\n:1\r\n*2\r\n$1\r\nx\r\n:1\r\n"     // before
      "*3\r\n:0\r\n:1\r\n*2\r\n$1\r\nx\r\n:65536\r\n"  // no port
      "*2\r\n:0\r\n:1\r\n"                             // nobody
      "*3\r\n:0\r\n:1\r\n*1\r\n$1\r\nx\r\n"            // half of somebody
      "$5\r\nrange\r\n");
  ASSERT_EQ(reader.next(), ReplyReader::Status::Reply);
  const std::vector<SlotRange> ranges = parse_slots(reader.reply(), kAsked);
  ASSERT_EQ(ranges.size(), 2u);
  EXPECT_EQ(ranges[0].first, 0u);
  EXPECT_EQ(ranges[0].last, 100u);
  EXPECT_EQ(ranges[0].master, (RedisAddress{"127.0.0.1", 7001, ""}));
  EXPECT_EQ(ranges[1].last, 16383u);
  EXPECT_EQ(ranges[1].master, (RedisAddress{"10.0.0.9", 7003, ""}));
  reader.feed("-ERR This instance has cluster support disabled\r\n");
  ASSERT_EQ(reader.next(), ReplyReader::Status::Reply);
  EXPECT_TRUE(parse_slots(reader.reply(), kAsked).empty());
}

}  // namespace
}  // namespace usher::cache
