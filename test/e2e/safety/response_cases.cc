#include "safety/response_cases.h"

#include "safety/request_cases.h"  // raw()

namespace e2e {
namespace {

// What an answer must not be taken for.
constexpr const char* kSmuggledAnswer = "HTTP/1.1 299 Smuggled\r\nContent-Length: 0\r\n\r\n";

std::string ok_head(const std::string& fields, const std::string& body = "") {
  return "HTTP/1.1 200 OK\r\n" + fields + "\r\n" + body;
}

std::string of_status(const std::string& status_line) {
  return status_line + "\r\nContent-Length: 0\r\n\r\n";
}

ResponseCase refused_answer(std::string row, std::string bytes) {
  return {.row = std::move(row), .bytes = std::move(bytes), .fate = Fate::Refused};
}

ResponseCase refused_length(std::string row, const std::string& value) {
  return refused_answer(std::move(row), ok_head("Content-Length:" + value + "\r\n", "abc"));
}

ResponseCase refused_coding(std::string row, const std::string& value) {
  return refused_answer(std::move(row),
                        ok_head("Transfer-Encoding:" + value + "\r\n", "3\r\nabc\r\n0\r\n\r\n"));
}

ResponseCase refused_status(std::string row, const std::string& status_line) {
  return refused_answer(std::move(row), of_status(status_line));
}

ResponseCase cut_chunks(std::string row, const std::string& body) {
  return {.row = std::move(row),
          .bytes = ok_head("Transfer-Encoding: chunked\r\n", body + kSmuggledAnswer),
          .fate = Fate::Cut};
}

ResponseCase cut_by_end(std::string row, std::string bytes) {
  return {
      .row = std::move(row), .bytes = std::move(bytes), .fate = Fate::Cut, .owner_closes = true};
}

ResponseCase passed(std::string row, std::string bytes, std::string consumer) {
  return {.row = std::move(row),
          .bytes = std::move(bytes),
          .fate = Fate::Passed,
          .consumer = std::move(consumer)};
}

ResponseCase passed_last(std::string row, std::string bytes, std::string consumer) {
  ResponseCase example = passed(std::move(row), std::move(bytes), std::move(consumer));
  example.fate = Fate::PassedLast;
  return example;
}

ResponseCase to_head(ResponseCase example) {
  example.method = "HEAD";
  return example;
}

ResponseCase behind_interims(std::vector<std::string> interims, ResponseCase example) {
  example.interims = std::move(interims);
  return example;
}

ResponseCase behind_which_owner_closes(ResponseCase example) {
  example.fate = Fate::PassedLast;
  example.owner_closes = true;
  return example;
}

std::string ok(const std::string& fields, const std::string& body = "") {
  return "HTTP/1.1 200 OK\r\n" + fields + "\r\n" + body;
}

std::vector<ResponseCase> refused_status_lines() {
  return {
      refused_status("status 20", "HTTP/1.1 20 OK"),
      refused_status("status 000", "HTTP/1.1 000 OK"),
      refused_status("status 099", "HTTP/1.1 099 OK"),
      refused_status("status 600", "HTTP/1.1 600 OK"),
      refused_status("status 999", "HTTP/1.1 999 OK"),
      refused_status("status 2000", "HTTP/1.1 2000 OK"),
      refused_status("status 0200", "HTTP/1.1 0200 OK"),
      refused_status("status of letters", "HTTP/1.1 2xx OK"),
      refused_status("signed status", "HTTP/1.1 +20 OK"),
      refused_status("no status", "HTTP/1.1 OK"),
      refused_status("version alone", "HTTP/1.1"),
      refused_status("two spaces before the status", "HTTP/1.1  200 OK"),
      refused_status("tab before the status", "HTTP/1.1\t200 OK"),
      refused_status("tab behind the status", "HTTP/1.1 200\tOK"),
      refused_status("HTTP 2 0", "HTTP/2.0 200 OK"),
      refused_status("HTTP 2", "HTTP/2 200 OK"),
      refused_status("HTTP 1 2", "HTTP/1.2 200 OK"),
      refused_status("HTTP 1 10", "HTTP/1.10 200 OK"),
      refused_status("lower case version", "http/1.1 200 OK"),
      refused_status("RTSP", "RTSP/1.0 200 OK"),
      refused_status("ICE", "ICE/1.0 200 OK"),
      refused_status("ICY", "ICY 200 OK"),
      refused_status("space before the status line", " HTTP/1.1 200 OK"),
      refused_status("request instead of an answer", "GET /x/1 HTTP/1.1\r\nHost: a"),
      refused_answer("HTTP 0 9", "hello\r\n\r\n"),
      refused_answer("empty line before the head", "\r\n" + ok_head("Content-Length: 0\r\n")),
      refused_answer("bare LF before the head", "\n" + ok_head("Content-Length: 0\r\n")),
      refused_answer("bare LF after the status line", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n"),
      refused_answer("two CRs in the status line",
                     "HTTP/1.1 200 OK\r\r\nContent-Length: 0\r\n\r\n"),
      refused_answer("CR and a byte in the status line",
                     "HTTP/1.1 200 OK\rX\r\nContent-Length: 0\r\n\r\n"),
      refused_answer("NUL in the reason", raw("HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n")),
      refused_answer("101 that nobody asked for", "HTTP/1.1 101 Switching Protocols\r\n\r\n"),
      refused_answer("101 with an upgrade",
                     "HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"),
  };
}

std::vector<ResponseCase> refused_fields() {
  return {
      refused_answer("bare LF as end of head", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\n"),
      refused_answer("bare LF after a value", ok_head("X: a\nContent-Length: 0\r\n")),
      refused_answer("bare CR in a value", ok_head("X: a\rContent-Length: 0\r\n")),
      refused_answer("bare CR that splits an answer",
                     ok_head("X: a\r\rSet-Cookie: b=c\r\nContent-Length: 0\r\n")),
      refused_answer("NUL in a value", raw("HTTP/1.1 200 OK\r\nX: a\0b\r\n\r\n")),
      refused_answer("DEL in a value", ok_head("X: \x7f\r\nContent-Length: 0\r\n")),
      refused_answer("folded line", ok_head("X: a\r\n b\r\nContent-Length: 0\r\n")),
      refused_answer("folded line that hides a length",
                     ok_head("X: a\r\n Content-Length: 3\r\nContent-Length: 0\r\n", "abc")),
      refused_answer("space before the first field", ok_head(" X: a\r\nContent-Length: 0\r\n")),
      refused_answer("empty name", ok_head(": v\r\nContent-Length: 0\r\n")),
      refused_answer("line without a colon", ok_head("X\r\nContent-Length: 0\r\n")),
      refused_answer("space before the colon", ok_head("Content-Length : 3\r\n", "abc")),
      refused_answer("space in a name", ok_head("X y: 1\r\nContent-Length: 0\r\n")),
      refused_answer("obs text in a name", ok_head("X\xe4: 1\r\nContent-Length: 0\r\n")),
      refused_answer("Connection names Content Length",
                     ok_head("Connection: content-length\r\nContent-Length: 3\r\n", "abc")),
      refused_answer("Connection option that is no token",
                     ok_head("Connection: a b\r\nContent-Length: 3\r\n", "abc")),
      refused_answer("head too large", ok_head("X: " + std::string(40'000, 'x') + "\r\n")),
      refused_answer("head that never ends", "HTTP/1.1 200 OK\r\nX: " + std::string(40'000, 'x')),
  };
}

std::vector<ResponseCase> refused_lengths() {
  return {
      refused_answer("Content Length then Transfer Encoding",
                     ok_head("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
      refused_answer("Transfer Encoding then Content Length",
                     ok_head("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n")),
      refused_answer("two Content Lengths",
                     ok_head("Content-Length: 3\r\nContent-Length: 3\r\n", "abc")),
      refused_answer("two different Content Lengths",
                     ok_head("Content-Length: 0\r\nContent-Length: 3\r\n", "abc")),
      refused_answer("Transfer Encoding on HTTP 1 0",
                     "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
      refused_answer(
          "chunked in two lines",
          ok_head("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n")),
      refused_answer("204 with a malformed length", "HTTP/1.1 204 X\r\nContent-Length: x\r\n\r\n"),
      refused_answer("304 with two lengths",
                     "HTTP/1.1 304 X\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
      refused_length("list of Content Lengths", " 3, 3"),
      refused_length("negative Content Length", " -1"),
      refused_length("Content Length with plus", " +3"),
      refused_length("hexadecimal Content Length", " 0x3"),
      refused_length("empty Content Length", ""),
      refused_length("Content Length with an underscore in it", " 1_0"),
      refused_length("Content Length with a space inside", " 3 4"),
      refused_length("Content Length of 2 to the 64 less 1", " 18446744073709551615"),
      refused_length("Content Length of 2 to the 64 and 3", " 18446744073709551619"),
      refused_coding("empty Transfer Encoding", ""),
      refused_coding("gzip", " gzip"),
      refused_coding("identity", " identity"),
      refused_coding("gzip before chunked", " gzip, chunked"),
      refused_coding("chunked before gzip", " chunked, gzip"),
      refused_coding("chunked twice", " chunked, chunked"),
      refused_coding("chunked with a parameter", " chunked;q=1"),
      refused_coding("comma before chunked", " ,chunked"),
      refused_coding("xchunked", " xchunked"),
      refused_coding("VT before chunked",
                     " \x0b"
                     "chunked"),
      refused_coding("NBSP before chunked",
                     " \xa0"
                     "chunked"),
  };
}

std::vector<ResponseCase> refused_interims() {
  std::string flood;
  for (int i = 0; i < 100; ++i) flood += "HTTP/1.1 102 Processing\r\n\r\n";
  return {
      refused_answer("flood of interim answers", flood + of_status("HTTP/1.1 200 OK")),
      refused_answer("100 with a body", "HTTP/1.1 100 Continue\r\nContent-Length: 3\r\n\r\nabc" +
                                            of_status("HTTP/1.1 200 OK")),
      refused_answer("100 with a chunked body",
                     "HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
                         of_status("HTTP/1.1 200 OK")),
      refused_answer("malformed head behind an interim one",
                     "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 20 OK\r\n\r\n"),
      refused_answer("two lengths in an interim head",
                     "HTTP/1.1 103 X\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n" +
                         of_status("HTTP/1.1 200 OK")),
  };
}

// Answers without a body, whatever they announce.
std::vector<ResponseCase> bodyless_answers() {
  const std::string no_content = "HTTP/1.1 204 No Content\r\n\r\n";
  const std::string length = "Content-Length: 3\r\n";
  const std::string coding = "Transfer-Encoding: chunked\r\n";
  return {
      passed("204", "HTTP/1.1 204 X\r\n\r\n", no_content),
      passed("204 with length 0", "HTTP/1.1 204 X\r\nContent-Length: 0\r\n\r\n", no_content),
      passed_last("204 with a length", "HTTP/1.1 204 X\r\n" + length + "\r\n", no_content),
      passed_last("204 with a body", "HTTP/1.1 204 X\r\n" + length + "\r\nabc", no_content),
      passed_last("204 with an answer as its body",
                  "HTTP/1.1 204 X\r\nContent-Length: 44\r\n\r\n" + std::string(kSmuggledAnswer),
                  no_content),
      passed_last("204 chunked", "HTTP/1.1 204 X\r\n" + coding + "\r\n", no_content),
      passed_last("204 with a chunked body", "HTTP/1.1 204 X\r\n" + coding + "\r\n0\r\n\r\n",
                  no_content),
      passed("304", "HTTP/1.1 304 X\r\nETag: \"1\"\r\n\r\n",
             "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n"),
      passed("304 with a length", "HTTP/1.1 304 X\r\n" + length + "\r\n",
             "HTTP/1.1 304 Not Modified\r\n" + length + "\r\n"),
      passed_last("304 with a body", "HTTP/1.1 304 X\r\n" + length + "\r\nabc",
                  "HTTP/1.1 304 Not Modified\r\n" + length + "\r\n"),
      passed("304 chunked", "HTTP/1.1 304 X\r\n" + coding + "\r\n",
             "HTTP/1.1 304 Not Modified\r\n\r\n"),
      passed_last("304 with a chunked body", "HTTP/1.1 304 X\r\n" + coding + "\r\n0\r\n\r\n",
                  "HTTP/1.1 304 Not Modified\r\n\r\n"),
      to_head(passed("HEAD with a length", ok_head(length), ok(length))),
      to_head(passed("HEAD without a length", ok_head(""), ok(""))),
      to_head(passed("HEAD chunked", ok_head(coding), ok(""))),
      to_head(passed_last("HEAD with a body", ok_head(length, "abc"), ok(length))),
      to_head(passed_last("HEAD with an answer as its body",
                          ok_head("Content-Length: 44\r\n", kSmuggledAnswer),
                          ok("Content-Length: 44\r\n"))),
      passed("100 with a length", "HTTP/1.1 100 X\r\n" + length + "\r\n" + ok_head(length, "abc"),
             ok("", "abc")),
      behind_interims(
          {"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"},
          passed("interim answers",
                 "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" +
                     ok_head(length, "abc"),
                 ok("", "abc"))),
      behind_interims(
          {"HTTP/1.1 102 Processing\r\nX: y\r\n\r\n"},
          passed("hop by hop fields of an interim answer end here",
                 "HTTP/1.1 102 \xe4Set-Cookie: a=b\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\n"
                 "Keep-Alive: timeout=9\r\nUpgrade: h2c\r\nTrailer: X\r\nx-internal-a: 1\r\n"
                 "Transfer_Encoding: chunked\r\nX: y\r\n\r\n" +
                     ok_head(length, "abc"),
                 ok("", "abc"))),
  };
}

}  // namespace

std::vector<ResponseCase> refused_answers() {
  std::vector<ResponseCase> cases;
  for (const auto& more :
       {refused_status_lines(), refused_fields(), refused_lengths(), refused_interims()}) {
    cases.insert(cases.end(), more.begin(), more.end());
  }
  std::string many;
  for (int i = 0; i < 130; ++i) many += "X-" + std::to_string(i) + ": 1\r\n";
  cases.push_back(refused_answer("too many fields", ok_head(many)));
  return cases;
}

std::vector<ResponseCase> cut_answers() {
  const std::string end = "\r\n0\r\n\r\n";
  return {
      cut_chunks("chunk size of 17 digits", "00000000000000003\r\nabc" + end),
      cut_chunks("chunk size of all bits", "ffffffffffffffff\r\nabc" + end),
      cut_chunks("chunk size with 0x", "0x3\r\nabc" + end),
      cut_chunks("chunk size with plus", "+3\r\nabc" + end),
      cut_chunks("space before the chunk size", " 3\r\nabc" + end),
      cut_chunks("space behind the chunk size", "3 \r\nabc" + end),
      cut_chunks("no chunk size", "\r\nabc" + end),
      cut_chunks("chunk size ended by LF", "3\nabc" + end),
      cut_chunks("chunk size ended by CR", "3\rXabc" + end),
      cut_chunks("chunk extension ended by LF", "3;a\nabc" + end),
      cut_chunks("chunk extension ended by CR", "3;a=b\rX\nabc" + end),
      cut_chunks("NUL in a chunk extension", raw("3;a\0\r\nabc") + end),
      cut_chunks("chunk line too long", "3;" + std::string(300, 'a') + "\r\nabc" + end),
      cut_chunks("chunk data without CRLF", "3\r\nabcXX0\r\n\r\n"),
      cut_chunks("chunk data ended by LF", "3\r\nabc\n0\r\n\r\n"),
      cut_chunks("chunk data one byte longer", "3\r\nabcd" + end),
      cut_chunks("chunk data one byte shorter", "4\r\nabc" + end),
      cut_chunks("last chunk and LF", "3\r\nabc\r\n0\r\n\n"),
      cut_chunks("Content Length as a trailer", "3\r\nabc\r\n0\r\nContent-Length: 3\r\n\r\n"),
      cut_chunks("Transfer Encoding as a trailer",
                 "3\r\nabc\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n"),
      cut_chunks("Host as a trailer", "3\r\nabc\r\n0\r\nHost: b\r\n\r\n"),
      cut_chunks("folded trailer", "3\r\nabc\r\n0\r\nX: a\r\n b\r\n\r\n"),
      cut_chunks("trailer without a colon", "3\r\nabc\r\n0\r\nX\r\n\r\n"),
      cut_chunks("trailer ended by LF", "3\r\nabc\r\n0\r\nX: a\n\r\n"),
      cut_chunks("NUL in a trailer", raw("3\r\nabc\r\n0\r\nX: a\0\r\n\r\n")),
      cut_by_end("end within a length", ok_head("Content-Length: 4\r\n", "abc")),
      cut_by_end("end before a length", ok_head("Content-Length: 4\r\n")),
      cut_by_end("end within a chunk", ok_head("Transfer-Encoding: chunked\r\n", "4\r\nabc")),
      cut_by_end("end behind a chunk", ok_head("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n")),
      cut_by_end("end within the last chunk",
                 ok_head("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\n")),
  };
}

std::vector<ResponseCase> passed_answers() {
  const std::string length = "Content-Length: 3\r\n";
  const std::string coding = "Transfer-Encoding: chunked\r\n";
  const std::string chunks = "1\r\na\r\n0002;x=\"y\"\r\nbc\r\n0\r\n\r\n";
  std::vector<ResponseCase> cases = {
      passed("length", ok_head("X: y\r\n" + length, "abc"), ok("X: y\r\n", "abc")),
      passed("length with leading zeros", ok_head("Content-Length: 003\r\n", "abc"), ok("", "abc")),
      passed("chunks", ok_head(coding, chunks), ok("", "abc")),
      passed("chunked in any case", ok_head("transfer-encoding:\tCHUNKED \r\n", chunks),
             ok("", "abc")),
      passed("trailers that are metadata",
             ok_head("Connection: X-Hop\r\n" + coding,
                     "3\r\nabc\r\n0\r\nX:y\r\nSet-Cookie: a=b\r\nx-internal-a: 1\r\nX_Y: 1\r\n"
                     "X-Hop: 1\r\nServer-Timing: \t db \r\n\r\n"),
             ok("", "abctrailer X: y\r\ntrailer Server-Timing: db\r\n")),
      behind_which_owner_closes(
          passed("until the connection ends", ok_head("", "abc"), ok("", "abc"))),
      behind_which_owner_closes(passed("until the connection ends on HTTP 1 0",
                                       "HTTP/1.0 200 OK\r\n\r\nabc", ok("", "abc"))),
      passed_last("HTTP 1 0", "HTTP/1.0 200 OK\r\n" + length + "\r\nabc", ok("", "abc")),
      passed("HTTP 1 0 kept alive",
             "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n" + length + "\r\nabc", ok("", "abc")),
      passed_last("Connection close and a tab", ok_head("Connection: close\t\r\n" + length, "abc"),
                  ok("", "abc")),
      passed("reason is not copied", "HTTP/1.1 200 \xe4Set-Cookie: a=b\r\n" + length + "\r\nabc",
             ok("", "abc")),
      passed("no reason", "HTTP/1.1 200\r\n" + length + "\r\nabc", ok("", "abc")),
      passed("unknown status", "HTTP/1.1 599 X\r\n" + length + "\r\nabc",
             "HTTP/1.1 599 \r\n\r\nabc"),
      passed("hop by hop fields end here",
             ok_head("Connection: X-Hop\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\nUpgrade: h2c\r\n"
                     "Proxy-Authenticate: a\r\nTrailer: X\r\nX: y\r\n" +
                         length,
                     "abc"),
             ok("X: y\r\n", "abc")),
      passed("aliases of framing and of Usher end here",
             ok_head("Transfer_Encoding: chunked\r\ncontent_length: 9\r\nx_internal_a: 1\r\n"
                     "x-internal-b: 1\r\nsome_name: 1\r\n" +
                         length,
                     "abc"),
             ok("some_name: 1\r\n", "abc")),
      passed_last("answer behind an answer", ok_head(length, "abc" + std::string(kSmuggledAnswer)),
                  ok("", "abc")),
      passed_last("answer behind chunks", ok_head(coding, chunks + kSmuggledAnswer), ok("", "abc")),
      passed_last("byte behind an answer", ok_head(length, "abcd"), ok("", "abc")),
      passed_last("CRLF behind an answer", ok_head(length, "abc\r\n"), ok("", "abc")),
      passed("answer as a body", ok_head("Content-Length: 44\r\n", kSmuggledAnswer),
             ok("", kSmuggledAnswer)),
  };
  const std::vector<ResponseCase> more = bodyless_answers();
  cases.insert(cases.end(), more.begin(), more.end());
  return cases;
}

}  // namespace e2e
