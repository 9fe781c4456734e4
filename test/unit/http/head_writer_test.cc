#include "http/head_writer.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <string>

namespace usher::http {
namespace {

TEST(HeadWriterTest, WritesARequest) {
  char buffer[256];
  HeadWriter writer(buffer);
  writer.request_line("POST", "/a?b=c");
  writer.field("Host", "order:3005");
  writer.trusted_field("Empty", "");
  writer.field("Content-Length", std::numeric_limits<std::uint64_t>::max());
  writer.end();
  ASSERT_TRUE(writer.ok());
  EXPECT_EQ(writer.view(),
            "POST /a?b=c HTTP/1.1\r\nHost: order:3005\r\nEmpty: \r\nContent-Length: "
            "18446744073709551615\r\n\r\n");
}

TEST(HeadWriterTest, WritesAResponse) {
  char buffer[64];
  HeadWriter writer(buffer);
  writer.status_line(404);
  writer.end();
  ASSERT_TRUE(writer.ok());
  EXPECT_EQ(writer.view(), "HTTP/1.1 404 Not Found\r\n\r\n");
}

TEST(HeadWriterTest, UnknownStatusHasNoPhrase) {
  char buffer[64];
  HeadWriter writer(buffer);
  writer.status_line(599);
  EXPECT_EQ(writer.view(), "HTTP/1.1 599 \r\n");
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(0), "");
}

// Too small by any number of bytes: nothing behind the buffer is touched, and ok() tells.
TEST(HeadWriterTest, NeverWritesBehindItsBuffer) {
  const auto write = [](HeadWriter& writer) {
    writer.request_line("GET", "/x");
    writer.status_line(200);
    writer.field("A", "b");
    writer.field("C", std::uint64_t{12345});
    writer.end();
  };
  std::array<char, 128> buffer;
  HeadWriter whole(buffer);
  write(whole);
  ASSERT_TRUE(whole.ok());
  const std::size_t size = whole.view().size();
  for (std::size_t room = 0; room <= size; ++room) {
    buffer.fill('#');
    HeadWriter writer(std::span<char>(buffer).first(room));
    write(writer);
    EXPECT_EQ(writer.ok(), room == size);
    for (std::size_t i = room; i < buffer.size(); ++i) ASSERT_EQ(buffer[i], '#') << room;
  }
}

TEST(HeadWriterTest, RefusesInjection) {
  const auto field_ok = [](std::string_view value) {
    char buffer[64];
    HeadWriter writer(buffer);
    writer.field("X", value);
    writer.end();
    return writer.ok();
  };
  EXPECT_TRUE(field_ok("a\tb \xe4"));
  for (const std::string_view value :
       {std::string_view("a\r\nB: c"), std::string_view("a\nb"), std::string_view("a\rb"),
        std::string_view("a\0b", 3), std::string_view("\x7f"), std::string_view("\x1b[0m")}) {
    EXPECT_FALSE(field_ok(value)) << value;
  }
  const auto line_ok = [](std::string_view method, std::string_view target) {
    char buffer[64];
    HeadWriter writer(buffer);
    writer.request_line(method, target);
    return writer.ok();
  };
  EXPECT_TRUE(line_ok("GET", "/x"));
  EXPECT_FALSE(line_ok("GET", ""));
  EXPECT_FALSE(line_ok("GET", "/x HTTP/1.1"));
  EXPECT_FALSE(line_ok("GET", "/x\ty"));
  EXPECT_FALSE(line_ok("GET", "/x\r\nHost: b"));
  EXPECT_FALSE(line_ok("GE T", "/x"));
  EXPECT_FALSE(line_ok("", "/x"));
}

TEST(HeadWriterTest, RefusesAStatusThatIsNone) {
  for (const int status : {0, 99, 1000, -1}) {
    char buffer[64];
    HeadWriter writer(buffer);
    writer.status_line(status);
    EXPECT_FALSE(writer.ok()) << status;
  }
}

TEST(HeadWriterTest, ChunkHeaders) {
  char buffer[18];
  const auto header = [&buffer](std::uint64_t size) {
    return std::string(buffer, write_chunk_header(size, buffer));
  };
  EXPECT_EQ(header(0), "0\r\n");
  EXPECT_EQ(header(8000), "1f40\r\n");
  EXPECT_EQ(header(std::numeric_limits<std::uint64_t>::max()), "ffffffffffffffff\r\n");
}

}  // namespace
}  // namespace usher::http
