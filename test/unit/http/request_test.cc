// Requests that pass, and what is read from them.
#include <vector>

#include "http/head_writer.h"
#include "unit/http/http_cases.h"

namespace usher::http {
namespace {

RequestHead parsed(std::string_view bytes) {
  RequestHead head;
  const Status status = read_request(bytes, head);
  EXPECT_TRUE(status.has_value()) << bytes << status.error().detail;
  return head;
}

TEST(Request, ReadsLineAndFields) {
  const std::string bytes =
      "POST /internal/orders?x=1 HTTP/1.1\r\nHost: order-service:3005\r\nX-Tenant-ID:  t 1 \t\r\n"
      "Content-Length: 5\r\nEmpty:\r\nName: caf\xc3\xa9\r\n\r\nhello";
  const RequestHead head = parsed(bytes);
  EXPECT_EQ(head.method, Method::Post);
  EXPECT_EQ(head.method_name, "POST");
  EXPECT_EQ(head.target, "/internal/orders?x=1");
  EXPECT_EQ(head.host, "order-service:3005");
  EXPECT_TRUE(head.authority.empty());
  EXPECT_EQ(head.framing, Framing::ContentLength);
  EXPECT_EQ(head.content_length, 5U);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.http_1_0);
  ASSERT_EQ(head.fields.size(), 5U);
  EXPECT_EQ(head.fields.find(FieldId::TenantId)->value, "t 1");
  EXPECT_EQ(head.fields.begin()[3].name, "Empty");
  EXPECT_EQ(head.fields.begin()[3].value, "");
  EXPECT_EQ(head.fields.begin()[4].value, "caf\xc3\xa9");
}

TEST(Request, MethodsByNumber) {
  const std::pair<const char*, Method> methods[] = {
      {"GET", Method::Get},         {"HEAD", Method::Head},     {"POST", Method::Post},
      {"PUT", Method::Put},         {"DELETE", Method::Delete}, {"PATCH", Method::Patch},
      {"OPTIONS", Method::Options}, {"TRACE", Method::Other},   {"PROPFIND", Method::Other},
      {"M-SEARCH", Method::Other}};
  for (const auto& [name, method] : methods) {
    const std::string bytes = std::string(name) + " / HTTP/1.1\r\nHost: a\r\n\r\n";
    const RequestHead head = parsed(bytes);
    EXPECT_EQ(head.method, method) << name;
    EXPECT_EQ(head.method_name, name);
    EXPECT_EQ(to_string(method), method == Method::Other ? "other" : name);
  }
}

TEST(Request, OneEmptyLineInFront) {
  const RequestHead head = parsed("\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(head.target, "/x");
}

TEST(Request, Http10) {
  const RequestHead head = parsed("GET /x HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(head.http_1_0);
  EXPECT_FALSE(head.keep_alive);
  EXPECT_TRUE(head.host.empty());
  EXPECT_TRUE(parsed("GET /x HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
}

TEST(Request, KeepAlive) {
  const auto keeps = [](const std::string& connection) {
    return parsed("GET /x HTTP/1.1\r\nHost: a\r\nConnection:" + connection + "\r\n\r\n").keep_alive;
  };
  EXPECT_TRUE(keeps(""));
  EXPECT_TRUE(keeps(" keep-alive"));
  EXPECT_TRUE(keeps(" upgrade, x-foo"));
  EXPECT_TRUE(keeps(" x_foo"));
  EXPECT_FALSE(keeps(" close"));
  EXPECT_FALSE(keeps(" Close\t"));
  EXPECT_FALSE(keeps(" keep-alive,, close ,"));
  EXPECT_FALSE(keeps(" x\r\nConnection: close"));
}

TEST(Request, BodyLengths) {
  const auto framing = [](const std::string& field) {
    const RequestHead head = parsed("POST /x HTTP/1.1\r\nHost: a\r\n" + field + "\r\n");
    return std::pair(head.framing, head.content_length);
  };
  using Pair = std::pair<Framing, std::uint64_t>;
  EXPECT_EQ(framing(""), Pair(Framing::None, 0));
  EXPECT_EQ(framing("Content-Length: 0\r\n"), Pair(Framing::ContentLength, 0));
  EXPECT_EQ(framing("Content-Length: 003\r\n"), Pair(Framing::ContentLength, 3));
  EXPECT_EQ(framing("Content-Length: 3 \r\n"), Pair(Framing::ContentLength, 3));
  EXPECT_EQ(framing("Content-Length: 9007199254740991\r\n"),
            Pair(Framing::ContentLength, 9007199254740991));
  EXPECT_EQ(framing("Content-Length: 0000000000000000003\r\n"), Pair(Framing::ContentLength, 3));
  EXPECT_EQ(framing("Transfer-Encoding: ChUnKeD\r\n"), Pair(Framing::Chunked, 0));
  EXPECT_EQ(framing("Transfer-Encoding: chunked \r\n"), Pair(Framing::Chunked, 0));
  // Of no meaning to anybody; hop_by_hop drops it.
  EXPECT_EQ(framing("Transfer_Encodin: chunked\r\n"), Pair(Framing::None, 0));
}

TEST(Request, ExpectContinue) {
  const auto expects = [](const std::string& fields, const char* version = "1.1") {
    return parsed("POST /x HTTP/" + std::string(version) +
                  "\r\nHost: a\r\nExpect: 100-Continue\r\n" + fields + "\r\n")
        .expect_continue;
  };
  EXPECT_TRUE(expects("Content-Length: 3\r\n"));
  EXPECT_TRUE(expects("Transfer-Encoding: chunked\r\n"));
  EXPECT_FALSE(expects("Content-Length: 0\r\n"));
  EXPECT_FALSE(expects(""));
  EXPECT_FALSE(expects("Content-Length: 3\r\n", "1.0"));
}

// What curl --http2 and Java's client offer, and what Connection does not nominate.
TEST(Request, UpgradesThatAreNoMoreThanAnOfferArePlainRequests) {
  for (const char* fields :
       {"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n",
        "Connection: upgrade\r\nUpgrade: H2C, HTTP/2.0 ,, TLS/1.0\r\n",
        "Connection: upgrade\r\nUpgrade:\r\n", "Connection: upgrade\r\n",
        "Upgrade: websocket\r\n"}) {
    const RequestHead head =
        parsed("GET /x HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n");
    EXPECT_TRUE(head.keep_alive) << fields;
    EXPECT_EQ(head.framing, Framing::None);
  }
  // RFC 9110 §7.8: to be ignored on HTTP/1.0.
  parsed("GET /x HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n");
}

// llhttp is given no say in where names and values begin and end.
TEST(Request, ValuesAreAllThatStandsBehindTheColon) {
  const std::pair<const char*, std::string_view> values[] = {
      {"", ""},       {" ", ""},  {" \t ", ""},       {"a", "a"},        {"  a", "a"},
      {"\ta\t", "a"}, {":", ":"}, {" : a: ", ": a:"}, {"a  b ", "a  b"}, {"\"a\"", "\"a\""}};
  for (const auto& [written, value] : values) {
    const std::string bytes =
        "GET / HTTP/1.1\r\nX:" + std::string(written) + "\r\nHost: a\r\nY:" + written + "\r\n\r\n";
    const RequestHead head = parsed(bytes);
    ASSERT_EQ(head.fields.size(), 3U);
    for (const Field& field : head.fields) {
      EXPECT_EQ(field.value, field.id == FieldId::Host ? "a" : value) << bytes;
    }
  }
}

// A name of nobody's own may have '_' in the place of '-': it ends in hop_by_hop.cc.
TEST(Request, UnderscoresInPlainNames) {
  const RequestHead head =
      parsed("GET / HTTP/1.1\r\nHost: a\r\nCache_Control: no-cache\r\nIf_Match: 1\r\n\r\n");
  EXPECT_EQ(head.fields.size(), 3U);
}

TEST(Request, TargetForms) {
  struct Form {
    const char* line;
    const char* host;
    std::string_view target;
    std::string_view authority;
    bool asterisk = false;
  };
  const Form forms[] = {
      {"GET /", "a", "/", ""},
      {"GET /internal/tickets/7%2F1?a=b&c[]=%5B?", "a", "/internal/tickets/7%2F1?a=b&c[]=%5B?", ""},
      {"GET /.../..a/a../.a", "a", "/.../..a/a../.a", ""},
      {"GET /?..", "a", "/?..", ""},
      {"GET http://a/x?y", "A:80", "/x?y", "a"},
      {"GET HTTP://A:8080/x", "a:8080", "/x", "A:8080"},
      {"GET http://a", "a", "/", "a"},
      {"OPTIONS http://a", "a", "*", "a", true},
      {"OPTIONS *", "a", "*", "", true},
      {"GET /", "[::1]:80", "/", ""},
  };
  for (const Form& form : forms) {
    const std::string bytes =
        std::string(form.line) + " HTTP/1.1\r\nHost: " + form.host + "\r\n\r\n";
    const RequestHead head = parsed(bytes);
    EXPECT_EQ(head.target, form.target) << form.line;
    EXPECT_EQ(head.authority, form.authority) << form.line;
    EXPECT_EQ(head.asterisk, form.asterisk) << form.line;
  }
}

TEST(Request, AHeadReusedKeepsNothing) {
  RequestHead head;
  ASSERT_TRUE(
      read_request("OPTIONS http://a HTTP/1.0\r\nHost: a\r\nContent-Length: 3\r\n\r\n", head));
  ASSERT_TRUE(read_request("GET /x HTTP/1.1\r\nHost: b\r\n\r\n", head));
  EXPECT_EQ(head.framing, Framing::None);
  EXPECT_EQ(head.content_length, 0U);
  EXPECT_FALSE(head.asterisk);
  EXPECT_FALSE(head.http_1_0);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_TRUE(head.authority.empty());
  EXPECT_EQ(head.host, "b");
  EXPECT_EQ(head.fields.size(), 1U);
}

// What passed is written anew, and reads the same again.
TEST(Request, WrittenAndReadAgain) {
  const std::string heads[] = {
      "GET /a?b HTTP/1.1\r\nHost: a\r\nX:   y  z \t\r\nEmpty:\r\n\r\n",
      "\r\nPOST /a%20b HTTP/1.1\r\nhOST:a:1\r\nTransfer-Encoding: Chunked\r\n\r\n",
      "DELETE / HTTP/1.1\r\nHost: [::1]\r\nContent-Length: 007\r\nConnection: close\r\n\r\n",
  };
  for (const std::string& bytes : heads) {
    const RequestHead head = parsed(bytes);
    char buffer[1024];
    HeadWriter writer(buffer);
    writer.request_line(head.method_name, head.target);
    for (const Field& field : head.fields) writer.field(field.name, field.value);
    writer.end();
    ASSERT_TRUE(writer.ok());
    const RequestHead again = parsed(writer.view());
    EXPECT_EQ(again.method_name, head.method_name);
    EXPECT_EQ(again.target, head.target);
    EXPECT_EQ(again.framing, head.framing);
    EXPECT_EQ(again.content_length, head.content_length);
    EXPECT_EQ(again.keep_alive, head.keep_alive);
    ASSERT_EQ(again.fields.size(), head.fields.size());
    for (std::size_t i = 0; i < head.fields.size(); ++i) {
      EXPECT_EQ(again.fields.begin()[i].name, head.fields.begin()[i].name);
      EXPECT_EQ(again.fields.begin()[i].value, head.fields.begin()[i].value);
      EXPECT_EQ(again.fields.begin()[i].id, head.fields.begin()[i].id);
    }
  }
}

}  // namespace
}  // namespace usher::http
