// Responses: what passes, what is read from it, and what is refused.
#include <vector>

#include "unit/http/http_cases.h"

namespace usher::http {
namespace {

std::string ok_with(std::string_view fields) {
  return "HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n";
}
std::string line(std::string_view text) {
  return std::string(text) + "\r\nContent-Length: 0\r\n\r\n";
}

struct Refused {
  const char* name;
  std::string bytes;
};

const std::vector<Refused>& refused() {
  static const std::vector<Refused> all = {
      {"bare LF after the status line", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n"},
      {"bare LF as end of head", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\n"},
      {"two CRs in the status line", "HTTP/1.1 200 OK\r\r\nContent-Length: 0\r\n\r\n"},
      {"bare CR in the status line", "HTTP/1.1 200 OK\rX\r\nContent-Length: 0\r\n\r\n"},
      {"bare LF after a value", ok_with("X: a\n")},
      {"obs-fold", ok_with("X: a\r\n b\r\n")},
      {"NUL in the reason", bytes_of("HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n")},
      {"empty line in front", "\r\n" + ok_with("Content-Length: 0\r\n")},
      {"status 20", line("HTTP/1.1 20 OK")},
      {"status 000", line("HTTP/1.1 000 OK")},
      {"status 099", line("HTTP/1.1 099 OK")},
      {"status 600", line("HTTP/1.1 600 OK")},
      {"status 999", line("HTTP/1.1 999 OK")},
      {"status 2000", line("HTTP/1.1 2000 OK")},
      {"status of letters", line("HTTP/1.1 2xx OK")},
      {"signed status", line("HTTP/1.1 +20 OK")},
      {"no status", line("HTTP/1.1 ")},
      {"two spaces before the status", line("HTTP/1.1  200 OK")},
      {"tab behind the status", line("HTTP/1.1 200\tOK")},
      {"HTTP 2.0", line("HTTP/2.0 200 OK")},
      {"HTTP 1.2", line("HTTP/1.2 200 OK")},
      {"HTTP 0.9", "hello\r\n\r\n"},
      {"RTSP", line("RTSP/1.0 200 OK")},
      {"ICE", line("ICE/1.0 200 OK")},
      {"lower-case version", line("http/1.1 200 OK")},
      {"switching protocols", line("HTTP/1.1 101 Switching Protocols")},
      {"switching protocols as asked",
       "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"},
      {"gzip", ok_with("Transfer-Encoding: gzip\r\n")},
      {"gzip before chunked", ok_with("Transfer-Encoding: gzip, chunked\r\n")},
      {"empty Transfer-Encoding", ok_with("Transfer-Encoding:\r\n")},
      {"chunked in two lines",
       ok_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {"Transfer-Encoding then Content-Length",
       ok_with("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n")},
      {"Content-Length then Transfer-Encoding",
       ok_with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")},
      {"Transfer-Encoding on HTTP 1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {"two Content-Lengths", ok_with("Content-Length: 3\r\nContent-Length: 3\r\n")},
      {"two different Content-Lengths", ok_with("Content-Length: 3\r\nContent-Length: 4\r\n")},
      {"list of Content-Lengths", ok_with("Content-Length: 3, 3\r\n")},
      {"negative Content-Length", ok_with("Content-Length: -1\r\n")},
      {"empty Content-Length", ok_with("Content-Length:\r\n")},
      {"Content-Length of 2 to the 64 less 1", ok_with("Content-Length: 18446744073709551615\r\n")},
      {"204 with a malformed Content-Length", "HTTP/1.1 204 X\r\nContent-Length: x\r\n\r\n"},
      {"space before the colon", ok_with("Content-Length : 3\r\n")},
      {"empty name", ok_with(": v\r\n")},
      {"line without a colon", ok_with("X\r\n")},
      {"DEL in a value", ok_with("X: \x7f\r\n")},
      {"head too large", ok_with("X: " + std::string(32 * 1024, 'x') + "\r\n")},
      {"Connection names Content-Length",
       ok_with("Connection: content-length\r\nContent-Length: 3\r\n")},
  };
  return all;
}

class ResponseRefused : public testing::TestWithParam<Refused> {};

TEST_P(ResponseRefused, AsUpstreamProtocol) {
  ResponseHead head;
  const Status status = read_response(GetParam().bytes, Method::Get, head);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::UpstreamProtocol) << status.error().detail;
  EXPECT_FALSE(status.error().detail.empty());
}

INSTANTIATE_TEST_SUITE_P(Table, ResponseRefused, testing::ValuesIn(refused()),
                         [](const auto& param) { return test_name(param.param.name); });

struct Accepted {
  const char* name;
  std::string bytes;
  Method method;
  int status;
  Framing framing;
  std::uint64_t content_length;
  bool keep_alive;
};

const std::vector<Accepted>& accepted() {
  constexpr Framing kNone = Framing::None;
  constexpr Framing kLength = Framing::ContentLength;
  static const std::vector<Accepted> all = {
      {"with a length", ok_with("Content-Length: 3\r\n"), Method::Get, 200, kLength, 3, true},
      {"chunked", ok_with("Transfer-Encoding: Chunked \r\n"), Method::Get, 200, Framing::Chunked, 0,
       true},
      {"until close", ok_with(""), Method::Get, 200, Framing::UntilClose, 0, false},
      {"until close with keep-alive", ok_with("Connection: keep-alive\r\n"), Method::Get, 200,
       Framing::UntilClose, 0, false},
      {"without a phrase", line("HTTP/1.1 200 "), Method::Get, 200, kLength, 0, true},
      {"without a space", line("HTTP/1.1 200"), Method::Get, 200, kLength, 0, true},
      {"obs-text in the phrase", line("HTTP/1.1 404 nicht gef\xfcnden"), Method::Get, 404, kLength,
       0, true},
      {"status 599", line("HTTP/1.1 599 x"), Method::Get, 599, kLength, 0, true},
      {"close", ok_with("Content-Length: 3\r\nConnection: close\t\r\n"), Method::Get, 200, kLength,
       3, false},
      {"HTTP 1.0", "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n", Method::Get, 200, kLength, 3,
       false},
      {"HTTP 1.0 kept alive",
       "HTTP/1.0 200 OK\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\n", Method::Get, 200,
       kLength, 3, true},
      {"to HEAD", ok_with("Content-Length: 3\r\n"), Method::Head, 200, kNone, 3, true},
      {"to HEAD chunked", ok_with("Transfer-Encoding: chunked\r\n"), Method::Head, 200, kNone, 0,
       true},
      {"to HEAD without a length", ok_with(""), Method::Head, 200, kNone, 0, true},
      {"304 without a length", "HTTP/1.1 304 X\r\n\r\n", Method::Get, 304, kNone, 0, true},
      {"304 with a length", "HTTP/1.1 304 X\r\nContent-Length: 3\r\n\r\n", Method::Get, 304, kNone,
       3, true},
      {"204", "HTTP/1.1 204 X\r\n\r\n", Method::Get, 204, kNone, 0, true},
      {"204 with length 0", "HTTP/1.1 204 X\r\nContent-Length: 0\r\n\r\n", Method::Get, 204, kNone,
       0, true},
      {"204 with a length", "HTTP/1.1 204 X\r\nContent-Length: 3\r\n\r\n", Method::Get, 204, kNone,
       0, false},
      {"304 chunked", "HTTP/1.1 304 X\r\nTransfer-Encoding: chunked\r\n\r\n", Method::Get, 304,
       kNone, 0, true},
      {"204 chunked", "HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n", Method::Get, 204,
       kNone, 0, false},
      {"100", "HTTP/1.1 100 Continue\r\n\r\n", Method::Post, 100, kNone, 0, true},
      {"100 with a length", "HTTP/1.1 100 X\r\nContent-Length: 3\r\n\r\n", Method::Post, 100, kNone,
       0, false},
      {"103", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", Method::Get, 103, kNone, 0, true},
  };
  return all;
}

class ResponseAccepted : public testing::TestWithParam<Accepted> {};

TEST_P(ResponseAccepted, AndFramed) {
  const Accepted& expected = GetParam();
  ResponseHead head;
  const Status status = read_response(expected.bytes, expected.method, head);
  ASSERT_TRUE(status.has_value()) << status.error().detail;
  EXPECT_EQ(head.status, expected.status);
  EXPECT_EQ(head.framing, expected.framing);
  EXPECT_EQ(head.content_length, expected.content_length);
  EXPECT_EQ(head.keep_alive, expected.keep_alive);
  const bool may_have_length = head.status >= 200 && head.status != 204;  // RFC 9110 §8.6
  EXPECT_EQ(head.has_content_length,
            may_have_length && expected.bytes.find("Content-Length") != std::string::npos);
  EXPECT_EQ(head.http_1_0, expected.bytes.starts_with("HTTP/1.0"));
}

INSTANTIATE_TEST_SUITE_P(Table, ResponseAccepted, testing::ValuesIn(accepted()),
                         [](const auto& param) { return test_name(param.param.name); });

}  // namespace
}  // namespace usher::http
