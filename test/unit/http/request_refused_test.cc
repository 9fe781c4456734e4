// Requests that must be refused, each of them accepted by some server in use (and many by
// llhttp 8.1).
#include <vector>

#include "unit/http/http_cases.h"

namespace usher::http {
namespace {

struct Case {
  const char* name;
  std::string bytes;
  ErrorCode code = ErrorCode::BadRequest;
};

// With a Host, so that the named fault is the only one.
std::string with(std::string_view fields) {
  return "GET /x HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n";
}
std::string line(std::string_view text) {
  return std::string(text) + "\r\nHost: a\r\n\r\n";
}
std::string target(std::string_view text) {
  return line("GET " + std::string(text) + " HTTP/1.1");
}
std::string host(std::string_view text) {
  return "GET /x HTTP/1.1\r\nHost: " + std::string(text) + "\r\n\r\n";
}

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      // Line ends and control bytes.
      {"bare CR in a value", with("X: a\rb\r\n")},
      {"bare CR hides Transfer-Encoding", with("x:x\rTransfer-Encoding: chunked\r\n")},
      {"empty value ended by CR (CVE-2023-30589)", with("X:\rTransfer-Encoding: chunked\r\n")},
      {"CR and another byte as end of head", "GET /x HTTP/1.1\r\nHost: a\r\n\rX"},
      {"bare LF after a value", with("X: a\n")},
      {"bare LF after Content-Length", with("Content-Length: 3\n")},
      {"bare LF after Transfer-Encoding", with("Transfer-Encoding: chunked\n")},
      {"bare LF after Connection", with("Connection: close\n")},
      {"bare LF after Upgrade", with("Upgrade: h2c\n")},
      {"bare LF after an empty value", with("X:\n")},
      {"bare LF after the request line", "GET /x HTTP/1.1\nHost: a\r\n\r\n"},
      {"bare LF as end of head", "GET /x HTTP/1.1\r\nHost: a\r\n\n"},
      {"NUL in a value", bytes_of("GET /x HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n")},
      {"CTL in a value", with("X: a\x01"
                              "b\r\n")},
      {"VT in a value", with("X: a\x0b"
                             "b\r\n")},
      {"DEL in a value", with("X: a\x7f\r\n")},
      {"NUL in a name", bytes_of("GET /x HTTP/1.1\r\nHost: a\r\nX\0: a\r\n\r\n")},
      {"NUL in the target", bytes_of("GET /\0 HTTP/1.1\r\nHost: a\r\n\r\n")},
      {"DEL in the target", target("/\x7f")},
      {"obs-text in a name", with("X\xe4: a\r\n")},
      {"obs-text in Host", host("\xe4")},
      {"obs-text in Content-Length", with("Content-Length: 3\xb2\r\n")},
      {"obs-text in Transfer-Encoding", with("Transfer-Encoding: chunked\xa0\r\n")},
      {"obs-text in Connection", with("Connection: clos\xe9\r\n")},
      {"obs-text in the tenant", with("X-Tenant-ID: t\xe4\r\n")},
      {"obs-text in the user", with("X-User-ID: u\xe4\r\n")},
      {"obs-text in the trace", with("X-Trace-ID: t\xe4\r\n")},
      {"obs-text in traceparent", with("traceparent: 00-\xe4\r\n")},
      // Folding.
      {"obs-fold", with("X: a\r\n b\r\n")},
      {"obs-fold by tab", with("X: a\r\n\tb\r\n")},
      {"obs-fold on Transfer-Encoding", with("Transfer-Encoding:\r\n chunked\r\n")},
      {"obs-fold on Content-Length", with("Content-Length:\r\n 3\r\n")},
      {"folded line behind Host (CVE-2024-27982)", with(" Content-Length: 3\r\n")},
      {"space before the first field", "GET /x HTTP/1.1\r\n Host: a\r\n\r\n"},
      {"space before the request line", " " + with("")},
      // Names.
      {"space before the colon of Content-Length", with("Content-Length : 3\r\n")},
      {"tab before the colon of Transfer-Encoding", with("Transfer-Encoding\t: chunked\r\n")},
      {"space before the colon", with("X : 3\r\n")},
      {"space in a name", with("X y: 1\r\n")},
      {"empty name", with(": v\r\n")},
      {"parenthesis in a name", with("X(): v\r\n")},
      {"line without a colon", with("X\r\n")},
      {"Transfer-Encoding with an underscore", with("Transfer_Encoding: chunked\r\n")},
      {"Content-Length with an underscore", with("content_length: 3\r\n")},
      {"protected name with underscores", with("X_Internal_Signature: a\r\n")},
      {"protected name with one underscore", with("x-internal_service: a\r\n")},
      {"tenant with underscores", with("X_Tenant_ID: a\r\n")},
      {"user with an underscore", with("X-User_ID: a\r\n")},
      {"trace with an underscore", with("X_Trace-ID: a\r\n")},
      {"signing field with underscores", with("X_Service_Token: a\r\n")},
      // Request line.
      {"no version", line("GET /x")},
      {"HTTP 0.9", "GET /x\r\n\r\n"},
      {"no version but a body", "GET /x\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"},
      {"HTTP 2.0", line("GET /x HTTP/2.0")},
      {"HTTP 1.2", line("GET /x HTTP/1.2")},
      {"HTTP 1.10", line("GET /x HTTP/1.10")},
      {"lower-case version", line("GET /x http/1.1")},
      {"space behind the version", line("GET /x HTTP/1.1 ")},
      {"RTSP", line("GET /x RTSP/1.0")},
      {"ICE", line("SOURCE /x ICE/1.0")},
      {"HTTP 2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {"unknown method", line("BREW /x HTTP/1.1")},
      {"lower-case method", line("get /x HTTP/1.1")},
      {"two spaces behind the method", line("GET  /x HTTP/1.1")},
      {"two spaces before the version", line("GET /x  HTTP/1.1")},
      {"tab behind the method", line("GET\t/x HTTP/1.1")},
      {"space in the target", line("GET /x y HTTP/1.1")},
      {"no target", line("GET HTTP/1.1")},
      {"empty target", line("GET  HTTP/1.1")},
      {"two empty lines in front", "\r\n\r\n" + with("")},
      {"bare LF in front", "\n" + with("")},
      // Body length.
      {"two Content-Lengths", with("Content-Length: 3\r\nContent-Length: 3\r\n")},
      {"two different Content-Lengths", with("Content-Length: 3\r\nContent-Length: 4\r\n")},
      {"list of Content-Lengths", with("Content-Length: 3, 3\r\n")},
      {"Content-Length with plus", with("Content-Length: +3\r\n")},
      {"negative Content-Length", with("Content-Length: -1\r\n")},
      {"hexadecimal Content-Length", with("Content-Length: 0x3\r\n")},
      {"empty Content-Length (CVE-2023-40225)", with("Content-Length:\r\n")},
      {"Content-Length of 2 to the 64", with("Content-Length: 18446744073709551616\r\n")},
      {"Content-Length of 2 to the 64 less 1", with("Content-Length: 18446744073709551615\r\n")},
      {"Content-Length of 2 to the 53", with("Content-Length: 9007199254740992\r\n")},
      {"Content-Length of 20 digits", with("Content-Length: 00000000000000000003\r\n")},
      {"Content-Length with a space inside", with("Content-Length: 3 4\r\n")},
      {"Content-Length with a parameter", with("Content-Length: 3;\r\n")},
      {"Content-Length then Transfer-Encoding",
       with("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n")},
      {"Transfer-Encoding then Content-Length",
       with("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n")},
      {"empty Transfer-Encoding", with("Transfer-Encoding:\r\n")},
      {"empty Transfer-Encoding and Content-Length",
       with("Transfer-Encoding:\r\nContent-Length: 3\r\n")},
      {"gzip before chunked", with("Transfer-Encoding: gzip, chunked\r\n")},
      {"comma before chunked", with("Transfer-Encoding: ,chunked\r\n")},
      {"gzip and a space before chunked", with("Transfer-Encoding: gzip ,chunked\r\n")},
      {"identity and chunked in two lines",
       with("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n")},
      {"identity", with("Transfer-Encoding: identity\r\n")},
      {"xchunked", with("Transfer-Encoding: xchunked\r\n")},
      {"chunked with a parameter", with("Transfer-Encoding: chunked;q=1\r\n")},
      {"quoted chunked", with("Transfer-Encoding: \"chunked\"\r\n")},
      {"chunked before gzip", with("Transfer-Encoding: chunked, gzip\r\n")},
      {"chunked twice in a line", with("Transfer-Encoding: chunked, chunked\r\n")},
      {"chunked and a comma", with("Transfer-Encoding: chunked,\r\n")},
      {"chunked in two lines",
       with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")},
      {"VT before chunked", with("Transfer-Encoding: \x0b"
                                 "chunked\r\n")},
      {"Transfer-Encoding on HTTP 1.0 (CVE-2026-2835)",
       "POST /x HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"},
      // Host.
      {"no Host", "GET /x HTTP/1.1\r\n\r\n"},
      {"two Hosts", with("Host: a\r\n")},
      {"two Hosts on HTTP 1.0", "GET /x HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"},
      {"Host with a space", host("a b")},
      {"Host with userinfo", host("u@a")},
      {"Host with a path", host("a/x")},
      {"Host with a comma", host("a,b")},
      {"Host with a bad port", host("a:8x")},
      {"Host with a port out of range", host("a:65536")},
      {"empty Host", host("")},
      // Target.
      {"absolute-form that is not Host", target("http://b/x")},
      {"absolute-form with another port", target("http://a:81/x")},
      {"absolute-form with userinfo", target("http://u@a/x")},
      {"https", target("https://a/x")},
      {"file", target("file:///x")},
      {"absolute-form without authority", target("http:///x")},
      {"absolute-form with a query but no path", target("http://a?x")},
      {"asterisk for GET", target("*")},
      {"fragment", target("/x#y")},
      {"two slashes in front", target("//evil/x")},
      {"backslash", target("/x\\y")},
      {"quote in the target", target("/\"")},
      {"angle brackets in the target", target("/<>")},
      {"braces in the target", target("/{}")},
      {"caret in the target", target("/^")},
      {"bar in the query", target("/?a|b")},
      {"square bracket in the path", target("/a[]")},
      {"obs-text in the target", target("/\xe4")},
      {"tab in the target", target("/a\tb")},
      {"FF in the target", target("/a\x0c"
                                  "b")},
      {"dot segment", target("/a/./b")},
      {"dot-dot segment", target("/a/../b")},
      {"dot-dot at the end", target("/a/..")},
      {"dot-dot before the query", target("/a/..?x")},
      {"escaped dot-dot", target("/a/%2e%2E/b")},
      {"half-escaped dot-dot", target("/a/.%2e/b")},
      {"dot-dot and escaped slash", target("/a/..%2Fb")},
      {"dot-dot and escaped backslash", target("/a/..%5cb")},
      {"dot-dot and semicolon", target("/a/..;/b")},
      {"NUL escape", target("/a%00")},
      {"NUL escape in the query", target("/a?%00")},
      {"broken escape", target("/a%2")},
      {"escape without digits", target("/a%zz")},
      {"broken escape in the query", target("/a?%2")},
      {"CONNECT", "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"},
      {"CONNECT without a port", line("CONNECT a HTTP/1.1")},
      {"CONNECT with a path", line("CONNECT /x HTTP/1.1")},
      {"authority-form for GET", target("a:80")},
      // Fields.
      {"upgrade to websocket", with("Connection: Upgrade\r\nUpgrade: websocket\r\n")},
      {"upgrade among others",
       with("Connection: x, upgrade\r\nUpgrade: h2c, foo/2\r\nUpgrade: TLS/1.0\r\n")},
      {"upgrade to h2", with("Connection: upgrade\r\nUpgrade: h2\r\n")},
      {"unknown expectation", with("Expect: 200-ok\r\n")},
      {"Connection names Host (CVE-2024-45410)", with("Connection: close, Host\r\n")},
      {"Connection names Content-Length", with("Connection: content-length\r\n")},
      {"Connection names a signature field", with("Connection: x-internal-signature\r\n")},
      {"Connection names the tenant", with("Connection: X-Tenant-ID\r\n")},
      {"Connection names the tenant with underscores", with("Connection: X_Tenant_ID\r\n")},
      {"Connection names Authorization", with("Connection: authorization\r\n")},
      {"Connection names X-Forwarded-For (CVE-2022-31813)",
       with("Connection: x-forwarded-for\r\n")},
      {"connection option with a space", with("Connection: a b\r\n")},
      {"17 connection options", with("Connection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\r\n")},
      // Bounds.
      {"head too large", with("X: " + std::string(32 * 1024, 'x') + "\r\n"),
       ErrorCode::HeadersTooLarge},
      {"target too long", target("/" + std::string(8 * 1024, 'x')), ErrorCode::HeadersTooLarge},
  };
  return all;
}

class RequestRefused : public testing::TestWithParam<Case> {};

TEST_P(RequestRefused, WithItsCode) {
  RequestHead head;
  const Status status = read_request(GetParam().bytes, head);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, GetParam().code) << status.error().detail;
  EXPECT_FALSE(status.error().detail.empty());
}

// The scanner's verdict must not hang on how the bytes arrive; where it finds no fault, nor must
// the head's length.
TEST_P(RequestRefused, ByTheScannerHoweverItIsCut) {
  const std::string& bytes = GetParam().bytes;
  std::size_t scanned = 0;
  const auto whole = find_head_end(bytes, scanned);
  const auto same = [&whole](const Result<std::size_t>& other) {
    return whole ? other && *other == *whole
                 : !other && other.error().detail == whole.error().detail;
  };
  if (bytes.size() > 2000) return;
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    scanned = 0;
    auto verdict = find_head_end(std::string_view(bytes).substr(0, cut), scanned);
    if (verdict && *verdict == 0) verdict = find_head_end(bytes, scanned);
    EXPECT_TRUE(same(verdict)) << "cut at " << cut;
  }
  scanned = 0;
  Result<std::size_t> verdict = std::size_t{0};
  for (std::size_t size = 0; size <= bytes.size() && verdict && *verdict == 0; ++size) {
    verdict = find_head_end(std::string_view(bytes).substr(0, size), scanned);
  }
  EXPECT_TRUE(same(verdict)) << "byte by byte";
}

