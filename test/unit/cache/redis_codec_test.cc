#include "cache/redis_codec.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cache/redis_command.h"
#include "unit/cache/redis_support.h"

namespace usher::cache {
namespace {

using Status = ReplyReader::Status;

std::string command(std::initializer_list<std::string_view> args) {
  std::string bytes;
  append_command(bytes, args);
  return bytes;
}

// All replies in `bytes`, fed in pieces; the last one may be "broken".
std::vector<std::string> read_all(ReplyReader& reader, std::string_view bytes, std::size_t piece) {
  std::vector<std::string> replies;
  for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
    reader.feed(bytes.substr(0, piece));
    Status status;
    while ((status = reader.next()) == Status::Reply) replies.push_back(describe(reader.reply()));
    if (status == Status::Broken) {
      replies.push_back("broken");
      return replies;
    }
  }
  return replies;
}

std::vector<std::string> read_all(std::string_view bytes, const ReplyLimits& limits = {}) {
  ReplyReader reader(limits);
  return read_all(reader, bytes, bytes.size());
}

using Texts = std::vector<std::string>;

TEST(RedisCodec, WritesCommands) {
  EXPECT_EQ(command({"GET", "key"}), "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n");
  EXPECT_EQ(command({"SET", "", std::string_view("a\0\r\nb", 5)}),
            std::string("*3\r\n$3\r\nSET\r\n$0\r\n\r\n$5\r\na\0\r\nb\r\n", 30));
}

TEST(RedisCodec, ReadsEveryTypeInAnyPieces) {
  const std::string bytes =
      "+OK\r\n-ERR no\r\n:-12\r\n$4\r\na\r\nb\r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n"
      "*3\r\n:1\r\n*2\r\n$1\r\nx\r\n$-1\r\n+y\r\n";
  const Texts expected = {"+OK", "-ERR no", ":-12", "$a\r\nb",         "$",
                          "nil", "nil",     "[]",   "[:1 [$x nil] +y]"};
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    ReplyReader reader;
    ASSERT_EQ(read_all(reader, bytes, piece), expected) << piece;
  }
}

TEST(RedisCodec, NumbersInStrings) {
  ReplyReader reader;
  reader.feed("*4\r\n$3\r\n-17\r\n$2\r\n1x\r\n$0\r\n\r\n:9223372036854775807\r\n");
  ASSERT_EQ(reader.next(), Status::Reply);
  EXPECT_EQ(reader.reply()[0].integer(), -17);
  EXPECT_EQ(reader.reply()[1].integer(), 0);
  EXPECT_EQ(reader.reply()[2].integer(), 0);
  EXPECT_EQ(reader.reply()[3].integer(), INT64_MAX);
}

TEST(RedisCodec, WhatIsNoReplyBreaksTheReader) {
  for (const std::string bytes : {
           "HTTP/1.1 400 Bad Request\r\n\r\n",
           ">2\r\n+a\r\n+b\r\n",  // RESP3
           "$3\r\nabcXY",         // what ends it is not its line's end
           "$3\r\nabc\nX",
           "*-5\r\n",
           "$-5\r\n",
           "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n",
           "\r\n",
       }) {
    EXPECT_EQ(read_all(bytes), Texts{"broken"}) << bytes;
    EXPECT_EQ(read_all(":1\r\n" + bytes), (Texts{":1", "broken"})) << bytes;
  }
}

TEST(RedisCodec, ABrokenReaderStaysSoUntilReset) {
  ReplyReader reader;
  EXPECT_EQ(read_all(reader, "x", 1), Texts{"broken"});
  EXPECT_EQ(read_all(reader, ":1\r\n", 1), Texts{"broken"});
  reader.reset();
  EXPECT_EQ(read_all(reader, ":1\r\n", 1), Texts{":1"});
}

TEST(RedisCodec, ReplyBytesAreBounded) {
  const ReplyLimits limits{1000, 100};
  const std::string fits = "$900\r\n" + std::string(900, 'x') + "\r\n";
  ReplyReader reader(limits);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(read_all(reader, fits, 100)[0][0], '$') << "of each reply";

  const std::string too_long = "$2000\r\n" + std::string(2000, 'x') + "\r\n";
  EXPECT_EQ(read_all(reader, too_long, 100), Texts{"broken"});
  EXPECT_LT(reader.held_bytes(), 4000u);

  for (const std::string& endless :
       {"$2147483648\r\n" + std::string(2000, 'x'), "+" + std::string(2000, 'x'),
        std::string(2000, '1'), "*100\r\n" + std::string(500, 'x')}) {
    ReplyReader fresh(limits);
    EXPECT_EQ(read_all(fresh, endless, 100), Texts{"broken"});
  }
  std::string many = "*60\r\n";
  for (int i = 0; i < 60; ++i) many += "$30\r\n" + std::string(30, 'x') + "\r\n";
  ReplyReader fresh(limits);
  EXPECT_EQ(read_all(fresh, many, 100), Texts{"broken"}) << "of its elements together";
}

TEST(RedisCodec, ElementsAreBoundedInAll) {
  const ReplyLimits limits{1 << 20, 1000};
  EXPECT_EQ(read_all("*1001\r\n", limits), Texts{"broken"});
  EXPECT_EQ(read_all("*1073741825\r\n", limits), Texts{"broken"});
  EXPECT_EQ(read_all("*4294967297\r\n", limits), Texts{"broken"});
  std::string nested = "*20\r\n";
  for (int i = 0; i < 20; ++i) nested += "*50\r\n";
  EXPECT_EQ(read_all(nested, limits), Texts{"broken"});
  std::string enough = "*1000\r\n";
  for (int i = 0; i < 1000; ++i) enough += ":1\r\n";
  ReplyReader reader(limits);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(read_all(reader, enough, 7)[0][0], '[') << "of each reply";
}

TEST(RedisCommand, RefusalsAreKnown) {
  for (const char* error :
       {"OOM command not allowed when used memory > 'maxmemory'.", "READONLY You can't write",
        "LOADING Redis is loading", "MASTERDOWN Link with MASTER is down", "NOAUTH Authentication",
        "WRONGPASS invalid", "NOPERM this user", "MISCONF Redis is configured to save",
        "CLUSTERDOWN The cluster is down", "ERR max number of clients reached",
        "BUSY Redis is busy running a script", "NOREPLICAS Not enough good replicas"}) {
    EXPECT_TRUE(is_refusal(error)) << error;
  }
  for (const char* error : {"NOSCRIPT No matching script", "WRONGTYPE Operation against a key",
                            "ERR unknown command", "MOVED 1 127.0.0.1:1", "", "OOMX"}) {
    EXPECT_FALSE(is_refusal(error)) << error;
  }
}

}  // namespace
}  // namespace usher::cache
