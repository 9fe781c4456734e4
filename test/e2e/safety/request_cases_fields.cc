// Field names, Content-Length and Transfer-Encoding.
#include "safety/request_cases.h"

namespace e2e {
namespace {

RequestCase length_refused(std::string row, const std::string& value) {
  return refused(std::move(row), post_with("Content-Length:" + value + "\r\n", "abc"));
}

RequestCase coding_refused(std::string row, const std::string& value) {
  return refused(std::move(row), post_with("Transfer-Encoding:" + value + "\r\n",
                                           "3\r\nabc\r\n0\r\n\r\n" + std::string(kSmuggled)));
}

RequestCase length_passes(std::string row, const std::string& value) {
  return forwarded(std::move(row), post_with("Content-Length:" + value + "\r\n", "abc"),
                   {posted("Content-Length: 3\r\n", "abc")});
}

RequestCase name_refused(std::string row, const std::string& field) {
  return refused(std::move(row), get_with(field + "\r\n"));
}

// Both directions of every pair that one server frames by the one field and the next by the other.
std::vector<RequestCase> smuggling_cases() {
  const std::string smuggled = kSmuggled;
  const std::string as_chunk = "0\r\n\r\n" + smuggled;
  const std::string size = std::to_string(as_chunk.size());
  return {
      refused(
          "Content Length then Transfer Encoding",
          post_with("Content-Length: " + size + "\r\nTransfer-Encoding: chunked\r\n", as_chunk)),
      refused(
          "Transfer Encoding then Content Length",
          post_with("Transfer-Encoding: chunked\r\nContent-Length: " + size + "\r\n", as_chunk)),
      refused("Content Length 0 then Transfer Encoding",
              post_with("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", as_chunk)),
      refused("Transfer Encoding and Content Length on GET",
              get_with("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
                       "25\r\n" + smuggled + "\r\n0\r\n\r\n")),
      refused("Content Length and chunked of HTTP 1 0",
              "POST /x/1 HTTP/1.0\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc"),
      refused("Transfer Encoding on HTTP 1 0",
              "POST /x/1 HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + as_chunk),
      refused("Transfer Encoding on HTTP 1 0 kept alive",
              "POST /x/1 HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n" +
                  as_chunk),
      refused("two Content Lengths",
              post_with("Content-Length: 3\r\nContent-Length: 3\r\n", "abc" + smuggled)),
      refused("two different Content Lengths",
              post_with("Content-Length: 3\r\nContent-Length: 0\r\n", "abc" + smuggled)),
      refused("two different Content Lengths the other way",
              post_with("Content-Length: 0\r\nContent-Length: 3\r\n", "abc" + smuggled)),
      refused("Content Length in upper and lower case",
              post_with("CONTENT-LENGTH: 3\r\ncontent-length: 0\r\n", "abc" + smuggled)),
      refused("empty Transfer Encoding and Content Length",
              post_with("Transfer-Encoding:\r\nContent-Length: 3\r\n", "abc")),
      refused("Content Length and empty Transfer Encoding",
              post_with("Content-Length: 3\r\nTransfer-Encoding:\r\n", "abc")),
      refused("identity and Content Length",
              post_with("Transfer-Encoding: identity\r\nContent-Length: 3\r\n", "abc")),
      refused("two Transfer Encodings",
              post_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: "
                        "chunked\r\n",
                        as_chunk)),
      refused("identity and chunked in two lines",
              post_with("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", as_chunk)),
      refused("chunked and identity in two lines",
              post_with("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", as_chunk)),
      refused("chunked and a cow in two lines",
              post_with("Transfer-Encoding: chunked\r\nTransfer-encoding: cow\r\n", as_chunk)),
      refused("empty and chunked in two lines",
              post_with("Transfer-Encoding:\r\nTransfer-Encoding: chunked\r\n", as_chunk)),
      forwarded("request in a body of known length",
                post_with("Content-Length: " + std::to_string(smuggled.size()) + "\r\n", smuggled),
                {posted("Content-Length: " + std::to_string(smuggled.size()) + "\r\n", smuggled)}),
      forwarded("request in the body of a GET",
                get_with("Content-Length: " + std::to_string(smuggled.size()) + "\r\n", smuggled),
                {got("Content-Length: " + std::to_string(smuggled.size()) + "\r\n") + smuggled}),
      forwarded("request in a chunk", chunked("25\r\n" + smuggled + "\r\n0\r\n\r\n"),
                {posted("Transfer-Encoding: chunked\r\n", smuggled)}),
  };
}

}  // namespace

std::vector<RequestCase> name_cases() {
  std::vector<RequestCase> cases = {
      name_refused("space before the colon", "X : 3"),
      name_refused("tab before the colon", "X\t: 3"),
      name_refused("space in a name", "X y: 1"),
      name_refused("empty name", ": v"),
      name_refused("name of a space", " : v"),
      name_refused("colon alone", ":"),
      name_refused("line without a colon", "X"),
      name_refused("obs text in a name", "X\xe4: a"),
      name_refused("fullwidth letters in a name", "\xef\xbc\xa8ost: a"),
      name_refused("soft hyphen in a name", "Transfer\xc2\xad-Encoding: chunked"),
      refused("no colon behind Content Length", post_with("Content-Length 3\r\n", "abc")),
      refused("space before the colon of Content Length",
              post_with("Content-Length : 3\r\n", "abc")),
      refused("tab before the colon of Transfer Encoding",
              post_with("Transfer-Encoding\t: chunked\r\n", "0\r\n\r\n")),
      refused("space before the colon of Transfer Encoding",
              post_with("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")),
      refused("space inside Transfer Encoding",
              post_with("Transfer- Encoding: chunked\r\n", "0\r\n\r\n")),
      name_refused("Transfer Encoding with an underscore", "Transfer_Encoding: chunked"),
      name_refused("Content Length with an underscore", "Content_Length: 3"),
      name_refused("tenant with underscores", "X_Tenant_ID: t"),
      name_refused("user with an underscore", "X-User_ID: u"),
      name_refused("trace with an underscore", "X_Trace-ID: t"),
      name_refused("internal signature with underscores", "x_internal_signature: s"),
      name_refused("internal name with one underscore", "x-internal_service: s"),
      name_refused("service token with underscores", "X_SERVICE_TOKEN: s"),
      name_refused("calling service with underscores", "X_Calling_Service: s"),
      forwarded("other names with an underscore are dropped",
                get_with("some_name: 1\r\n_: 1\r\nHost_: b\r\nX: y\r\n"), {got("X: y\r\n")}),
      forwarded(
          "names of Usher alone are dropped",
          get_with("x-internal-service: evil\r\nX-Internal-Anything: 1\r\nX-Service-Token: t\r\n"
                   "X-Calling-Service: evil\r\nx-signature: s\r\nX: y\r\n"),
          {got("X: y\r\n")}),
      forwarded("names of all tokens pass", get_with("!#$%&'*+-.^`|~9aZ: 1\r\n"),
                {got("!#$%&'*+-.^`|~9aZ: 1\r\n")}),
      forwarded("values are trimmed and not changed",
                get_with("A:1\r\nB: \t 2 \t\r\nC:\r\nD: :x:\r\nE: a  b\r\n"),
                {got("A: 1\r\nB: 2\r\nC: \r\nD: :x:\r\nE: a  b\r\n")}),
  };
  for (const char c : std::string("\"(),/;<=>?@[\\]{}")) {
    cases.push_back(name_refused("byte " + std::to_string(static_cast<int>(c)) + " in a name",
                                 std::string("X") + c + ": 1"));
  }
  std::string many;
  for (int i = 0; i < 130; ++i) many += "X-" + std::to_string(i) + ": 1\r\n";
  cases.push_back(refused("too many fields", get_with(many), 431, "HEADERS_TOO_LARGE"));
  return cases;
}

std::vector<RequestCase> length_cases() {
  std::vector<RequestCase> cases = {
      length_refused("list of Content Lengths", " 3, 3"),
      length_refused("list of different Content Lengths", " 3, 0"),
      length_refused("Content Length with a comma", " 3,"),
      length_refused("Content Length behind a comma", " ,3"),
      length_refused("Content Length with plus", " +3"),
      length_refused("negative Content Length", " -1"),
      length_refused("negative zero Content Length", " -0"),
      length_refused("hexadecimal Content Length", " 0x3"),
      length_refused("octal Content Length", " 0o3"),
      length_refused("Content Length with an exponent", " 3e0"),
      length_refused("Content Length with a point", " 3.0"),
      length_refused("Content Length with an underscore in it", " 1_0"),
      length_refused("Content Length with a thousands separator", " 1'0"),
      length_refused("quoted Content Length", " \"3\""),
      length_refused("Content Length of letters", " abc"),
      length_refused("Content Length and letters", " 3abc"),
      length_refused("empty Content Length", ""),
      length_refused("Content Length of blanks", " \t "),
      length_refused("Content Length with a space inside", " 3 4"),
      length_refused("Content Length with a parameter", " 3;"),
      length_refused("Content Length of 2 to the 53", " 9007199254740992"),
      length_refused("Content Length of 2 to the 64 less 1", " 18446744073709551615"),
      length_refused("Content Length of 2 to the 64 and 3", " 18446744073709551619"),
      length_refused("Content Length of 20 digits", " 00000000000000000003"),
      length_refused("Content Length of a thousand digits", " " + std::string(1000, '0') + "3"),
      length_refused("Arabic digit as Content Length", " \xd9\xa3"),
      length_refused("fullwidth digit as Content Length", " \xef\xbc\x93"),
      length_refused("superscript behind Content Length", " 3\xb2"),
      length_refused("NBSP before Content Length",
                     " \xa0"
                     "3"),
      length_refused("VT before Content Length",
                     " \x0b"
                     "3"),
      length_passes("Content Length without white space", "3"),
      length_passes("Content Length in blanks", " \t 3 "),
      length_passes("Content Length with leading zeros", " 003"),
      forwarded("Content Length 0", post_with("Content-Length: 0\r\n", kNext),
                {posted("Content-Length: 0\r\n", ""), got("", "/x/next")}),
      forwarded("no length", post_with("", kNext),
                {posted("Content-Length: 0\r\n", ""), got("", "/x/next")}),
      coding_refused("empty Transfer Encoding", ""),
      coding_refused("Transfer Encoding of blanks", " \t"),
      coding_refused("gzip before chunked", " gzip, chunked"),
      coding_refused("comma before chunked", " ,chunked"),
      coding_refused("gzip and a space before chunked", " gzip ,chunked"),
      coding_refused("identity", " identity"),
      coding_refused("identity before chunked", " identity, chunked"),
      coding_refused("gzip", " gzip"),
      coding_refused("xchunked", " xchunked"),
      coding_refused("chunkedx", " chunkedx"),
      coding_refused("chunke", " chunke"),
      coding_refused("x chunked", " x chunked"),
      coding_refused("chunked x", " chunked x"),
      coding_refused("chunked with a parameter", " chunked;q=1"),
      coding_refused("quoted chunked", " \"chunked\""),
      coding_refused("chunked in single quotes", " 'chunked'"),
      coding_refused("chunked before gzip", " chunked, gzip"),
      coding_refused("chunked before identity", " chunked, identity"),
      coding_refused("chunked twice in a line", " chunked, chunked"),
      coding_refused("chunked and a comma", " chunked,"),
      coding_refused("chunked behind a colon", ": chunked"),
      coding_refused("chunked behind an equals sign", " =chunked"),
      coding_refused("VT before chunked",
                     " \x0b"
                     "chunked"),
      coding_refused("form feed before chunked",
                     " \x0c"
                     "chunked"),
      coding_refused("VT behind chunked", " chunked\x0b"),
      coding_refused("NBSP before chunked",
                     " \xa0"
                     "chunked"),
      coding_refused("NBSP behind chunked", " chunked\xa0"),
      coding_refused("chunked with a Kelvin sign",
                     " chun\xe2\x84\xaa"
                     "ed"),
      coding_refused("DEL behind chunked", " chunked\x7f"),
      coding_refused("bare CR before chunked", " \rchunked"),
      coding_refused("bare LF before chunked", " \nchunked"),
      coding_refused("folded line before chunked", "\r\n chunked"),
      coding_refused("folded line behind chunked", " chunked\r\n x"),
      forwarded("chunked in any case and white space",
                post_with("tRANSFER-eNCODING:\tChUnKeD \r\n", "3\r\nabc\r\n0\r\n\r\n"),
                {posted("Transfer-Encoding: chunked\r\n", "abc")}),
      forwarded("chunked without white space",
                post_with("Transfer-Encoding:chunked\r\n", "3\r\nabc\r\n0\r\n\r\n"),
                {posted("Transfer-Encoding: chunked\r\n", "abc")}),
      forwarded(
          "codings in other fields mean nothing",
          post_with("TE: chunked\r\nX-Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "abc"),
          {posted("X-Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "abc")}),
  };
  const std::vector<RequestCase> more = smuggling_cases();
  cases.insert(cases.end(), more.begin(), more.end());
  return cases;
}

}  // namespace e2e