INSTANTIATE_TEST_SUITE_P(Table, RequestRefused, testing::ValuesIn(cases()),
                         [](const auto& param) { return test_name(param.param.name); });

TEST(RequestRefusedTest, TooManyFields) {
  std::string fields;
  for (int i = 0; i < 127; ++i) fields += "X: y\r\n";
  RequestHead head;
  EXPECT_TRUE(read_request(with(fields), head));
  const Status status = read_request(with(fields + "X: y\r\n"), head);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().code, ErrorCode::HeadersTooLarge);

  HeadLimits limits;
  limits.field_count = 3;
  EXPECT_TRUE(read_request(with("A: 1\r\nB: 2\r\n"), head, limits));
  EXPECT_FALSE(read_request(with("A: 1\r\nB: 2\r\nC: 3\r\n"), head, limits));
}

// Exactly the bytes of a token may stand in a name.
TEST(RequestRefusedTest, EveryByteThatIsNoToken) {
  constexpr std::string_view kPunctuation = "!#$%&'*+-.^_`|~";
  for (int i = 0; i < 256; ++i) {
    const char c = static_cast<char>(i);
    const bool token =
        i < 128 && (std::isalnum(i) != 0 || kPunctuation.find(c) != std::string::npos);
    RequestHead head;
    for (const std::string& name : {std::string(1, c), 'X' + std::string(1, c),
                                    c + std::string("X"), "Content-Lengt" + std::string(1, c)}) {
      if (c == ':') continue;  // ends the name
      EXPECT_EQ(read_request(with(name + ": 1\r\n"), head).has_value(), token) << name;
    }
  }
}

TEST(RequestRefusedTest, EveryStrayByteInAValue) {
  for (int i = 0; i < 256; ++i) {
    RequestHead head;
    const bool allowed = i == '\t' || (i >= 0x20 && i != 0x7f);
    EXPECT_EQ(read_request(with("X: a" + std::string(1, static_cast<char>(i)) + "b\r\n"), head)
                  .has_value(),
              allowed)
        << i;
  }
}

}  // namespace
}  // namespace usher::http
