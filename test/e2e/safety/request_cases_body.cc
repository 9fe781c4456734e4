// Chunked bodies; what belongs to a connection and what follows a call on it.
#include "safety/request_cases.h"

namespace e2e {
namespace {

RequestCase chunk_refused(std::string row, const std::string& body) {
  return refused_in_body(std::move(row), chunked(body + kSmuggled));
}

RequestCase chunk_passes(std::string row, const std::string& body, const std::string& decoded) {
  return forwarded(std::move(row), chunked(body),
                   {posted("Transfer-Encoding: chunked\r\n", decoded)});
}

std::vector<RequestCase> upgrade_cases() {
  return {
      refused("upgrade to websocket",
              get_with("Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
                       kSmuggled)),
      refused("upgrade to h2", get_with("Connection: upgrade\r\nUpgrade: h2\r\n")),
      refused("upgrade to one of several",
              get_with("Connection: x, UPGRADE\r\nUpgrade: h2c\r\nUpgrade: websocket\r\n")),
      refused(
          "upgrade with a body",
          post_with("Connection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 3\r\n", "abc")),
      forwarded("offer of h2c",
                get_with("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                         "HTTP2-Settings: AAMAAABkAAQAAP__\r\n",
                         kNext),
                {got(), got("", "/x/next")}),
      forwarded("offer of h2c with a body",
                post_with("Connection: Upgrade\r\nUpgrade: h2c\r\nContent-Length: 3\r\n", "abc"),
                {posted("Content-Length: 3\r\n", "abc")}),
      forwarded("offer of TLS and HTTP",
                get_with("Connection: upgrade\r\nUpgrade: TLS/1.0, HTTP/2.0\r\n"), {got()}),
      forwarded("Upgrade that Connection does not nominate", get_with("Upgrade: websocket\r\n"),
                {got()}),
      forwarded_last("Upgrade on HTTP 1 0",
                     "GET /x/1 HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
                     {got()}),
  };
}

std::vector<RequestCase> nomination_cases() {
  std::vector<RequestCase> cases;
  for (const char* name :
       {"Host", "Content-Length", "Transfer-Encoding", "X-Tenant-ID", "X_Tenant_ID", "X-User-ID",
        "traceparent", "Authorization", "Cookie", "Cache-Control", "x-internal-signature",
        "X-Forwarded-For", "X-Forwarded-Host", "Content-Type"}) {
    cases.push_back(
        refused("Connection names " + std::string(name) +
                    (std::string(name).find('_') == std::string::npos ? "" : " by underscores"),
                get_with("Connection: close, " + std::string(name) + "\r\n")));
  }
  return cases;
}

}  // namespace

std::vector<RequestCase> chunk_cases() {
  const std::string end = "\r\n0\r\n\r\n";
  return {
      chunk_refused("chunk size of 17 digits", "00000000000000003\r\nabc" + end),
      chunk_refused("chunk size over 64 bits", "10000000000000003\r\nabc" + end),
      chunk_refused("chunk size of all bits", "ffffffffffffffff\r\nabc" + end),
      chunk_refused("chunk size over 63 bits", "8000000000000003\r\nabc" + end),
      chunk_refused("chunk size with 0x", "0x3\r\nabc" + end),
      chunk_refused("chunk size with plus", "+3\r\nabc" + end),
      chunk_refused("negative chunk size", "-3\r\nabc" + end),
      chunk_refused("space before the chunk size", " 3\r\nabc" + end),
      chunk_refused("tab before the chunk size", "\t3\r\nabc" + end),
      chunk_refused("space behind the chunk size", "3 \r\nabc" + end),
      chunk_refused("tab behind the chunk size", "3\t\r\nabc" + end),
      chunk_refused("VT behind the chunk size", "3\x0b\r\nabc" + end),
      chunk_refused("NUL behind the chunk size", raw("3\0\r\nabc") + end),
      chunk_refused("underscore in a chunk size", "0_3\r\nabc" + end),
      chunk_refused("quoted chunk size", "\"3\"\r\nabc" + end),
      chunk_refused("chunk size and a letter", "3g\r\nabc" + end),
      chunk_refused("chunk size of a fullwidth digit", "\xef\xbc\x93\r\nabc" + end),
      chunk_refused("no chunk size", "\r\nabc" + end),
      chunk_refused("chunk size ended by LF", "3\nabc" + end),
      chunk_refused("chunk size ended by CR", "3\rXabc" + end),
      chunk_refused("chunk size ended by two CRs", "3\r\r\nabc" + end),
      chunk_refused("chunk extension ended by CR", "3;a\rbabc" + end),
      chunk_refused("chunk extension value ended by CR", "3;a=b\rX\nabc" + end),
      chunk_refused("chunk extension ended by LF", "3;a\nabc" + end),
      chunk_refused("LF in a quoted chunk extension", "3;a=\"\n\"\r\nabc" + end),
      chunk_refused("CRLF in a quoted chunk extension", "3;a=\"\r\n\"\r\nabc" + end),
      chunk_refused("NUL in a chunk extension", raw("3;a\0\r\nabc") + end),
      chunk_refused("empty chunk extension", "3;\r\nabc" + end),
      chunk_refused("space in a chunk extension", "3; a=b\r\nabc" + end),
      chunk_refused("space before a chunk extension", "3 ;a=b\r\nabc" + end),
      chunk_refused("chunk extension without a name", "3;=b\r\nabc" + end),
      chunk_refused("chunk extension without a value", "3;a=\r\nabc" + end),
      chunk_refused("chunk extension with a comma", "3,a\r\nabc" + end),
      chunk_refused("chunk line too long", "3;" + std::string(300, 'a') + "\r\nabc" + end),
      chunk_refused("chunk data without CRLF", "3\r\nabcXX0\r\n\r\n"),
      chunk_refused("chunk data ended by LF", "3\r\nabc\n0\r\n\r\n"),
      chunk_refused("chunk data ended by CR", "3\r\nabc\r0\r\n\r\n"),
      chunk_refused("chunk data ended by two CRs", "3\r\nabc\r\r0\r\n\r\n"),
      chunk_refused("chunk data one byte longer", "3\r\nabcd\r\n0\r\n\r\n"),
      chunk_refused("chunk data two bytes longer", "3\r\nabcde\r\n0\r\n\r\n"),
      chunk_refused("chunk data one byte shorter", "4\r\nabc\r\n0\r\n\r\n"),
      chunk_refused("last chunk ended by LF", "0\n\n"),
      chunk_refused("last chunk and LF", "0\r\n\n"),
      chunk_refused("last chunk and two CRs", "0\r\n\r\r\n"),
      chunk_refused("last chunk and a NUL", raw("0\r\n\0\r\n")),
      chunk_refused("Content Length as a trailer", "0\r\nContent-Length: 3\r\n\r\n"),
      chunk_refused("Transfer Encoding as a trailer", "0\r\nTransfer-Encoding: chunked\r\n\r\n"),
      chunk_refused("Host as a trailer", "0\r\nX: a\r\nhost: b\r\n\r\n"),
      chunk_refused("Content Length as a trailer with an underscore",
                    "0\r\nContent_Length: 3\r\n\r\n"),
      chunk_refused("folded trailer", "0\r\nX: a\r\n b\r\n\r\n"),
      chunk_refused("space before a trailer", "0\r\n X: a\r\n\r\n"),
      chunk_refused("space before a trailers colon", "0\r\nX : a\r\n\r\n"),
      chunk_refused("trailer without a colon", "0\r\nX\r\n\r\n"),
      chunk_refused("trailer without a name", "0\r\n: a\r\n\r\n"),
      chunk_refused("trailer ended by LF", "0\r\nX: a\n\r\n"),
      chunk_refused("NUL in a trailer", raw("0\r\nX: a\0\r\n\r\n")),
      chunk_refused("bare CR in a trailer", "0\r\nX: a\rb\r\n\r\n"),
      chunk_refused("trailers too long", "0\r\nX: " + std::string(9000, 'x') + "\r\n\r\n"),
      refused_in_body("request in front of the trailers end",
                      chunked("0\r\n" + std::string(kSmuggled))),
      chunk_passes("chunk sizes in any case and with zeros",
                   "000A\r\n0123456789\r\na\r\n0123456789\r\n0000\r\n\r\n", "01234567890123456789"),
      chunk_passes("trailers that only a head may say end here",
                   "3\r\nabc\r\n0\r\nAuthorization: a\r\nX-Tenant-ID: t\r\nx-internal-a: 1\r\n"
                   "X_Internal_A: 1\r\nConnection: close\r\nContent-Type: a\r\n\r\n",
                   "abc"),
      chunk_passes("trailers that are metadata",
                   "3\r\nabc\r\n0\r\nX:y\r\nX_Y: 1\r\nServer-Timing: \t db \r\n\r\n",
                   "abctrailer X: y\r\ntrailer Server-Timing: db\r\n"),
      forwarded("trailers that Connection names end here",
                post_with("Connection: X-Hop\r\nTransfer-Encoding: chunked\r\n",
                          "3\r\nabc\r\n0\r\nx-hop: 1\r\nX: y\r\n\r\n"),
                {posted("Transfer-Encoding: chunked\r\n", "abctrailer X: y\r\n")}),
      chunk_passes("chunk extensions end here",
                   "3;a\r\nabc\r\n3;b=c;d=\"e\\\"; \"\r\ndef\r\n0;f\r\n\r\n", "abcdef"),
      chunk_passes("chunks of one byte", "1\r\na\r\n1\r\nb\r\n0\r\n\r\n", "ab"),
      chunk_passes("empty chunked body", "0\r\n\r\n", ""),
      forwarded("chunked body and another call",
                chunked("3\r\nabc\r\n0\r\n\r\n" + std::string(kNext)),
                {posted("Transfer-Encoding: chunked\r\n", "abc"), got("", "/x/next")}),
  };
}

std::vector<RequestCase> connection_cases() {
  std::vector<RequestCase> cases = {
      forwarded("hop by hop fields end here",
                get_with("Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=5\r\n"
                         "TE: gzip\r\nTrailer: X\r\nProxy-Authorization: a\r\nProxy-Connection: "
                         "close\r\nProxy-Authenticate: b\r\nX: y\r\n"),
                {got("X: y\r\n")}),
      forwarded("that trailers are welcome is said anew",
                get_with("Connection: te\r\nTE: gzip;q=0.5, Trailers;q=1, TRAILERS\r\nTE: x\r\n"),
                {got("TE: trailers\r\nConnection: TE\r\n")}),
      forwarded_last("nothing is read behind Connection close",
                     get_with("Connection: close\r\n", kSmuggled), {got()}),
      forwarded_last("nothing is read behind Connection close and a tab",
                     get_with("Connection: close\t\r\n", kSmuggled), {got()}),
      forwarded_last("nothing is read behind Connection close in a list",
                     get_with("Connection: keep-alive, , CLOSE ,\r\n", kSmuggled), {got()}),
      forwarded_last(
          "nothing is read behind Connection close with a body",
          post_with("Connection: close\r\nContent-Length: 3\r\n", "abc" + std::string(kSmuggled)),
          {posted("Content-Length: 3\r\n", "abc")}),
      forwarded("Connection that only begins like close",
                get_with("Connection: closed\r\nX: y\r\n", kNext),
                {got("X: y\r\n"), got("", "/x/next")}),
      refused("Connection option that is no token", get_with("Connection: clo\xe9se\r\n")),
      refused("Connection option with a space", get_with("Connection: a b\r\n")),
      refused("Connection option in quotes", get_with("Connection: \"close\"\r\n")),
      refused("17 Connection options",
              get_with("Connection: a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q\r\n")),
      forwarded("pipelined calls", get_with("", std::string(kNext) + kNext),
                {got(), got("", "/x/next"), got("", "/x/next")}),
      then_refused(forwarded("rubbish behind a call",
                             get_with("", "rubbish\r\n\r\n" + std::string(kSmuggled)), {got()})),
      then_refused(forwarded("body without a length", get_with("", "abc" + std::string(kSmuggled)),
                             {got()})),
      then_refused(forwarded("byte behind a body",
                             post_with("Content-Length: 3\r\n", "abcd" + std::string(kSmuggled)),
                             {posted("Content-Length: 3\r\n", "abc")})),
      refused("nothing is read behind a refusal", get_with("X : y\r\n", kSmuggled)),
      forwarded("Expect 100 continue",
                post_with("Expect: 100-Continue\r\nContent-Length: 3\r\n", "abc"),
                {posted("Content-Length: 3\r\n", "abc")}),
      refused("unknown expectation", post_with("Expect: 200-ok\r\nContent-Length: 3\r\n", "abc")),
      refused("empty expectation", post_with("Expect:\r\nContent-Length: 3\r\n", "abc")),
      refused("obfuscated expectation",
              post_with("Expect: y 100-continue\r\nContent-Length: 3\r\n", "abc")),
      refused("list of expectations",
              post_with("Expect: 100-continue, 100-continue\r\nContent-Length: 3\r\n", "abc")),
      refused("folded expectation",
              post_with("Expect:\r\n 100-continue\r\nContent-Length: 3\r\n", "abc")),
      refused("expectation and underscore",
              post_with("Expect: 100_continue\r\nContent-Length: 3\r\n", "abc")),
      forwarded_last("Expect 100 continue on HTTP 1 0",
                     "POST /x/1 HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc",
                     {posted("Content-Length: 3\r\n", "abc")}),
  };
  for (const auto& more : {upgrade_cases(), nomination_cases()}) {
    cases.insert(cases.end(), more.begin(), more.end());
  }
  return cases;
}

}  // namespace e2e
